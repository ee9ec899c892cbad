/** Pairs of nets small enough to be trained in a test, on the images of tiny.ts. */
import { type BatchOrder, shuffledBatches } from "../../core/data/batches.ts";
import type { Images } from "../../core/data/dataset.ts";
import type { Device } from "../../core/device/device.ts";
import { type Layer, type LayerDeclaration, layerSchema } from "../../core/nn/layers.ts";
import { type AdversarialConfig, buildAdversarial } from "../../core/train/adversarial.ts";
import { buildLook, type YardstickNet } from "../../core/train/look.ts";
import { openPair, type PairTrainer } from "../../core/train/pair.ts";
import type { LookParts, PairLooker } from "../../core/train/pair_looker.ts";
import { cpu } from "../ops/harness.ts";
import { DATA, IMAGE, SGD, tinyImages } from "./tiny.ts";

/** Declared layers with their defaults filled in. */
export function layers(...declared: readonly LayerDeclaration[]): Layer[] {
  return declared.map((layer) => layerSchema.parse(layer));
}

const BATCH_NORM = { layer: "batchNorm" } as const;
const SLOW = { ...SGD, learningRate: 0.1 };

/** Deconvolutions against convolutions, both with batch normalisation; code 3, batch 8. */
export const CONVOLUTIONAL: AdversarialConfig = {
  code: 3,
  batch: 8,
  pixels: "-1..1",
  generator: {
    net: layers(
      { layer: "conv2dTranspose", filters: 3, kernel: 2, bias: false },
      BATCH_NORM,
      { layer: "relu" },
      { layer: "conv2dTranspose", filters: 1, kernel: 4, stride: 2, padding: 1 },
      { layer: "tanh" },
    ),
    optimiser: {
      optimiser: "adam",
      learningRate: 1e-2,
      beta1: 0.5,
      beta2: 0.999,
      epsilon: 1e-8,
    },
  },
  discriminator: {
    net: layers(
      { layer: "conv2d", filters: 3, kernel: 3, stride: 2, padding: "same", bias: false },
      BATCH_NORM,
      { layer: "leakyRelu" },
      { layer: "conv2d", filters: 1, kernel: 2 },
    ),
    optimiser: { optimiser: "rmsprop", learningRate: 1e-2, rho: 0.9, epsilon: 1e-7 },
  },
};

/** The same with dropout in both nets. */
export const DROPPING: AdversarialConfig = {
  ...CONVOLUTIONAL,
  generator: {
    ...CONVOLUTIONAL.generator,
    net: CONVOLUTIONAL.generator.net.toSpliced(3, 0, { layer: "dropout", rate: 0.25 }),
  },
  discriminator: {
    ...CONVOLUTIONAL.discriminator,
    net: CONVOLUTIONAL.discriminator.net.toSpliced(3, 0, { layer: "dropout", rate: 0.5 }),
  },
};

/** One dense layer against another, images in 0..1. */
export const DENSE: AdversarialConfig = {
  code: 2,
  batch: 8,
  pixels: "0..1",
  generator: {
    net: layers(
      { layer: "flatten" },
      { layer: "dense", units: 16 },
      { layer: "sigmoid" },
      { layer: "reshape", shape: [...IMAGE] },
    ),
    optimiser: SLOW,
  },
  discriminator: {
    net: layers({ layer: "flatten" }, { layer: "dense", units: 1 }),
    optimiser: SLOW,
  },
};

/** The real images of a look: one whole batch and a part of another. */
export const HELD_OUT: Images = tinyImages("held out", 270);

/** What to open a pair with beyond its declaration. */
export interface TinyPair {
  readonly device?: Device;
  readonly seed?: number;
  readonly images?: Images;
  readonly order?: BatchOrder;
  readonly heldOut?: Images;
  readonly yardstick?: YardstickNet;
  /** The yardstick's tensors. */
  readonly judge?: LookParts["yardstick"];
  readonly activations?: boolean;
}

/** A pair with who looks at it, its parameters drawn; an epoch has 5 steps of 8 of the 40 images. */
export async function tinyPair(
  config: AdversarialConfig = CONVOLUTIONAL,
  { device = cpu, seed = 0, images = DATA.train, order, ...looked }: TinyPair = {},
): Promise<{ readonly trainer: PairTrainer; readonly looker: PairLooker }> {
  const { heldOut = HELD_OUT, yardstick, judge, activations = false } = looked;
  const store = { name: "train", count: images.count, image: IMAGE };
  const heldOutStore = { name: "held out", count: heldOut.count, image: IMAGE };
  const programs = buildAdversarial(config, store);
  const { trainer, looker } = await openPair(device, {
    ...{ programs, config, store, images, seed },
    order: order ??
      shuffledBatches(seed, Uint32Array.from({ length: images.count }, (_, i) => i), config.batch),
    look: {
      programs: buildLook(config, heldOutStore, programs, yardstick, activations),
      store: heldOutStore,
      images: heldOut,
      ...(judge && { yardstick: judge }),
    },
  });
  trainer.initialise();
  return { trainer, looker: looker! };
}

/** A state as `restore` takes it. */
export function byName(state: Awaited<ReturnType<PairTrainer["state"]>>) {
  return new Map(state.map(({ name, ...tensor }) => [name, tensor]));
}
