/**
 * The yardstick: a small classifier of handwritten digits, by which generated digits are judged.
 *
 * What it says of an image's class tells which digits a generator makes, and how surely; what it has
 * seen just before that, the 64 outputs of `relu3`, is the space in which generated and real digits
 * are compared (the Frechet distance). So its weights are part of what later experiments measure
 * with: they are locked, and another training of it would be another yardstick.
 */
import { defineExperiment, supervised } from "../../mod.ts";
import { yardstickTraining } from "./yardstick.ts";

const ARM = "yardstick";

export default defineExperiment({
  name: "mnist",
  title: "The yardstick on MNIST",
  summary: "A small convolutional classifier of handwritten digits. It decides no claim: " +
    "experiments that generate digits measure them with its weights.",
  arms: {
    [ARM]: supervised(yardstickTraining),
  },
  measures: {
    "test accuracy": { measure: "accuracy", set: "test" },
    "validation accuracy": { measure: "accuracy", set: "validation" },
    "test loss": { measure: "loss", set: "test" },
    "parameters": { measure: "parameters" },
  },
  claims: [],
  presets: {
    quick: {
      seeds: 1,
      steps: 200,
      trainImages: 5_000,
      validationImages: 500,
      testImages: 1_000,
    },
    standard: { seeds: 3, epochs: 5 },
    lecture: { seeds: 5, epochs: 20 },
  },
  figures: [
    { figure: "learning curves", arms: [ARM], set: "test" },
    // A lock keeps the weights that a figure shows: this one keeps the yardstick.
    { figure: "filters", title: "First-layer filters", arm: ARM, layer: "conv2d1" },
    { figure: "predictions", arm: ARM },
  ],
});
