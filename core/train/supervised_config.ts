/** What supervised training is declared by, and what it learns from. */
import type { Weights } from "../nn/initialisers.ts";
import type { Layer } from "../nn/layers.ts";
import type { Optimiser } from "../optim/optimisers.ts";
import type { Adversary } from "./adversary.ts";
import type { ImageStore } from "./image_store.ts";
import type { Virtual } from "./virtual.ts";

/** A loss of an image that is not the softmax cross-entropy. */
export type Loss = "hinge";

/** What the programs depend on. */
export interface SupervisedConfig {
  readonly net: readonly Layer[];
  /** Where the weights of layers start that declare nothing themselves. */
  readonly weights?: Weights | undefined;
  readonly optimiser: Optimiser;
  /** Images per step. */
  readonly batch: number;
  /** Of an image; the softmax cross-entropy if left out. */
  readonly loss?: Loss | undefined;
  /** By how much the parameters are drawn to 0; not at all if left out. */
  readonly weightDecay?: number | undefined;
  /** Whom the net learns against, on pixels of 0..1. */
  readonly adversary?: Adversary | undefined;
  /** Virtual adversarial training on images without their labels, besides. */
  readonly virtual?: Virtual | undefined;
}

/** The two sets of images. */
export interface Stores {
  readonly train: ImageStore;
  readonly test: ImageStore;
  readonly classes: number;
}
