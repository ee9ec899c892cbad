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
  figures: [
    { figure: "generated", arm: "dcgan" },
    { figure: "over time", what: "frechet distance", arms: ["dcgan", "dense"] },
    { figure: "interpolation", arm: "dcgan" },
    { figure: "neighbours", arm: "dcgan" },
    // The lock has room for all looks of the main pair alone.
    {
      figure: "generated",
      title: "What the lecture's dense pair generates",
      arm: "dense",
      looks: 4,
    },
    { figure: "generated", title: "A pair that was made to collapse", arm: "collapse", looks: 4 },
    { figure: "over time", what: "class entropy", arms: ["dcgan", "dense", "collapse"] },
    { figure: "over time", what: "discriminator accuracy", arms: ["dcgan", "dense", "collapse"] },
    { figure: "over time", title: "Training losses, dcgan", what: "losses", arms: ["dcgan"] },
    { figure: "over time", title: "Training losses, dense", what: "losses", arms: ["dense"] },
  ],
});
