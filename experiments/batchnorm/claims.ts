/** What the lectures say about BatchNorm, and how the batchnorm experiment decides it. */
import type { Claim, Part } from "../../mod.ts";

/** Seeds of every comparison of two nets. */
const SEEDS = 5;

/** One criterion; `what` tells it from the claim's others. */
function part(
  what: string,
  measure: string,
  compare: Part["compare"],
  value: number,
  pairing: Part["pairing"],
): Part {
  return { part: what, measure, compare, value, pairing, minSeeds: SEEDS };
}

const overNone = { arm: "deep-relu-before", over: "deep-relu-none" };

/** The two criteria of vanishing gradients, of a deep sigmoid net against that which has nothing. */
function relieved(arm: string, name: string): Part[] {
  return [
    part(`${name}: gradients`, "first over last gradient", "above", 10, {
      arm,
      over: "deep-sigmoid-none",
    }),
    part(`${name}: accuracy`, "test accuracy", "above", 0.2, { arm, minus: "deep-sigmoid-none" }),
  ];
}

/** All claims. */
export const claims: Claim[] = [
  {
    id: "bn-faster",
    lecture: 'CSGY "Batch normalization"; CS404 80',
    paraphrase: "With BatchNorm training converges much faster.",
    parts: [
      part("CNN", "steps at the best rate", "below", 0.67, {
        arm: "cnn-before",
        over: "cnn-none",
      }),
      part("deep net", "steps of the deep net at the best rate", "below", 0.67, overNone),
    ],
    note:
      "Steps until the mean of three evaluations reaches 95 % of the validation accuracy that " +
      "the net without BatchNorm ends with on the tuning seed, each net at the learning rate that " +
      "does best there; a net that never does counts with its whole training.",
  },
  {
    id: "bn-higher-lr",
    lecture: "CS404 80",
    paraphrase: "BatchNorm allows larger learning rates.",
    // At least 3: on a grid of factors of the root of ten the next below is 1.
    parts: [part("largest rate", "largest rate that trains", "above", 3, overNone)],
    note: "The largest rate of the grid that ends above 30 % validation accuracy.",
  },
  {
    id: "bn-vanishing",
    lecture: 'L13a "BatchNorm" (first)',
    paraphrase: "BatchNorm relieves vanishing gradients.",
    parts: relieved("deep-sigmoid-before", "BatchNorm"),
    note:
      "The first hidden layer's gradient norm over the output layer's, the geometric mean over " +
      "the looks of a training.",
  },
  {
    id: "bn-alternatives",
    lecture: 'L13a "BatchNorm" (first)',
    paraphrase: "So do a better initialisation and a better optimiser.",
    parts: [
      ...relieved("deep-sigmoid-glorot", "Glorot weights"),
      ...relieved("deep-sigmoid-adam", "Adam"),
    ],
  },
  {
    id: "bn-init",
    lecture: "CS404 80",
    paraphrase: "With BatchNorm the initialisation and the hyper-parameters matter less.",
    parts: ["scales", "rates"].map((sweep) =>
      part(`over ${sweep}`, `range over ${sweep}`, "above", 0.05, {
        arm: "deep-relu-none",
        minus: "deep-relu-before",
      })
    ),
    note:
      "Best minus worst test accuracy over initial scales of a quarter, one and four times He's, " +
      "and over five learning rates from a tenth of the net's own to ten times it; a training that " +
      "diverged counts as guessing.",
  },
  {
    id: "bn-regularises",
    lecture: 'L13a "BatchNorm" (third)',
    paraphrase: "BatchNorm regularises, so that dropout is needed less.",
    parts: [
      part("gap", "gap at 70 %", "above", 0.02, { arm: "cnn-none-5k", minus: "cnn-bn-5k" }),
      part("dropout's gain", "dropout's gain", "above", 0.01, {
        arm: "cnn-dropout-5k",
        minus: "cnn-bn-dropout-5k",
      }),
    ],
    note: "5,000 training images, drawn for each seed; the gap is that between training and test " +
      "accuracy when the former first reaches 70 %.",
  },
  {
    id: "bn-slower-epoch",
    lecture: 'L13a "BatchNorm" (third)',
    paraphrase: "An epoch takes much longer with BatchNorm.",
    parts: [
      part("device time", "step of cnn-before over cnn-none", "above", 1.25, { arm: "cnn-step" }),
    ],
    needsTraining: false,
    note: "Device time of a training step, taken in turns.",
  },
  {
    id: "bn-input",
    lecture: 'L13a "BatchNorm", the note',
    paraphrase: "With a BatchNorm layer first, inputs need not be standardised.",
    parts: [
      part("CNN", "test accuracy", "within", 0.02, {
        arm: "cnn-raw-bn",
        minus: "cnn-standardised",
      }),
      part("deep net", "test accuracy", "within", 0.02, {
        arm: "deep-raw-bn",
        minus: "deep-standardised",
      }),
    ],
    note: "Pixels 0 to 255 into BatchNorm, against pixels standardised by the training images' " +
      "moments; cnn-raw and deep-raw take them raw without it.",
  },
  {
    id: "bn-before-or-after",
    lecture: 'L13a "BatchNorm"; CS404 80',
    paraphrase: "BatchNorm works just before the activation and just after it.",
    parts: ["before", "after"].map((place) =>
      part(`${place} the activation`, "test accuracy", "above", 0.01, {
        arm: `cnn-${place}`,
        minus: "cnn-none",
      })
    ),
    note: "The reference net at equal steps and one learning rate.",
  },
  {
    id: "bn-same-function",
    lecture: 'CSGY "Batch normalization"',
    paraphrase: "BatchNorm does not change what a net can express.",
    parts: ["cnn-before", "deep-relu-before"].map((arm) => ({
      part: arm,
      measure: "folding difference",
      compare: "below" as const,
      value: 1e-4,
      pairing: { arm },
      minSeeds: 1,
    })),
    marks: ["by construction"],
    needsTraining: false,
    note:
      "Folded into the layers before it for inference; the largest difference of a logit over " +
      "the largest logit.",
  },
  {
    id: "bn-covariate-shift",
    lecture: "CS404 80; L13a ref. 2 contests it",
    paraphrase: "BatchNorm reduces the internal covariate shift.",
    parts: [
      part("CNN", "drift", "below", 0.8, { arm: "cnn-before", over: "cnn-none" }),
      part("deep net", "drift", "below", 0.8, overNone),
    ],
    note:
      "How far one training step moves the mean of what each layer with weights is given, over " +
      "its standard deviation, on the same images. Santurkar et al. (2018) hold that BatchNorm " +
      "helps for another reason: the gradient changes less along its own direction.",
  },
];
