/** The pairs of nets of the dcgan experiment. */
import {
  adam,
  adversarial,
  batchNorm,
  conv2d,
  conv2dTranspose,
  dense,
  flatten,
  type LayerDeclaration,
  leakyRelu,
  maxPool,
  relu,
  reshape,
  rmsprop,
  selu,
  sigmoid,
  supervised,
  tanh,
  upsample,
} from "../../mod.ts";
import { YARDSTICK, yardstickTraining } from "../mnist/yardstick.ts";

/** Real images per step of the convolutional pairs, and of the lecture's dense one. */
const BATCH = 64;
const DENSE_BATCH = 32;

/** Steps of the main arm at `standard`, and those after which the guidelines' arms are compared. */
export const STEPS = 2_400;
const COMPARED_STEPS = 400;
/** Real images that they have seen by then. */
export const SEEN = STEPS * BATCH;
export const COMPARED = COMPARED_STEPS * BATCH;

/** What all pairs share; a look takes up to 10,000 images of each kind. */
const base = { data: "mnist", trainImages: 50_000, yardstick: YARDSTICK } as const;

const weights = { normal: 0.02 };
const optimiser = adam({ learningRate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 });
/** Half or twice the side. */
const strided = { kernel: 4, stride: 2, padding: 1, weights } as const;
/** A whole map of 7 x 7 pixels at once. */
const whole = { kernel: 7, weights } as const;
/** A batch normalisation takes it away again. */
const bias = false as const;

const leaky = () => leakyRelu({ slope: 0.2 });
const mainGenerator = generator({ activation: relu, normalisation: [batchNorm()] });
const mainDiscriminator = discriminator({ activation: leaky, normalisation: [batchNorm()] });

/** From a code as a 1x1 map to 7x7x64, 14x14x32 and the image. */
function generator(
  { activation, normalisation, last = [tanh()] }: {
    readonly activation: () => LayerDeclaration;
    readonly normalisation: readonly LayerDeclaration[];
    readonly last?: readonly LayerDeclaration[];
  },
): LayerDeclaration[] {
  const own = normalisation.length > 0 ? { bias } : {};
  return [
    conv2dTranspose({ filters: 64, ...whole, ...own }),
    ...normalisation,
    activation(),
    conv2dTranspose({ filters: 32, ...strided, ...own }),
    ...normalisation,
    activation(),
    conv2dTranspose({ filters: 1, ...strided }),
    ...last,
  ];
}

/** The generator's mirror image, down to one logit. */
function discriminator(
  { activation, normalisation, first = [] }: {
    readonly activation: () => LayerDeclaration;
    readonly normalisation: readonly LayerDeclaration[];
    /** Between the input layer and its activation. */
    readonly first?: readonly LayerDeclaration[];
  },
): LayerDeclaration[] {
  const own = normalisation.length > 0 ? { bias } : {};
  return [
    conv2d({ filters: 32, ...strided }),
    ...first,
    activation(),
    conv2d({ filters: 64, ...strided, ...own }),
    ...normalisation,
    activation(),
    conv2d({ filters: 1, ...whole }),
  ];
}

/** A pair that differs from the main one in what is given, up to the step of the comparison. */
function variant(
  { generator = mainGenerator, discriminator = mainDiscriminator, pixels = "-1..1" }: {
    readonly generator?: readonly LayerDeclaration[];
    readonly discriminator?: readonly LayerDeclaration[];
    readonly pixels?: "-1..1" | "0..1";
  },
) {
  return adversarial({
    ...base,
    code: 64,
    batch: BATCH,
    generator: { net: [...generator], optimiser },
    discriminator: { net: [...discriminator], optimiser },
    pixels,
    steps: COMPARED_STEPS,
    lookEvery: COMPARED_STEPS,
  });
}

/** Arms that break one guideline each, in the order of the guidelines. */
export const BREAKING = {
  /** A 3x3 convolution and a 2x2 pooling see 4x4 pixels, as the strided convolution does. */
  pooling: variant({
    generator: [
      conv2dTranspose({ filters: 64, ...whole, bias }),
      batchNorm(),
      relu(),
      upsample({ factor: 2 }),
      conv2d({ filters: 32, kernel: 3, padding: "same", weights, bias }),
      batchNorm(),
      relu(),
      upsample({ factor: 2 }),
      conv2d({ filters: 1, kernel: 3, padding: "same", weights }),
      tanh(),
    ],
    discriminator: [
      conv2d({ filters: 32, kernel: 3, padding: "same", weights }),
      leaky(),
      maxPool({ size: 2 }),
      conv2d({ filters: 64, kernel: 3, padding: "same", weights, bias }),
      batchNorm(),
      leaky(),
      maxPool({ size: 2 }),
      conv2d({ filters: 1, ...whole }),
    ],
  }),
  "no-batch-norm": variant({
    generator: generator({ activation: relu, normalisation: [] }),
    discriminator: discriminator({ activation: leaky, normalisation: [] }),
  }),
  "batch-norm-everywhere": variant({
    generator: generator({
      activation: relu,
      normalisation: [batchNorm()],
      last: [batchNorm(), tanh()],
    }),
    discriminator: discriminator({
      activation: leaky,
      normalisation: [batchNorm()],
      first: [batchNorm()],
    }),
  }),
  "dense-hidden": variant({
    generator: [
      flatten(),
      dense({ units: 128, weights, bias }),
      batchNorm(),
      relu(),
      reshape({ shape: [1, 1, 128] }),
      ...mainGenerator,
    ],
    discriminator: [
      ...mainDiscriminator.slice(0, -1),
      flatten(),
      dense({ units: 128, weights, bias }),
      batchNorm(),
      leaky(),
      dense({ units: 1, weights }),
    ],
  }),
  "leaky-generator": variant({
    generator: generator({ activation: leaky, normalisation: [batchNorm()] }),
  }),
  "sigmoid-output": variant({
    generator: generator({
      activation: relu,
      normalisation: [batchNorm()],
      last: [sigmoid()],
    }),
    pixels: "0..1",
  }),
  "relu-discriminator": variant({
    discriminator: discriminator({ activation: relu, normalisation: [batchNorm()] }),
  }),
};

const listed = rmsprop({ learningRate: 1e-3, rho: 0.9, epsilon: 1e-7 });

/** All arms by name. */
export const arms = {
  dcgan: adversarial({
    ...base,
    code: 64,
    batch: BATCH,
    generator: { net: mainGenerator, optimiser },
    discriminator: { net: mainDiscriminator, optimiser },
    lookEvery: STEPS / 12,
    displacements: true,
  }),
  /** The lecture's listing. */
  dense: adversarial({
    ...base,
    code: 30,
    batch: DENSE_BATCH,
    generator: {
      net: [
        flatten(),
        dense({ units: 100 }),
        selu(),
        dense({ units: 150 }),
        selu(),
        dense({ units: 28 * 28 }),
        sigmoid(),
        reshape({ shape: [28, 28, 1] }),
      ],
      optimiser: listed,
    },
    discriminator: {
      net: [
        flatten(),
        dense({ units: 150 }),
        selu(),
        dense({ units: 100 }),
        selu(),
        dense({ units: 1 }),
      ],
      optimiser: listed,
    },
    pixels: "0..1",
    steps: SEEN / DENSE_BATCH,
    lookEvery: SEEN / DENSE_BATCH / 12,
    activations: true,
  }),
  ...BREAKING,
  /** Made to collapse, as an illustration: the discriminator is far too slow for the generator. */
  collapse: adversarial({
    ...base,
    code: 64,
    batch: BATCH,
    generator: {
      net: generator({ activation: relu, normalisation: [] }),
      optimiser: adam({ learningRate: 4e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }),
    },
    discriminator: {
      net: discriminator({ activation: leaky, normalisation: [] }),
      optimiser: adam({ learningRate: 2e-5, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }),
    },
    steps: COMPARED_STEPS,
    lookEvery: COMPARED_STEPS / 8,
  }),
  /** How straight a net learns that has no opponent: the yardstick's own training. */
  yardstick: supervised({ ...yardstickTraining, evaluations: "at the end", displacements: true }),
  /** 7x7x256 to begin with, and kernels of 5x5. */
  "full-size": adversarial({
    ...base,
    code: 100,
    batch: BATCH,
    generator: {
      net: [
        conv2dTranspose({ filters: 256, ...whole, bias }),
        batchNorm(),
        relu(),
        ...[[128, 1], [64, 2]].flatMap(([filters, stride]) => [
          conv2dTranspose({
            ...{ filters: filters!, kernel: 5, stride: stride!, padding: "same", weights, bias },
          }),
          batchNorm(),
          relu(),
        ]),
        conv2dTranspose({ filters: 1, kernel: 5, stride: 2, padding: "same", weights }),
        tanh(),
      ],
      optimiser,
    },
    discriminator: {
      net: [
        conv2d({ filters: 64, kernel: 5, stride: 2, padding: "same", weights }),
        leaky(),
        conv2d({ filters: 128, kernel: 5, stride: 2, padding: "same", weights, bias }),
        batchNorm(),
        leaky(),
        conv2d({ filters: 1, ...whole }),
      ],
      optimiser,
    },
    epochs: 50,
    lookEvery: 781,
  }),
};
