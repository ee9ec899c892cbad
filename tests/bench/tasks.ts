/** The tasks of a run, and which of them are put to the peers too. */
import {
  type Convolution,
  type Norm,
  PASSES,
  type Product,
  type Task,
  type TrainingStep,
  type TransposedConvolution,
} from "./task.ts";

/** The net that memory and encoding are measured with, and that every peer has written for it. */
export const REFERENCE = { kind: "step", experiment: "cnn", arm: "reference", batch: 64 } as const;

/**
 * A pair of nets that every peer has written too. D's step is on a batch of real images and as many
 * fresh generated ones, which pass it apart, G's on as many fresh ones again, labelled real.
 */
const DCGAN = { kind: "step", experiment: "dcgan", arm: "dcgan", batch: 64 } as const;

/** One of a net's shapes, a square one, and one that no tile divides. */
const PRODUCTS: readonly Product[] = [
  product(1024, 256, 576),
  product(512, 512, 512),
  product(1000, 997, 1003),
];

const CONVOLUTIONS: readonly Convolution[] = [
  ...passes({ channels: 3, filters: 32, height: 32, width: 32, stride: 1, padding: "valid" }),
  ...passes({ channels: 32, filters: 64, height: 16, width: 16, stride: 1, padding: "valid" }),
  ...passes({ channels: 64, filters: 64, height: 8, width: 8, stride: 1, padding: "valid" }),
  ...passes({ channels: 5, filters: 7, height: 17, width: 19, stride: 2, padding: "same" }),
];

/** A DCGAN's middle layer and what follows it. */
const TRANSPOSED: readonly TransposedConvolution[] = PASSES.map((pass) => ({
  ...{ kind: "transposed", pass, batch: 64, height: 7, width: 7, channels: 64, filters: 32 },
  ...{ kernel: 4, stride: 2, padding: 1 },
}));
const NORM: Norm = { kind: "norm", batch: 64, height: 14, width: 14, channels: 32 };

const STEPS: readonly TrainingStep[] = [
  REFERENCE,
  DCGAN,
  { kind: "step", experiment: "cnn", arm: "dense", batch: 64 },
  { kind: "step", experiment: "cnn", arm: "dense-wide", batch: 64 },
];

/** Too much for a processor, and what it takes to keep a GPU busy. */
const LARGE: readonly Task[] = [
  ...[1024, 2048, 4096].map((size) => product(size, size, size)),
  { ...REFERENCE, batch: 512 },
];

/** The tasks of the chosen kinds. */
export function tasks(kinds: readonly string[], onGpu: boolean): Task[] {
  const all = [
    ...[...PRODUCTS, ...CONVOLUTIONS, ...TRANSPOSED, NORM, ...STEPS],
    ...onGpu ? LARGE : [],
  ];
  return all.filter(({ kind }) => kinds.includes(kind));
}

/** Whether a task is only about our own speed: an odd shape, or nets that the peers do not have. */
export function oursOnly(task: Task): boolean {
  return task.kind === "convolution" && task.padding !== "valid" ||
    task.kind === "step" && ![REFERENCE, DCGAN].some(({ arm }) => arm === task.arm);
}

function product(m: number, k: number, n: number): Product {
  return { kind: "product", m, k, n };
}

function passes(shape: Omit<Convolution, "kind" | "pass" | "batch">): Convolution[] {
  return PASSES.map((pass) => ({ kind: "convolution", pass, batch: 32, ...shape }));
}
