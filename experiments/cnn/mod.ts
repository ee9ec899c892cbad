/**
 * The lecture's convolutional net on CIFAR-10, against fully connected ones.
 *
 * The convolutional part is the lecture's listing (L13a/b "Code Snippet"); its head and the training
 * settings are ours: README.md lists the differences. Weights start Glorot-uniform and biases at
 * zero, as in Keras; pixels are k/255; the convolutions have no padding.
 */
import {
  adam,
  conv2d,
  defineExperiment,
  dense,
  flatten,
  maxPool,
  relu,
  supervised,
} from "../../mod.ts";

const training = {
  data: "cifar10",
  optimiser: adam({ learningRate: 1e-3 }),
  batch: 64,
  trainImages: 45_000,
} as const;

/** The seed on which the better dense arm is chosen, by validation accuracy; it decides nothing else. */
const TUNING_SEED = 1000;
const betterDense = {
  bestOf: ["dense", "dense-wide"],
  by: "validation accuracy",
  seed: TUNING_SEED,
};

export default defineExperiment({
  name: "cnn",
  title: "CNN on CIFAR-10",
  summary: "The lecture's convolutional net against fully connected ones: accuracy and memory.",
  arms: {
    reference: supervised({
      ...training,
      net: [
        conv2d({ filters: 32, kernel: 3 }),
        relu(),
        maxPool({ size: 2 }),
        conv2d({ filters: 64, kernel: 3 }),
        relu(),
        maxPool({ size: 2 }),
        conv2d({ filters: 64, kernel: 3 }),
        relu(),
        flatten(),
        dense({ units: 64 }),
        relu(),
        dense({ units: 10 }),
      ],
    }),
    dense: supervised({
      ...training,
      net: [
        flatten(),
        dense({ units: 64 }),
        relu(),
        dense({ units: 64 }),
        relu(),
        dense({ units: 10 }),
      ],
    }),
    "dense-wide": supervised({
      ...training,
      net: [
        flatten(),
        dense({ units: 512 }),
        relu(),
        dense({ units: 256 }),
        relu(),
        dense({ units: 10 }),
      ],
    }),
  },
  measures: {
    "test accuracy": { measure: "accuracy", set: "test" },
    "validation accuracy": { measure: "accuracy", set: "validation" },
    "test loss": { measure: "loss", set: "test" },
    "parameters": { measure: "parameters" },
    "parameters of maxPool1": { measure: "parameters", layer: "maxPool1" },
    "parameters of maxPool2": { measure: "parameters", layer: "maxPool2" },
    "size ratio of maxPool1": { measure: "shrinkage", layer: "maxPool1" },
    "size ratio of maxPool2": { measure: "shrinkage", layer: "maxPool2" },
    "stored activation bytes": { measure: "storedActivationBytes", batch: 64 },
    "activation over parameter bytes, batch 1": { measure: "activationsPerParameter", batch: 1 },
    "activation over parameter bytes, batch 64": { measure: "activationsPerParameter", batch: 64 },
    "activation over parameter bytes, batch 512": {
      measure: "activationsPerParameter",
      batch: 512,
    },
  },
  claims: [
    {
      id: "cnn-vs-dense-accuracy",
      lecture: 'L13a/b "Convolutional Neural Networks (CNN)"',
      paraphrase: "Fully connected nets do not do well on (large) images; a CNN does.",
      parts: [{
        part: "accuracy",
        measure: "test accuracy",
        compare: "above",
        value: 0.05,
        pairing: { arm: "reference", minus: betterDense },
        minSeeds: 3,
      }],
      marks: ["pilot"],
      note: "32x32 is not large.",
    },
    {
      id: "cnn-memory",
      lecture: 'L13a/b "Convolutional Neural Networks (CNN)"',
      paraphrase: "Training convolutions needs a huge amount of memory.",
      parts: [{
        part: "stored activations",
        measure: "stored activation bytes",
        compare: "above",
        value: 10,
        pairing: { arm: "reference", over: "dense" },
        minSeeds: 1,
      }],
      needsTraining: false,
      note: "The batch that both nets read counts as an activation of both.",
    },
    {
      id: "cnn-pooling-learns-nothing",
      lecture: 'L13a/b "Convolution Layer Training Process"',
      paraphrase:
        "Pooling layers learn nothing: they have no parameters and only shrink their input.",
      parts: ["maxPool1", "maxPool2"].flatMap((layer) => [
        {
          part: `no parameters in ${layer}`,
          measure: `parameters of ${layer}`,
          compare: "exact" as const,
          value: 0,
          pairing: { arm: "reference" },
          minSeeds: 1,
        },
        {
          part: `${layer} shrinks`,
          measure: `size ratio of ${layer}`,
          compare: "below" as const,
          value: 1,
          pairing: { arm: "reference" },
          minSeeds: 1,
        },
      ]),
      marks: ["by construction"],
      needsTraining: false,
    },
  ],
  presets: {
    quick: { seeds: 1, steps: 100, trainImages: 5_000, validationImages: 500, testImages: 1_000 },
    standard: { seeds: 5, epochs: 5 },
    lecture: { seeds: 5, epochs: 10 },
  },
  figures: [
    { figure: "learning curves", arms: ["reference", "dense", "dense-wide"], set: "test" },
    {
      figure: "scatter",
      title: "Accuracy against parameters",
      x: "parameters",
      y: "test accuracy",
      arms: ["reference", "dense", "dense-wide"],
    },
    { figure: "filters", title: "First-layer filters", arm: "reference", layer: "conv2d1" },
    { figure: "predictions", arm: "reference" },
  ],
});
