/** A training small enough to be repeated in a test: images of 4 x 4 pixels in three classes. */
import { type BatchOrder, shuffledBatches } from "../../core/data/batches.ts";
import type { Dataset, Images } from "../../core/data/dataset.ts";
import type { Device } from "../../core/device/device.ts";
import type { Layer } from "../../core/nn/layers.ts";
import type { Optimiser } from "../../core/optim/optimisers.ts";
import { stream, word } from "../../core/random/streams.ts";
import { buildInspection, type InspectionConfig } from "../../core/train/inspection.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import type { Stores, SupervisedConfig } from "../../core/train/supervised_config.ts";
import { openTrainer, type Trainer } from "../../core/train/trainer.ts";
import { cpu } from "../ops/harness.ts";

export const IMAGE = [4, 4, 1] as const;
export const CLASSES = 3;

/** Images whose pixels are random, and brighter in the rows of their class. */
export function tinyImages(name: string, count: number): Images {
  const source = stream(0, name);
  const pixels = new Uint8Array(count * 16);
  const labels = Uint8Array.from({ length: count }, (_, i) => word(source, 0, i) % CLASSES);
  for (let i = 0; i < pixels.length; i++) {
    const bright = (i >> 2) % 4 === labels[i >> 4];
    pixels[i] = (word(source, 1, i) & 127) + (bright ? 100 : 0);
  }
  return { pixels, labels, count };
}

/** 40 training and 29 test images. */
export const DATA: Dataset = {
  name: "mnist",
  source: "stand-in",
  digest: "",
  shape: IMAGE,
  classes: ["first", "second", "third"],
  train: tinyImages("train", 40),
  test: tinyImages("test", 29),
  description: "40 and 29 images",
};

export const STORES: Stores = {
  train: { name: "train", count: 40, image: IMAGE },
  test: { name: "test", count: 29, image: IMAGE },
  classes: CLASSES,
};

export const LINEAR: Layer[] = [{ layer: "flatten" }, { layer: "dense", units: CLASSES }];
export const CONVOLUTION: Layer[] = [
  { layer: "conv2d", filters: 2, kernel: 3, stride: 1, padding: "valid" },
  { layer: "sigmoid" },
  { layer: "maxPool", size: 2 },
  ...LINEAR,
];
export const NORMALISED: Layer[] = [
  { layer: "conv2d", filters: 2, kernel: 3, stride: 1, padding: "valid", bias: false },
  { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 },
  { layer: "relu" },
  ...LINEAR,
];
export const ADAM: Optimiser = {
  optimiser: "adam",
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
};
export const SGD: Optimiser = { optimiser: "sgd", learningRate: 0.5 };

/** All of so many images, shuffled, 8 a step; and so many without labels. */
export function tinyOrder(
  { seed = 0, count = 40, batch = 8, unlabelled }: {
    readonly seed?: number;
    readonly count?: number;
    readonly batch?: number;
    readonly unlabelled?: number | undefined;
  } = {},
): BatchOrder {
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  const besides = unlabelled && shuffledBatches(seed, all, unlabelled, "unlabelled");
  return {
    ...shuffledBatches(seed, all, batch),
    ...(besides && { unlabelled: besides.batch }),
  };
}

/** A trainer, its parameters drawn; an epoch has 5 steps of 8 of the 40 images. */
export async function tinyTrainer(
  {
    device = cpu,
    net = CONVOLUTION,
    optimiser = ADAM,
    batch = 8,
    seed = 0,
    virtual,
    train = DATA.train,
    order = tinyOrder({ seed, count: train.count, batch, unlabelled: virtual?.batch }),
    inspect,
    ...objective
  }:
    & {
      readonly device?: Device;
      readonly seed?: number;
      readonly train?: Images;
      readonly order?: BatchOrder;
      readonly inspect?: InspectionConfig | undefined;
    }
    & Partial<SupervisedConfig> = {},
): Promise<Trainer> {
  const config = { net, optimiser, batch, virtual, ...objective };
  const stores = { ...STORES, train: { ...STORES.train, count: train.count } };
  const programs = buildSupervised(config, stores);
  const trainer = await openTrainer(device, {
    programs,
    inspection: inspect && buildInspection(config, inspect, stores, programs.net),
    config,
    stores,
    data: { ...DATA, train },
    seed,
    order,
  });
  trainer.initialise();
  return trainer;
}
