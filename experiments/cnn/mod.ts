/**
 * The lecture's convolutional net on CIFAR-10, against fully connected ones and nearest neighbours:
 * its nets (arms.ts), what is measured of them (measures.ts), and the claims with their criteria
 * (claims.ts).
 *
 * The convolutional part is the lecture's listing (L13a/b "Code Snippet"); its head and the training
 * settings are ours: README.md lists the differences. Weights start Glorot-uniform and biases at
 * zero, as in Keras; pixels are k/255; the convolutions have no padding.
 */
import { defineExperiment } from "../../mod.ts";
import { arms, MAIN, ON_DIGITS } from "./arms.ts";
import { claims } from "./claims.ts";
import { measures, PLACES, SHIFTS } from "./measures.ts";

export default defineExperiment({
  name: "cnn",
  title: "CNN on CIFAR-10",
  summary: "The lecture's convolutional net against fully connected ones and nearest neighbours: " +
    "accuracy, overfitting, memory, what a change of the image does to it, and what it learns.",
  arms,
  measures,
  claims,
  presets: {
    quick: {
      seeds: 1,
      steps: 100,
      arms: MAIN,
      trainImages: 5_000,
      validationImages: 500,
      testImages: 1_000,
    },
    standard: {
      seeds: 5,
      steps: 3_515,
      arms: [
        ...MAIN,
        "reference-5k",
        "reference-15k",
        "dense-5k",
        "dense-wide-5k",
        ...ON_DIGITS,
        "nearest-neighbour",
      ],
    },
    lecture: { seeds: 5, steps: 7_030 },
  },
  figures: [
    { figure: "learning curves", arms: MAIN, set: "test" },
    {
      figure: "scatter",
      title: "Accuracy against parameters",
      x: "parameters",
      y: "test accuracy",
      arms: MAIN,
    },
    {
      figure: "curve",
      title: "CIFAR-10 images shifted to each side",
      x: "pixels",
      points: SHIFTS.map((x) => ({ x, measure: `accuracy, shifted ${x}` })),
      arms: MAIN,
    },
    {
      figure: "curve",
      title: "Digits away from the corner they were learned in",
      x: "pixels to the right and down",
      points: PLACES.map((x) => ({ x, measure: `accuracy, moved ${x}` })),
      arms: ON_DIGITS,
    },
    { figure: "filters", title: "First-layer filters", arm: "reference", layer: "conv2d1" },
    { figure: "predictions", arm: "reference" },
  ],
});
