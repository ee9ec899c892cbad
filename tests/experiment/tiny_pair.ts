/** An experiment of pairs of nets small enough to be run in a test, and its yardstick's lock. */
import { adversarial } from "../../core/experiment/arms/adversarial.ts";
import { saveCheckpoint } from "../../core/experiment/cells/checkpoint_file.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { digestOfFloats } from "../../core/numerics/digest.ts";
import type { CheckpointTensor } from "../../core/train/checkpoint.ts";
import { joined } from "../../core/train/net_state.ts";
import { numbers } from "../golden/formula.ts";
import { DECLARATION as SUPERVISED } from "./tiny.ts";

/** The yardstick's weights: nobody trained it, and it tells digits apart no worse than at random. */
export const WEIGHTS: readonly CheckpointTensor[] = ([
  ["dense1/weights", [784, 6], 0.2],
  ["dense1/bias", [6], 0.2],
  ["dense2/weights", [6, 10], 2],
  ["dense2/bias", [10], 0.2],
] as const).map(([name, shape, scale], i) => ({ name, ...numbers(shape, 100 * i, scale) }));

type Declared = NonNullable<Parameters<typeof adversarial>[0]["yardstick"]>;

/** Where they are declared to be. */
export const YARDSTICK: Declared = {
  experiment: "judge",
  cell: "yardstick-s0",
  net: [
    { layer: "flatten" },
    { layer: "dense", units: 6 },
    { layer: "relu" },
    { layer: "dense", units: 10 },
  ],
  features: "relu1",
  weights: await digestOfTensors(WEIGHTS),
};

/** The digest that a yardstick of these tensors is declared with. */
export function digestOfTensors(tensors: readonly CheckpointTensor[]): Promise<string> {
  return digestOfFloats(joined(tensors.map(({ data }) => data as Float32Array)));
}

/** Locks tensors as the yardstick's below a folder, and returns the folder of its experiments. */
export async function lockYardstick(
  folder: string,
  tensors: readonly CheckpointTensor[] = WEIGHTS,
): Promise<string> {
  const experiments = `${folder}/experiments`;
  const at = `${experiments}/${YARDSTICK.experiment}/locked/${YARDSTICK.cell}`;
  await Deno.mkdir(at, { recursive: true });
  await saveCheckpoint(denoHost, `${at}/checkpoint.safetensors`, tensors, {});
  return experiments;
}

const slow = { optimiser: "adam", learningRate: 1e-3, beta1: 0.5 } as const;

/** Both nets have a batch normalisation; the discriminator drops. A run of 12 looks at 5, 10 and 12. */
const pair = adversarial({
  data: "mnist",
  code: 3,
  batch: 16,
  trainImages: 64,
  lookEvery: 5,
  samples: 20,
  generator: {
    net: [
      { layer: "flatten" },
      { layer: "dense", units: 12 },
      { layer: "batchNorm" },
      { layer: "relu" },
      { layer: "dense", units: 784 },
      { layer: "tanh" },
      { layer: "reshape", shape: [28, 28, 1] },
    ],
    optimiser: slow,
  },
  discriminator: {
    net: [
      { layer: "flatten" },
      { layer: "dense", units: 8 },
      { layer: "batchNorm" },
      { layer: "leakyRelu" },
      { layer: "dropout", rate: 0.25 },
      { layer: "dense", units: 1 },
    ],
    optimiser: slow,
  },
});

/** The same pair with all that can be kept of it, with nothing, and a net beside them. */
export const DECLARATION = {
  name: "tiny-pair",
  title: "A tiny pair",
  summary: "Two dense nets against each other on a handful of digits.",
  arms: {
    judged: adversarial({ ...pair, yardstick: YARDSTICK, activations: true, displacements: true }),
    plain: pair,
    net: { ...SUPERVISED.arms.linear, displacements: true },
  },
  measures: {
    "Frechet distance": { measure: "frechetDistance" },
    "discriminator accuracy": { measure: "discriminatorAccuracy" },
    "least variance": { measure: "activation", statistic: "least variance" },
    "reversal": { measure: "reversal" },
    "test accuracy": { measure: "accuracy", set: "test", arms: ["net"] },
    "parameters": { measure: "parameters" },
  },
  claims: [{
    id: "pair-generates",
    lecture: "none",
    paraphrase: "What is generated has some distance from real digits.",
    parts: [{
      part: "distance",
      measure: "Frechet distance",
      compare: "above",
      value: 0,
      pairing: { arm: "judged" },
      minSeeds: 1,
    }],
  }],
  presets: {
    quick: { seeds: 1, steps: 12 },
    standard: { seeds: 1, steps: 104, lookEvery: 52 },
    lecture: { seeds: 2, epochs: 30, samples: 30 },
  },
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link DECLARATION}, checked. */
export const tinyPairs: Experiment = defineExperiment(DECLARATION);
