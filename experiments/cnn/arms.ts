/** The nets of the cnn experiment, and what each is trained on. */
import {
  adam,
  conv2d,
  dense,
  flatten,
  globalAveragePool,
  type LayerDeclaration,
  maxPool,
  nearestNeighbour,
  relu,
  supervised,
} from "../../mod.ts";

const training = {
  data: "cifar10",
  optimiser: adam({ learningRate: 1e-3 }),
  batch: 64,
  trainImages: 45_000,
} as const;

const convolutions: LayerDeclaration[] = [
  conv2d({ filters: 32, kernel: 3 }),
  relu(),
  maxPool({ size: 2 }),
  conv2d({ filters: 64, kernel: 3 }),
  relu(),
  maxPool({ size: 2 }),
  conv2d({ filters: 64, kernel: 3 }),
  relu(),
];
const head = [dense({ units: 64 }), relu(), dense({ units: 10 })];
const referenceNet = [...convolutions, flatten(), ...head];
const denseNet = [flatten(), dense({ units: 64 }), relu(), ...head];
const wideNet = [
  flatten(),
  dense({ units: 512 }),
  relu(),
  dense({ units: 256 }),
  relu(),
  dense({ units: 10 }),
];

/** 5,000 images, drawn for each seed, and the training accuracy at which nets are compared. */
const few = { ...training, subset: 5_000, evaluations: "at the end" } as const;
export const LEVEL = 0.7;
export const MOST_EPOCHS = 60;
const untilLevel = { epochs: MOST_EPOCHS, level: { trainAccuracy: LEVEL, stop: true } };

/** Digits in one corner of a canvas twice as wide as they are. */
const digits = {
  ...training,
  data: "mnist",
  trainImages: 50_000,
  validationImages: 2_000,
  testImages: 2_000,
  canvas: 56,
  steps: 500,
  evaluations: "at the end",
} as const;

/** The arms that train on all of CIFAR-10. */
export const MAIN = ["reference", "dense", "dense-wide"];
/** The arms that train on digits. */
export const ON_DIGITS = ["digits-reference", "digits-pooled", "digits-dense"];

/** All arms by name. */
export const arms = {
  reference: supervised({ ...training, net: referenceNet }),
  dense: supervised({ ...training, net: denseNet }),
  "dense-wide": supervised({ ...training, net: wideNet }),
  "reference-5k": supervised({ ...few, net: referenceNet, level: { trainAccuracy: LEVEL } }),
  "reference-15k": supervised({ ...few, net: referenceNet, subset: 15_000 }),
  "dense-5k": supervised({ ...few, ...untilLevel, net: denseNet }),
  "dense-wide-5k": supervised({ ...few, ...untilLevel, net: wideNet }),
  "digits-reference": supervised({ ...digits, net: referenceNet }),
  "digits-pooled": supervised({
    ...digits,
    net: [...convolutions, globalAveragePool(), ...head],
  }),
  "digits-dense": supervised({ ...digits, net: denseNet }),
  "nearest-neighbour": nearestNeighbour({ data: "cifar10", metric: "l1" }),
  "nearest-neighbour-l2": nearestNeighbour({ data: "cifar10", metric: "l2" }),
};
