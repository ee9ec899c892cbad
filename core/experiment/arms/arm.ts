/**
 * The six kinds of arms: a net that is trained on labelled images, a pair of nets that are trained
 * against each other, nearest neighbours among the training images, a computation that is only
 * carried out, a timing of nets' training steps, and a transfer of adversarial images between nets.
 */
import { z } from "zod";
import { type DatasetName, DATASETS } from "../../data/dataset.ts";
import { PIXELS } from "../../data/pixels.ts";
import { addedImages, type Poison, poisonSchema } from "../../data/poison.ts";
import { weightsSchema } from "../../nn/initialisers.ts";
import { layerSchema } from "../../nn/layers.ts";
import { optimiserSchema } from "../../optim/optimisers.ts";
import { virtualSchema } from "../../train/virtual.ts";
import { adversarySchema } from "../../train/adversary.ts";
import { type Adversarial, adversarialSchema } from "./adversarial.ts";
import { inspectSchema } from "./inspect.ts";
import type { Lab } from "../cells/lab.ts";
import { nearestNeighbourSchema } from "./nearest_neighbour.ts";
import { timingSchema } from "./timing.ts";
import { transferSchema } from "./transfer.ts";
import { isTrainedKind } from "../records/record.ts";

const count = z.number().int().min(1);

/** Pixels a side; a record from a stranger could ask for any number. */
const LARGEST_CANVAS = 256;

const evaluationsSchema = z.union(
  [z.enum(["every epoch", "at the end"]), z.strictObject({ every: count })],
  '"every epoch", "at the end", or { every: steps }',
);

/** A net trained on labelled images; every field reaches its program, its data or its record. */
export const supervisedSchema = z.strictObject({
  kind: z.literal("supervised"),
  data: z.enum(["mnist", "cifar10"]),
  /** Layers from images [height, width, channels] to one logit per class. */
  net: z.array(layerSchema).min(1),
  /** Where the weights of layers start that declare nothing themselves; Glorot-uniform if left out. */
  weights: weightsSchema.optional(),
  optimiser: optimiserSchema,
  /**
   * What is made small, over images the mean of: the softmax cross-entropy if left out; `hinge`
   * (Crammer and Singer 2001): max(0, 1 - margin), the margin being the label's logit less the
   * largest other one. Evaluations take the same.
   */
  loss: z.literal("hinge").optional(),
  /**
   * Times each parameter, biases as well as weights, it is added to the gradient that the optimiser
   * follows: as by a penalty of half of it times their squared norm, which the recorded loss is
   * without.
   */
  weightDecay: z.number().positive().optional(),
  /** Whether the net learns from adversarial images. */
  adversary: adversarySchema.optional(),
  /** Images per step; the last partial batch of an epoch is dropped. */
  batch: count.default(64),
  /** How many training images the fixed shuffle takes to train on; the rest validate. */
  trainImages: count,
  /** Train on only so many of these, drawn for each seed. */
  subset: count.optional(),
  /** Spoil a share of these: copies of some are added under wrong labels, or labels are changed. */
  poison: poisonSchema.optional(),
  /**
   * Virtual adversarial training (Miyato et al. 2018): the net is also to say the same of an image as
   * of images near it, for which each step takes further images of all that the fixed shuffle takes,
   * of a subset or not, without their labels.
   */
  virtual: virtualSchema.optional(),
  /** Put each image in the top left corner of a black square of so many pixels a side. */
  canvas: count.max(LARGEST_CANVAS).optional(),
  /**
   * How a byte k of an image reaches the net: as k/255, as k, or as k/255 less the mean of its channel
   * over the standard deviation, both of all pixels of the cell's training images as the net sees
   * them: of its own subset, canvas included.
   */
  pixels: z.enum(PIXELS).default("unit"),
  /** Training length, as one of the two; the preset's if left out. */
  epochs: count.optional(),
  steps: count.optional(),
  /**
   * When validation and test images are evaluated, besides at the end; every so many steps the
   * validation images alone.
   */
  evaluations: evaluationsSchema.default("every epoch"),
  /**
   * A training accuracy to watch for: until it is reached the training images are evaluated too,
   * after every epoch or, where evaluations are every so many steps, with these; and where it is
   * reached all sets are.
   */
  level: z.strictObject({
    trainAccuracy: z.number().gt(0).max(1),
    /** Whether training ends there. */
    stop: z.boolean().default(false),
  }).optional(),
  /** Evaluate on only the first so many validation or test images. */
  validationImages: count.optional(),
  testImages: count.optional(),
  /** Keep the cosine of successive displacements of the weights, every 100 steps. */
  displacements: z.boolean().default(false),
  /** Look inside the net on the way, which changes nothing of the training. */
  inspect: inspectSchema.optional(),
});

/** A supervised arm as it is run. */
export type Supervised = z.output<typeof supervisedSchema>;

/** Height, width and channels of the images that an arm's net is given. */
export function imageShape(
  { data, canvas }: { readonly data: DatasetName; readonly canvas?: number | undefined },
) {
  const [height, width, channels] = DATASETS[data].shape;
  return [canvas ?? height, canvas ?? width, channels] as const;
}

/** What of a trained arm says how many images it is trained on. */
interface Learning {
  readonly trainImages: number;
  readonly subset?: number | undefined;
  readonly poison?: Poison | undefined;
}

/** Images that a cell is trained on, those that a poison adds among them. */
export function trainedImages({ trainImages, subset = trainImages, poison }: Learning): number {
  return subset + (poison ? addedImages(poison, subset) : 0);
}

/** Training steps in an epoch, which has whole batches only. */
export function stepsPerEpoch(arm: Learning & { readonly batch: number }): number {
  return Math.floor(trainedImages(arm) / arm.batch);
}

/** How many images a step of a trained arm sees with their labels, and how many without. */
export function imagesOfStep(
  arm: Trained,
): { readonly batch: number; readonly unlabelled: number } {
  const unlabelled = arm.kind === "supervised" ? arm.virtual?.batch ?? 0 : 0;
  return { batch: arm.batch, unlabelled };
}

/** What a computation arm returns: numbers, or lists of them, by name. */
export type Results = Readonly<Record<string, number | readonly number[]>>;

/** JSON data that a computation is carried out on. */
export type Inputs = Readonly<Record<string, unknown>>;

/** A computation without training, on the cell's device. */
export const computationSchema = z.strictObject({
  kind: z.literal("computation"),
  /** The numbers it starts from; they are in the cell's digest. */
  inputs: z.record(z.string(), z.json()),
  compute: z.custom<(lab: Lab, inputs: never) => Promise<Results> | Results>(
    (value) => typeof value === "function",
    "a function (lab, inputs) => results",
  ),
});

/** A computation arm. */
export type Computation = z.output<typeof computationSchema>;

/** An arm whose cells are trained. */
export type Trained = Supervised | Adversarial;

/** The schema of an arm whose cells are trained. */
export const trainedSchema = z.discriminatedUnion("kind", [supervisedSchema, adversarialSchema]);

/** Whether an arm's cells are trained. */
export function isTrained<A extends { readonly kind: string }>(
  arm: A,
): arm is Extract<A, { readonly kind: Trained["kind"] }> {
  return isTrainedKind(arm.kind);
}

/** The schema of an arm of any kind. */
export const armSchema = z.discriminatedUnion("kind", [
  supervisedSchema,
  adversarialSchema,
  nearestNeighbourSchema,
  computationSchema,
  timingSchema,
  transferSchema,
]);

/** An arm of any kind. */
export type Arm = z.output<typeof armSchema>;

/**
 * Declares a net trained on labelled images.
 *
 * @example
 * ```ts
 * import { supervised } from "./arm.ts";
 * const arm = supervised({
 *   data: "mnist",
 *   net: [{ layer: "flatten" }, { layer: "dense", units: 10 }],
 *   optimiser: { optimiser: "sgd", learningRate: 0.1 },
 *   trainImages: 50_000,
 *   epochs: 1,
 * });
 * console.assert(arm.kind === "supervised");
 * ```
 */
export function supervised(
  arm: Omit<z.input<typeof supervisedSchema>, "kind">,
): z.input<typeof supervisedSchema> {
  return { kind: "supervised", ...arm };
}

/**
 * Declares a computation: `compute` gets a {@link Lab} on the cell's device and the inputs.
 *
 * @example
 * ```ts
 * import { computation } from "./arm.ts";
 * const arm = computation({ a: 3 }, (_lab, { a }) => ({ square: a * a }));
 * console.assert(arm.kind === "computation");
 * ```
 */
export function computation<I extends Inputs>(
  inputs: I,
  compute: (lab: Lab, inputs: I) => Promise<Results> | Results,
): z.input<typeof computationSchema> {
  return { kind: "computation", inputs: inputs as never, compute };
}
