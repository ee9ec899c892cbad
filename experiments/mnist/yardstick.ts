/** The yardstick: its net, and which of its trained weights measure with it. */
import { adam, conv2d, dense, flatten, type LayerDeclaration, maxPool, relu } from "../../mod.ts";

const net: LayerDeclaration[] = [
  conv2d({ filters: 16, kernel: 5 }),
  relu(),
  maxPool({ size: 2 }),
  conv2d({ filters: 32, kernel: 5 }),
  relu(),
  maxPool({ size: 2 }),
  flatten(),
  dense({ units: 64 }),
  relu(),
  dense({ units: 10 }),
];

/** How it was trained, but for how long. */
export const yardstickTraining = {
  data: "mnist",
  net,
  optimiser: adam({ learningRate: 1e-3 }),
  batch: 64,
  trainImages: 50_000,
} as const;

/** For the arms of experiments that generate digits. */
export const YARDSTICK = {
  experiment: "mnist",
  cell: "yardstick-s0",
  net,
  features: "relu3",
  weights: "277c829bba0af9e7e0faca84495a311eaf5e990da03da52790dac5ab7e4278e9",
};
