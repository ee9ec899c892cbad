/**
 * Adversarial examples (Szegedy et al. 2014; Goodfellow et al. 2015): small changes of an image that
 * make a classifier wrong, and training against them. Its models (arms.ts), what is measured of them
 * (measures.ts), and the claims with their criteria (claims.ts). README.md lists what is ours and
 * what the lectures', and holds our numbers against the papers'.
 */
import { defineExperiment } from "../../mod.ts";
import { arms, DIGITS } from "./arms.ts";
import { claims } from "./claims.ts";
import {
  AIRPLANE,
  COLOUR,
  COLOUR_TRAINED,
  LEVELS,
  LINEAR,
  measures,
  SIZES,
  TRAINED,
} from "./measures.ts";

const ON_DIGITS = ["cnn", ...TRAINED];

/** A measure at growing sizes of an attack. */
const sizes = (attack: string, before = "") =>
  SIZES.map((x) => ({ x, measure: `${before}${attack} ${x}` }));
const levels = (attack: string, before = "") =>
  LEVELS.map((x) => ({ x, measure: `${before}${attack} ${x}/255` }));

export default defineExperiment({
  name: "adversarial",
  title: "Adversarial examples and adversarial training",
  summary:
    "Small changes of an image that make classifiers wrong, how far they carry over to other " +
    "models, and what training against them gives: attacks in one step and in many, defences, " +
    "poisoned data, and learning from images without labels.",
  arms,
  measures,
  claims,
  presets: {
    quick: {
      seeds: 1,
      steps: 100,
      arms: ["softmax", "mlp", "cnn", "fgsm-trained"],
      trainImages: 5_000,
      validationImages: 500,
      testImages: 100,
    },
    standard: {
      seeds: 5,
      steps: 2_343,
      arms: Object.keys(arms).filter((arm) => !COLOUR_TRAINED.includes(arm)),
    },
    lecture: { seeds: 5, steps: 7_810 },
  },
  figures: [
    {
      figure: "attacked images",
      title: "CIFAR-10, FGSM at 2/255",
      arm: "reference",
      attack: { attack: "fgsm", epsilon: 2 / 255 },
      amplified: 20,
    },
    {
      figure: "attacked images",
      title: "Objects turned into airplanes, PGD at 8/255",
      arm: "reference",
      attack: AIRPLANE,
      amplified: 10,
    },
    {
      figure: "attacked images",
      title: "Digits, FGSM at 0.2",
      arm: "cnn",
      attack: { attack: "fgsm", epsilon: DIGITS },
    },
    {
      figure: "epsilon strips",
      title: "Digits under FGSM",
      arm: "cnn",
      attack: "fgsm",
      epsilons: SIZES,
    },
    {
      figure: "epsilon strips",
      title: "Digits under noise",
      arm: "cnn",
      attack: "noise",
      epsilons: SIZES,
    },
    ...(["FGSM", "PGD", "noise"] as const).flatMap((attack) => {
      const arms = attack === "FGSM" ? COLOUR : ["reference"];
      const under = { figure: "curve" as const, x: "levels of 255", arms };
      return [
        { ...under, title: `CIFAR-10 under ${attack}`, points: levels(attack) },
        {
          ...under,
          title: `Confidence where wrong, CIFAR-10 under ${attack}`,
          points: levels(attack, "confidence when wrong, "),
        },
      ];
    }),
    ...(["FGSM", "PGD", "noise"] as const).flatMap((attack) => [
      {
        figure: "curve" as const,
        title: `Digits under ${attack}`,
        x: "epsilon",
        points: sizes(attack),
        arms: [...LINEAR, "mlp", ...ON_DIGITS],
      },
      {
        figure: "curve" as const,
        title: `Confidence where wrong, digits under ${attack}`,
        x: "epsilon",
        points: sizes(attack, "confidence when wrong, "),
        arms: [...LINEAR, "mlp", ...ON_DIGITS],
      },
    ]),
    {
      figure: "robustness",
      title: "Is the robustness real? Digits at 0.2",
      arms: ON_DIGITS,
      clean: "test accuracy",
      fgsm: "FGSM 0.2",
      pgd: "PGD 0.2",
      noise: "noise 0.2",
      largest: "PGD 0.5",
      oneClass: "largest class",
      blackBox: { arm: "digits-transfer", source: "mlp" },
    },
    {
      figure: "robustness",
      title: "Is the robustness real? CIFAR-10 at 8/255",
      arms: ["reference", ...COLOUR_TRAINED],
      clean: "test accuracy",
      fgsm: "FGSM 8/255",
      pgd: "PGD 8/255",
      noise: "noise 8/255",
      largest: "PGD 64/255",
      oneClass: "largest class",
      blackBox: { arm: "colour-transfer", source: "strided" },
    },
    {
      figure: "robustness",
      title: "Beyond what they were trained against: digits at 0.3",
      arms: ON_DIGITS,
      clean: "test accuracy",
      fgsm: "FGSM 0.3",
      pgd: "PGD 0.3",
      noise: "noise 0.3",
      largest: "PGD 0.5",
      oneClass: "largest class",
    },
    {
      figure: "transfer matrix",
      title: "Made on one model, shown to others: digits at 0.2",
      arm: "digits-transfer",
    },
    {
      figure: "transfer matrix",
      title: "Made on one net, shown to another: CIFAR-10 at 8/255",
      arm: "colour-transfer",
    },
    { figure: "filters", title: "First layer of the plain net", arm: "cnn", layer: "conv2d1" },
    {
      figure: "filters",
      title: "First layer of the PGD-trained net",
      arm: "pgd-trained",
      layer: "conv2d1",
    },
  ],
});
