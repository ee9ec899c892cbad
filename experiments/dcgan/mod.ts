/**
 * A convolutional pair of nets on MNIST that obeys all five guidelines of DCGAN (Radford et al.
 * 2015), with the lecture's dense pair and pairs that break one guideline each beside it: its nets
 * (arms.ts), what is measured of them (measures.ts), and the claims with their criteria (claims.ts).
 *
 * The discriminator's step takes real and generated images apart through a batch normalisation.
 * README.md lists what is ours and what the lecture's.
 */
import { defineExperiment } from "../../mod.ts";
import { arms, BREAKING, STEPS } from "./arms.ts";
import { claims } from "./claims.ts";
import { measures } from "./measures.ts";

export default defineExperiment({
  name: "dcgan",
  title: "DCGAN on MNIST",
  summary:
    "A convolutional generator and discriminator trained against each other, the lecture's " +
    "dense pair, and pairs that break one guideline each, judged by a classifier of digits.",
  arms,
  measures,
  claims,
  presets: {
    quick: {
      seeds: 1,
      arms: ["dcgan"],
      steps: 400,
      lookEvery: 100,
      trainImages: 5_000,
      samples: 1_000,
    },
    standard: {
      seeds: 5,
      arms: ["dcgan", "dense", ...Object.keys(BREAKING), "collapse", "yardstick"],
      steps: STEPS,
    },
    lecture: { seeds: 5, epochs: 50 },
  },
});
