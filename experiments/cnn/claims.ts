/** What the lectures say about CNNs, and how the cnn experiment decides it. */
import type { Claim } from "../../mod.ts";

/** The seed on which the better dense arm is chosen, by validation accuracy; it decides nothing else. */
const TUNING_SEED = 1000;
const better = (bestOf: string[]) => ({ bestOf, by: "validation accuracy", seed: TUNING_SEED });
const betterDense = better(["dense", "dense-wide"]);
const betterDenseOnFew = better(["dense-5k", "dense-wide-5k"]);

/** All claims. */
export const claims: Claim[] = [
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
    id: "cnn-vs-dense-overfit",
    lecture: 'L13b "CNN VS DNN"',
    paraphrase: "A CNN has fewer parameters than a dense net and overfits less.",
    parts: [
      {
        part: "parameters",
        measure: "parameters",
        compare: "exact",
        value: 122_570,
        pairing: { arm: "reference-5k" },
        minSeeds: 1,
      },
      {
        part: "fewer parameters",
        measure: "parameters",
        compare: "below",
        value: 0,
        pairing: { arm: "reference-5k", minus: betterDenseOnFew },
        minSeeds: 1,
      },
      {
        part: "gap",
        measure: "gap at 70 %",
        compare: "below",
        value: -0.02,
        pairing: { arm: "reference-5k", minus: betterDenseOnFew },
        minSeeds: 3,
      },
    ],
    note: "5,000 training images, drawn for each seed; the gap is that between training and test " +
      "accuracy when the former first reaches 70 %.",
  },
  {
    id: "cnn-translation",
    lecture: 'L13b "Convolutional Layer"',
    paraphrase: "A pattern learned in one place is recognised by a CNN in any other; a dense net " +
      "knows it only where it learned it.",
    parts: [
      {
        part: "the CNN knows it elsewhere",
        measure: "retention, opposite corner",
        compare: "above",
        value: 0.8,
        pairing: { arm: "digits-reference" },
        minSeeds: 3,
      },
      {
        part: "the dense net does not",
        measure: "retention, opposite corner",
        compare: "below",
        value: 0.2,
        pairing: { arm: "digits-dense" },
        minSeeds: 3,
      },
    ],
    note:
      "Digits trained in one corner of a black canvas of 56 x 56 pixels and asked about in the " +
      "opposite one. The reference net ends in dense layers; digits-pooled has global average " +
      "pooling before them.",
  },
  {
    id: "cnn-small-shift",
    lecture: "CS404 87; CS461 recap",
    paraphrase: "CNNs are robust to small translations.",
    parts: [{
      part: "retention",
      measure: "retention, shifted 4",
      compare: "above",
      value: 0.05,
      pairing: { arm: "reference", minus: betterDense },
      minSeeds: 3,
    }],
    marks: ["pilot"],
    note: "2,000 test images shifted 4 pixels to each of the four sides, their edge repeated.",
  },
  {
    id: "cnn-scale-rotation",
    lecture: "CS461 recap",
    paraphrase: "CNNs are robust to small scaling and rotation.",
    parts: ["rotated 10 degrees", "scaled 0.9", "scaled 1.1"].map((change) => ({
      part: change,
      measure: `retention, ${change}`,
      compare: "above" as const,
      value: 0.9,
      pairing: { arm: "reference" },
      minSeeds: 3,
    })),
    note:
      "2,000 test images, bilinear, their edge repeated; the rotation is the mean of both ways.",
  },
  {
    id: "cnn-first-layer-edges",
    lecture: 'CSGY "What type of convolutional filters do we learn"',
    paraphrase: "Many filters of the first layer become edge detectors.",
    parts: [{
      part: "a quarter",
      measure: "edge filters",
      compare: "above",
      value: 0.25,
      pairing: { arm: "reference" },
      minSeeds: 3,
    }],
    note:
      "An edge detector has more of its energy in the plane of the two Sobel filters than 95 % " +
      "of the same filters with their positions shuffled; by chance 5 % do.",
  },
  {
    id: "cnn-more-data",
    lecture: 'CSGY "Data augmentation"',
    paraphrase: "More training data make a more accurate model.",
    parts: [["reference-15k", "reference-5k"], ["reference", "reference-15k"]].map((
      [more, less],
    ) => ({
      part: `${more} over ${less}`,
      measure: "test accuracy",
      compare: "above" as const,
      value: 0.02,
      pairing: { arm: more!, minus: less! },
      minSeeds: 3,
    })),
    note: "5,000, 15,000 and 45,000 images at equal steps.",
  },
  {
    id: "cnn-knn-baseline",
    lecture: "CS404 9",
    paraphrase: "The nearest neighbour by raw pixels reaches 38.6 % on CIFAR-10.",
    parts: [{
      part: "accuracy",
      measure: "test accuracy",
      compare: "exact",
      value: 0.386,
      tolerance: 0.005,
      pairing: { arm: "nearest-neighbour" },
      minSeeds: 1,
    }],
    marks: ["pilot"],
    note: "L1 distances of all test images to all training images, ties to the lowest index; the " +
      "data lack 98 images.",
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
];
