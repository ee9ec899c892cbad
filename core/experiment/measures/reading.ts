/**
 * What a finished net can be asked besides its evaluations: its accuracy on changed test images or on
 * those that it was trained on, what it says of attacked ones, something about its weights, or what
 * another form of it says. A cell's record keeps every answer under its question, so that each is
 * asked once, and a measure that needs another one is taken from the checkpoint later.
 */
import type { Change } from "../../data/change.ts";
import { type Attack, brief } from "../../train/attack.ts";
import type { Line } from "../../train/linearity.ts";
import { canonicalJson } from "../records/canonical.ts";

/** A question to a finished net whose answer is a number. */
export type Reading =
  /** Accuracy on the first `images` test images, changed or as they are. */
  | { readonly reading: "accuracy"; readonly change: Change | null; readonly images: number }
  /** Accuracy on all images that it was trained on, under the labels that it was told. */
  | { readonly reading: "training accuracy" }
  /** Share of a layer's filters that are edge detectors, of the first weights or the last. */
  | {
    readonly reading: "edge filters";
    readonly layer: string;
    readonly at: "start" | "end";
  }
  /** How far the net's logits move when it is folded, on the first `images` test images. */
  | { readonly reading: "folding"; readonly images: number }
  | AttackReading
  | LinearityReading;

/** Something about the first `images` test images after an attack, or as they are. */
export interface AttackReading {
  readonly reading: "attack";
  readonly attack: Attack | null;
  readonly images: number;
  readonly what: AttackNumber;
}

/**
 * `accuracy`. The mean confidence in the answers: in those that an attack made wrong (`fooled
 * confidence`), in all wrong ones, in the right ones. Of the images that are not of the class which
 * an attack aims at, the share that is taken for it (`reached`), and the mean confidence in these.
 * `one class`: the largest share of the images that is taken for one and the same class.
 */
export type AttackNumber =
  | "accuracy"
  | "fooled confidence"
  | "wrong confidence"
  | "right confidence"
  | "reached"
  | "reached confidence"
  | "one class";

/** The median over the first `images` test images of how straight a line is (train/linearity.ts). */
export interface LinearityReading extends Line {
  readonly reading: "linearity";
  readonly images: number;
}

/** The name of a reading in a record. */
export function readingKey(reading: Reading): string {
  const attack = reading.reading === "attack" && reading.attack;
  return canonicalJson(attack ? { ...reading, attack: brief(attack) } : reading);
}
