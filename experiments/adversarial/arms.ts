/** The models of the adversarial experiment: what is attacked, and what is trained against attacks. */
import {
  adam,
  conv2d,
  dense,
  dropout,
  flatten,
  type LayerDeclaration,
  maxPool,
  relu,
  supervised,
  transfer,
} from "../../mod.ts";

/** The largest change of a pixel: of CIFAR-10 in the lectures' picture, and four times that. */
export const SMALL = 2 / 255;
export const LARGE = 8 / 255;
/** Of digits, where it can be seen. */
export const DIGITS = 0.2;
/** Test images that are attacked: the first ones. */
export const ATTACKED = 1_000;

/** The reference net of cnn, optionally with dropout after each pooling and before the output. */
function reference(dropouts = false): LayerDeclaration[] {
  const dropped = (rate: number) => dropouts ? [dropout({ rate })] : [];
  return [
    conv2d({ filters: 32, kernel: 3 }),
    relu(),
    maxPool({ size: 2 }),
    ...dropped(0.25),
    conv2d({ filters: 64, kernel: 3 }),
    relu(),
    maxPool({ size: 2 }),
    ...dropped(0.25),
    conv2d({ filters: 64, kernel: 3 }),
    relu(),
    flatten(),
    dense({ units: 64 }),
    relu(),
    ...dropped(0.5),
    dense({ units: 10 }),
  ];
}

/** Strided convolutions with larger kernels, no pooling. */
const strided = [
  conv2d({ filters: 32, kernel: 5, stride: 2 }),
  relu(),
  conv2d({ filters: 64, kernel: 5, stride: 2 }),
  relu(),
  flatten(),
  dense({ units: 128 }),
  relu(),
  dense({ units: 10 }),
];

/** Goodfellow's and Madry's question on digits, asked of a small net. */
const small = [
  conv2d({ filters: 16, kernel: 5 }),
  relu(),
  maxPool({ size: 2 }),
  conv2d({ filters: 32, kernel: 5 }),
  relu(),
  maxPool({ size: 2 }),
  flatten(),
  dense({ units: 10 }),
];

const linear = [flatten(), dense({ units: 10 })];
const mlp = [
  flatten(),
  dense({ units: 256 }),
  relu(),
  dense({ units: 128 }),
  relu(),
  dense({ units: 10 }),
];

const colour = {
  data: "cifar10",
  optimiser: adam({ learningRate: 1e-3 }),
  trainImages: 45_000,
  validationImages: 2_000,
  evaluations: "at the end",
} as const;

const digits = {
  data: "mnist",
  optimiser: adam({ learningRate: 1e-3 }),
  trainImages: 50_000,
  validationImages: 2_000,
  evaluations: "at the end",
} as const;

/** Half of the loss is on clean images, as in Goodfellow et al. (2015). */
const fgsm = (epsilon: number) => ({ attack: "fgsm", epsilon, clean: 0.5 } as const);
/** Fast adversarial training (Wong et al. 2020): FGSM from a random start, a quarter too far. */
const randomFgsm = (epsilon: number) => ({
  attack: "fgsm",
  start: "random",
  epsilon,
  stepSize: 1.25 * epsilon,
} as const);
/** Madry et al. (2018), epsilon growing from 0: from random weights a small net would collapse. */
const pgd = (epsilon: number, ramp: number) => ({
  attack: "pgd",
  start: "random",
  epsilon,
  steps: 7,
  stepSize: epsilon / 4,
  ramp,
} as const);

/** 2,000 images, drawn for each seed, until the net has learned them. */
const few = {
  ...digits,
  subset: 2_000,
  epochs: 20,
  net: small,
} as const;

/** Few labels, drawn for each seed; VAT sees all other images without theirs. */
const labels = (subset: number) => ({ ...digits, steps: 1_000, subset, net: mlp }) as const;
const virtual = { epsilon: 0.75, xi: 1 } as const;

/** Twelve epochs of 5,000 images, drawn for each seed. */
const fed = { ...digits, subset: 5_000, steps: 936, net: mlp } as const;

/** Shares of near-copies with wrong labels that are added to 5,000 images, and of labels flipped. */
const POISONED = [0.01, 0.05, 0.1, 0.3];
const FLIPPED = [0.05, 0.1, 0.3];
const percent = (share: number) => Math.round(100 * share);

/** All arms by name. */
export const arms = {
  reference: supervised({ ...colour, steps: 3_515, net: reference() }),
  "reference-decay": supervised({
    ...colour,
    steps: 3_515,
    weightDecay: 5e-4,
    net: reference(),
  }),
  "reference-dropout": supervised({ ...colour, steps: 3_515, net: reference(true) }),
  strided: supervised({ ...colour, steps: 3_515, net: strided }),
  "reference-fgsm-trained": supervised({
    ...colour,
    steps: 7_030,
    adversary: fgsm(LARGE),
    net: reference(),
  }),
  "reference-pgd-trained": supervised({
    ...colour,
    steps: 7_030,
    adversary: pgd(LARGE, 1_406),
    net: reference(),
  }),

  softmax: supervised({ ...digits, net: linear }),
  svm: supervised({ ...digits, loss: "hinge", net: linear }),
  mlp: supervised({ ...digits, net: mlp }),
  cnn: supervised({ ...digits, net: small }),
  "fgsm-trained": supervised({ ...digits, adversary: fgsm(DIGITS), net: small }),
  "random-fgsm-trained": supervised({ ...digits, adversary: randomFgsm(DIGITS), net: small }),
  "pgd-trained": supervised({ ...digits, adversary: pgd(DIGITS, 781), net: small }),

  "cnn-2k": supervised(few),
  "fgsm-trained-2k": supervised({ ...few, adversary: fgsm(DIGITS) }),

  "labels-100": supervised(labels(100)),
  "vat-100": supervised({ ...labels(100), virtual }),
  "labels-1000": supervised(labels(1_000)),
  "vat-1000": supervised({ ...labels(1_000), virtual }),

  "mlp-5k": supervised(fed),
  ...Object.fromEntries(
    POISONED.map((share) => [
      `copies-${percent(share)}`,
      supervised({ ...fed, poison: { share, how: "near-copies" } }),
    ]),
  ),
  ...Object.fromEntries(
    FLIPPED.map((share) => [
      `flipped-${percent(share)}`,
      supervised({ ...fed, poison: { share, how: "flipped labels" } }),
    ]),
  ),

  "digits-transfer": transfer({
    data: "mnist",
    sources: ["softmax", "mlp", "cnn"].map((arm) => ({ arm, seed: "own" as const })),
    targets: [
      "softmax",
      "svm",
      "mlp",
      "cnn",
      "fgsm-trained",
      "random-fgsm-trained",
      "pgd-trained",
      { classic: "naive Bayes" },
      { classic: "decision tree" },
      { classic: "k-means" },
      { classic: "nearest neighbour" },
    ],
    attack: { attack: "fgsm", epsilon: DIGITS },
    images: ATTACKED,
    fitted: 10_000,
  }),
  "colour-transfer": transfer({
    data: "cifar10",
    sources: [
      { arm: "reference", seed: "own" },
      { arm: "reference", seed: "next" },
      { arm: "strided", seed: "own" },
    ],
    targets: ["reference"],
    attack: { attack: "fgsm", epsilon: LARGE },
    images: ATTACKED,
    fitted: 10_000,
  }),
};
