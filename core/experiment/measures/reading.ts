/**
 * What a finished net can be asked besides its evaluations: its accuracy on changed test images or on
 * those that it was trained on, something about its weights, or what another form of it says. A cell's record keeps every answer
 * under its question, so that each is asked once, and a measure that needs another one is taken from
 * the checkpoint later.
 */
import type { Change } from "../../data/change.ts";
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
  | { readonly reading: "folding"; readonly images: number };

/** The name of a reading in a record. */
export function readingKey(reading: Reading): string {
  return canonicalJson(reading);
}
