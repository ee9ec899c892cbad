/** What the lectures say about GANs, and how the dcgan experiment decides it. */
import type { Claim, Part } from "../../mod.ts";
import { type BREAKING, COMPARED, SEEN } from "./arms.ts";

const LN_1_25 = 0.22314355131420976;
const LN_1_5 = 0.4054651081081644;

const images = (count: number) => count.toLocaleString("en");

/** A guideline: the main net obeys it, and the pairs that break it come out worse. */
function guideline(
  { number, id, paraphrase, breaking, note }: {
    readonly number: 1 | 2 | 3 | 4 | 5;
    readonly id: string;
    readonly paraphrase: string;
    readonly breaking: Readonly<Partial<Record<keyof typeof BREAKING, string>>>;
    readonly note?: string;
  },
): Claim {
  return {
    id,
    lecture: `L13a/b "DCGANs", guideline ${number}`,
    paraphrase,
    parts: [
      {
        part: "the main pair obeys it",
        measure: `obeys guideline ${number}`,
        compare: "exact",
        value: 1,
        pairing: { arm: "dcgan" },
        minSeeds: 1,
      },
      ...Object.entries(breaking).map(([arm, part]): Part => ({
        part,
        measure: "log Frechet distance, compared",
        compare: "above",
        value: LN_1_25,
        pairing: { arm, minus: "dcgan" },
        minSeeds: 5,
      })),
    ],
    marks: ["pilot"],
    note:
      `Compared after ${images(COMPARED)} real images: above ln 1.25, the pair that breaks it is ` +
      "more than a quarter further from real digits." + (note ? ` ${note}` : ""),
  };
}

/** What is told by the programs and cannot come out otherwise. */
const counted = (part: string, measure: string, value: number): Part => ({
  part,
  measure,
  compare: "exact",
  value,
  pairing: { arm: "dcgan" },
  minSeeds: 1,
});

/** All claims. */
export const claims: Claim[] = [
  {
    id: "gan-realistic",
    lecture: 'L13a/b "Generative Adversarial Networks (GANs)"',
    paraphrase: "Two nets trained against each other come to make realistic-looking samples.",
    parts: [["dense", "the listing"], ["dcgan", "the convolutional pair"]].flatMap(([arm, who]) => [
      {
        part: `${who}, nearness`,
        measure: "realism",
        compare: "above" as const,
        value: 0.5,
        pairing: { arm: arm! },
        minSeeds: 3,
      },
      {
        part: `${who}, classes`,
        measure: "classes covered",
        compare: "above" as const,
        // At least eight of the ten.
        value: 7.5,
        pairing: { arm: arm! },
        minSeeds: 3,
      },
    ]),
    note:
      "Realism is where the logarithm of the Frechet distance lies between noise (0) and other " +
      "real digits (1). The lecture names no data set.",
  },
  {
    id: "dcgan-better",
    lecture: 'L13a/b "DCGANs"',
    paraphrase: "The convolutional form is the better one for (large) images.",
    parts: [{
      part: "dense minus convolutional",
      measure: "log Frechet distance, end",
      compare: "above",
      value: LN_1_5,
      pairing: { arm: "dense", minus: "dcgan" },
      minSeeds: 3,
    }],
    marks: ["pilot", "implied"],
    note:
      `Both have seen ${
        images(SEEN)
      } real images; above ln 1.5, the dense pair is more than half ` +
      "as far again from real digits. 28x28 is not large.",
  },
  guideline({
    number: 1,
    id: "dcgan-strided",
    paraphrase: "Strided convolutions in the discriminator and transposed ones in the generator " +
      "should take the place of pooling.",
    breaking: { pooling: "with pooling and upsampling" },
  }),
  guideline({
    number: 2,
    id: "dcgan-batchnorm",
    paraphrase:
      "Both nets should normalise batches, but not at the generator's output nor at the " +
      "discriminator's input layer.",
    breaking: {
      "no-batch-norm": "without batch normalisation",
      "batch-norm-everywhere": "with it everywhere",
    },
  }),
  guideline({
    number: 3,
    id: "dcgan-no-dense",
    paraphrase: "Deeper nets should have no fully connected hidden layers.",
    breaking: { "dense-hidden": "with dense hidden layers" },
    note: "The net is not deep.",
  }),
  guideline({
    number: 4,
    id: "dcgan-relu-tanh",
    paraphrase:
      "The generator should have ReLU in all layers but its output, which should be tanh.",
    breaking: {
      "leaky-generator": "with leaky ReLU in the generator",
      "sigmoid-output": "with a sigmoid at its output",
    },
  }),
  guideline({
    number: 5,
    id: "dcgan-leaky",
    paraphrase: "The discriminator should have leaky ReLU in all layers.",
    breaking: { "relu-discriminator": "with ReLU in the discriminator" },
  }),
  {
    id: "gan-two-phases",
    lecture: 'L13a/b "Generative Adversarial Networks"',
    paraphrase: "The discriminator learns from real images and as many generated ones; the " +
      "generator from generated ones labelled as real, and never sees a real image.",
    parts: [
      counted("real ones, discriminator", "labelled real, discriminator", 64),
      counted("generated ones, discriminator", "labelled generated, discriminator", 64),
      counted("labelled real, generator", "labelled real, generator", 64),
      counted("labelled generated, generator", "labelled generated, generator", 0),
      counted("the discriminator sees real images", "sets of real images, discriminator", 1),
      counted("the generator sees none", "sets of real images, generator", 0),
    ],
    marks: ["by construction"],
    needsTraining: false,
    note: "Counted in the compiled programs: what each reads, and what its loss is told.",
  },
  {
    id: "gan-equilibrium",
    lecture: 'L13a/b "Difficulties of Training GANs" 1-2',
    paraphrase:
      "The ideal end, perfect samples and a discriminator that guesses, is not guaranteed.",
    parts: [{
      part: "another end",
      measure: "not ideal",
      compare: "occurs",
      value: 0.5,
      pairing: { arm: "dcgan" },
      minSeeds: 3,
    }],
    note:
      "Ideal: the discriminator is right on 45 to 55 % of held-out real and generated images and " +
      "gives either answer at least 20 % of the time; the Frechet distance is at most twice that of " +
      "other real digits.",
  },
  {
    id: "gan-mode-collapse",
    lecture: 'L13a/b "Difficulties of Training GANs" 3',
    paraphrase: "The generator's outputs gradually become less diverse.",
    parts: [{
      part: "class entropy",
      measure: "change of class entropy",
      compare: "below",
      value: -0.1,
      pairing: { arm: "dcgan" },
      minSeeds: 3,
    }],
    note: "From its highest to the last, in nats. The arm collapse is made to do so, and decides " +
      "nothing.",
  },
  {
    id: "gan-oscillation",
    lecture: 'L13a/b "Difficulties of Training GANs" 4',
    paraphrase: "The nets push against each other, and their parameters may oscillate.",
    parts: [
      {
        part: "they turn back",
        measure: "reversal",
        compare: "occurs",
        value: 0,
        pairing: { arm: "dcgan" },
        minSeeds: 3,
      },
      {
        part: "more than a classifier's",
        measure: "reversal",
        compare: "occurs",
        value: 0,
        pairing: { arm: "dcgan", minus: "yardstick" },
        minSeeds: 3,
      },
    ],
    note:
      "Reversal is minus the mean cosine of the parameters' successive displacements of 100 steps.",
  },
  {
    id: "gan-stall",
    lecture: 'L13b "Recap: GANs"',
    paraphrase: "The competition can end where neither net improves and nothing converges.",
    parts: [{
      part: "the last third",
      measure: "change of Frechet distance",
      compare: "occurs",
      // Better by less than 5 %.
      value: -0.05,
      pairing: { arm: "dcgan" },
      minSeeds: 3,
    }],
  },
  {
    id: "gan-selu",
    lecture: "L13b, beside the listing",
    paraphrase: "SELU keeps activations normalised during training.",
    parts: [
      {
        part: "means",
        measure: "largest mean of activations",
        compare: "below",
        value: 0.2,
        pairing: { arm: "dense" },
        minSeeds: 3,
      },
      {
        part: "variances, least",
        measure: "least variance of activations",
        compare: "above",
        value: 0.5,
        pairing: { arm: "dense" },
        minSeeds: 3,
      },
      {
        part: "variances, largest",
        measure: "largest variance of activations",
        compare: "below",
        value: 1.5,
        pairing: { arm: "dense" },
        minSeeds: 3,
      },
    ],
    note: "Of each hidden layer of both nets the mean over the second half of training; then the " +
      "worst of them.",
  },
];
