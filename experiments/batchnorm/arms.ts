/** The nets of the batchnorm experiment: a convolutional one and a deep one, with and without BatchNorm. */
import {
  adam,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  type LayerDeclaration,
  maxPool,
  relu,
  sgd,
  sigmoid,
  supervised,
  tanh,
  timing,
} from "../../mod.ts";

/** Where the batch normalisations of a net stand. */
type Place = "none" | "before" | "after" | "input";

/** One hidden layer: its weights, its activation, and a batch normalisation on either side of that. */
function hidden(
  place: Place,
  weighted: (bias: { readonly bias?: false }) => LayerDeclaration,
  activation: LayerDeclaration,
): LayerDeclaration[] {
  // What a bias adds, a batch normalisation right after it takes away again.
  if (place === "before") return [weighted({ bias: false }), batchNorm(), activation];
  return [weighted({}), activation, ...(place === "after" ? [batchNorm()] : [])];
}

const first = (place: Place) => place === "input" ? [batchNorm()] : [];

/** The reference net, optionally with dropout after each pooling and before the output. */
function reference(place: Place, dropouts = false): LayerDeclaration[] {
  const dropped = (rate: number) => dropouts ? [dropout({ rate })] : [];
  return [
    ...first(place),
    ...hidden(place, (bias) => conv2d({ filters: 32, kernel: 3, ...bias }), relu()),
    maxPool({ size: 2 }),
    ...dropped(0.25),
    ...hidden(place, (bias) => conv2d({ filters: 64, kernel: 3, ...bias }), relu()),
    maxPool({ size: 2 }),
    ...dropped(0.25),
    ...hidden(place, (bias) => conv2d({ filters: 64, kernel: 3, ...bias }), relu()),
    flatten(),
    ...hidden(place, (bias) => dense({ units: 64, ...bias }), relu()),
    ...dropped(0.5),
    dense({ units: 10 }),
  ];
}

/** Ten hidden layers of 128 units. */
function deep(place: Place, activation: LayerDeclaration): LayerDeclaration[] {
  return [
    flatten(),
    ...first(place),
    ...Array.from(
      { length: 10 },
      () => hidden(place, (bias) => dense({ units: 128, ...bias }), activation),
    ).flat(),
    dense({ units: 10 }),
  ];
}

const images = { data: "cifar10", trainImages: 45_000, validationImages: 2_000 } as const;
const colour = {
  ...images,
  optimiser: adam({ learningRate: 1e-3 }),
  evaluations: { every: 35 },
} as const;

const digits = {
  data: "mnist",
  trainImages: 50_000,
  validationImages: 2_000,
  optimiser: sgd({ learningRate: 0.1 }),
  steps: 400,
  evaluations: { every: 20 },
} as const;
/** Sigmoid nets learn late, if they do. */
const slow = { ...digits, steps: 1_000, evaluations: { every: 100 } } as const;

/** Steps along the gradient at which the loss and the gradient are looked at. */
const landscape = [0.05, 0.1, 0.2, 0.4];
const inspect = (every: number) => ({ inspect: { every, landscape } });
/** At the start and at the end alone. */
const ENDS = 1_000;
/** How the sigmoids' outputs are spread. */
const spread = {
  inspect: { every: 250, landscape, histograms: { layers: "sigmoid", from: 0, to: 1, bins: 16 } },
};

/** Training accuracy at which nets on 5,000 images are compared, and when it must be reached. */
export const LEVEL = 0.7;
export const MOST_EPOCHS = 30;
const few = {
  ...images,
  optimiser: adam({ learningRate: 1e-3 }),
  subset: 5_000,
  epochs: MOST_EPOCHS,
  level: { trainAccuracy: LEVEL },
  evaluations: "at the end",
} as const;

const he = { weights: { he: 1 } } as const;
/** Small weights, from which the gradients of a deep sigmoid net vanish. */
const small = { weights: { normal: 0.05 } } as const;

/** The learning rates of the grids, a factor of the root of ten apart. */
export const CNN_RATES = [0.000316, 0.001, 0.00316, 0.01];
/** A decade on both sides of the deep net's own rate. */
export const RATES = [0.01, 0.0316, 0.1, 0.316, 1];
/** On from there, for the largest that still trains. */
export const HIGH_RATES = [...RATES, 3.16, 10, 31.6, 100];
/** Times the standard deviation of He et al. (2015). */
export const SCALES = [0.25, 1, 4];

/** All arms by name. */
export const arms = {
  "cnn-none": supervised({ ...colour, ...inspect(140), net: reference("none") }),
  "cnn-before": supervised({ ...colour, ...inspect(140), net: reference("before") }),
  "cnn-after": supervised({ ...colour, net: reference("after") }),
  "cnn-input": supervised({ ...colour, net: reference("input") }),
  "cnn-raw-bn": supervised({ ...colour, pixels: "raw", net: reference("input") }),
  "cnn-standardised": supervised({
    ...colour,
    pixels: "standardised",
    net: reference("none"),
  }),
  "cnn-raw": supervised({ ...colour, pixels: "raw", net: reference("none") }),

  "cnn-none-5k": supervised({ ...few, net: reference("none") }),
  "cnn-bn-5k": supervised({ ...few, net: reference("before") }),
  "cnn-dropout-5k": supervised({ ...few, net: reference("none", true) }),
  "cnn-bn-dropout-5k": supervised({ ...few, net: reference("before", true) }),

  "deep-relu-none": supervised({ ...digits, ...he, ...inspect(100), net: deep("none", relu()) }),
  "deep-relu-before": supervised({
    ...digits,
    ...he,
    ...inspect(100),
    net: deep("before", relu()),
  }),
  "deep-relu-after": supervised({ ...digits, ...he, ...inspect(ENDS), net: deep("after", relu()) }),
  "deep-relu-input": supervised({ ...digits, ...he, net: deep("input", relu()) }),
  "deep-raw-bn": supervised({ ...digits, ...he, pixels: "raw", net: deep("input", relu()) }),
  "deep-standardised": supervised({
    ...digits,
    ...he,
    pixels: "standardised",
    net: deep("none", relu()),
  }),
  "deep-raw": supervised({ ...digits, ...he, pixels: "raw", net: deep("none", relu()) }),

  "deep-tanh-none": supervised({ ...digits, ...inspect(ENDS), net: deep("none", tanh()) }),
  "deep-tanh-before": supervised({ ...digits, ...inspect(ENDS), net: deep("before", tanh()) }),
  "deep-tanh-after": supervised({ ...digits, net: deep("after", tanh()) }),
  "deep-tanh-input": supervised({ ...digits, net: deep("input", tanh()) }),

  "deep-sigmoid-none": supervised({
    ...slow,
    ...small,
    ...spread,
    net: deep("none", sigmoid()),
  }),
  "deep-sigmoid-before": supervised({
    ...slow,
    ...small,
    ...spread,
    net: deep("before", sigmoid()),
  }),
  "deep-sigmoid-after": supervised({
    ...slow,
    ...small,
    ...inspect(ENDS),
    net: deep("after", sigmoid()),
  }),
  "deep-sigmoid-input": supervised({ ...slow, ...small, net: deep("input", sigmoid()) }),
  "deep-sigmoid-glorot": supervised({
    ...slow,
    ...inspect(250),
    net: deep("none", sigmoid()),
  }),
  "deep-sigmoid-adam": supervised({
    ...slow,
    ...small,
    ...inspect(250),
    optimiser: adam({ learningRate: 1e-3 }),
    net: deep("none", sigmoid()),
  }),

  "cnn-step": timing({ arms: ["cnn-none", "cnn-before", "cnn-after"], rounds: 40 }),
  "deep-step": timing({ arms: ["deep-relu-none", "deep-relu-before"], rounds: 40 }),
};

/** Arms that were inspected on the way. */
export const INSPECTED = Object.entries(arms)
  .filter(([, arm]) => "inspect" in arm)
  .map(([name]) => name);
