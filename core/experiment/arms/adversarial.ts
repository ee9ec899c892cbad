/** A pair of nets that are trained against each other (Goodfellow et al. 2014), as an arm. */
import { z } from "zod";
import { layerSchema } from "../../nn/layers.ts";
import { optimiserSchema } from "../../optim/optimisers.ts";
import { cellId, hex } from "../records/record.ts";

const count = z.number().int().min(1);
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a name in kebab-case");

/** A classifier out of an experiment's lock, by whose features generated images are judged. */
export const yardstickSchema = z.strictObject({
  /** Whose lock has its weights. */
  experiment: name,
  /** The cell in that lock, e.g. `yardstick-s0`. */
  cell: cellId,
  /** From images [height, width, channels] of values in 0..1 to one logit per class. */
  net: z.array(layerSchema).min(1),
  /** The layer whose outputs are the features, by its name in the net: `relu3`. */
  features: z.string(),
  /** SHA-256 of its weights, as in the last point of its cell's chain. */
  weights: hex,
});

/** See {@link yardstickSchema}. */
export type Yardstick = z.output<typeof yardstickSchema>;

const netSchema = z.strictObject({
  net: z.array(layerSchema).min(1),
  optimiser: optimiserSchema,
});

/** Two nets in adversarial training; what a look takes is part of it, as a look is made on the way. */
export const adversarialSchema = z.strictObject({
  kind: z.literal("adversarial"),
  data: z.enum(["mnist", "cifar10"]),
  /** Numbers of a code, drawn from the standard normal distribution. */
  code: count,
  /** From codes [batch, 1, 1, code] to images [batch, height, width, channels]. */
  generator: netSchema,
  /** From images to one logit each: whether it is real. */
  discriminator: netSchema,
  /** In which range the generator puts out pixels, so that the real ones are brought to it. */
  pixels: z.enum(["-1..1", "0..1"]).default("-1..1"),
  /** Real images per step, and generated ones in either half of it. */
  batch: count.default(64),
  /** How many training images the fixed shuffle takes to train on; the rest are held out. */
  trainImages: count,
  /** Training length, as one of the two; the preset's if left out. */
  epochs: count.optional(),
  steps: count.optional(),
  /** Steps between two looks at the pair; there is one at the end too. */
  lookEvery: count,
  /** Images at most that a look takes of each kind: generated, real, held out. */
  samples: count.default(10_000),
  yardstick: yardstickSchema.optional(),
  /** Take mean and variance of the hidden activations at each look. */
  activations: z.boolean().default(false),
  /** Keep the cosine of successive displacements of the weights, every 100 steps. */
  displacements: z.boolean().default(false),
});

/** An adversarial arm as it is run. */
export type Adversarial = z.output<typeof adversarialSchema>;

/**
 * Declares a pair of nets in adversarial training. In each step the discriminator learns from a batch
 * of real images, labelled 1, and as many generated ones, labelled 0, which pass it apart, so that a
 * batch normalisation sees one kind at a time; then the generator learns from as many fresh ones
 * labelled 1.
 *
 * @example
 * ```ts
 * import { adversarial } from "./adversarial.ts";
 * const optimiser = { optimiser: "adam", learningRate: 2e-4, beta1: 0.5 } as const;
 * const arm = adversarial({
 *   data: "mnist",
 *   code: 30,
 *   generator: {
 *     net: [
 *       { layer: "flatten" },
 *       { layer: "dense", units: 784 },
 *       { layer: "tanh" },
 *       { layer: "reshape", shape: [28, 28, 1] },
 *     ],
 *     optimiser,
 *   },
 *   discriminator: { net: [{ layer: "flatten" }, { layer: "dense", units: 1 }], optimiser },
 *   trainImages: 50_000,
 *   lookEvery: 500,
 * });
 * console.assert(arm.kind === "adversarial");
 * ```
 */
export function adversarial(
  arm: Omit<z.input<typeof adversarialSchema>, "kind">,
): z.input<typeof adversarialSchema> {
  return { kind: "adversarial", ...arm };
}
