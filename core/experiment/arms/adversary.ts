/**
 * Training on adversarial images: a field of a supervised arm. Each step attacks its own batch, with
 * the weights as they are before it, and learns from what comes of that; attacks of finished nets,
 * which measure, are declared in core/train/attack.ts.
 */
import { z } from "zod";
import type { Pixels } from "../../data/pixels.ts";
import { DeclarationError } from "../declaration_error.ts";

const RANGE = "a share of the pixel range: above 0 and at most 1";
/** In units of the pixel range, 0..1. */
const size = z.number().gt(0, RANGE).max(1, RANGE);

/** An attack is unrolled in the step's program, and a record from a stranger could ask for any number. */
const MOST_STEPS = 100;

const CLEAN = "a share from 0 to below 1; with 1 nothing would be learnt from adversarial images";

const common = {
  /** How far a pixel may be moved: in the max norm. */
  epsilon: size,
  /** Share of the loss that is taken on the images as they are. */
  clean: z.number().min(0, CLEAN).lt(1, CLEAN).default(0),
  /** Steps over which epsilon and the step size grow linearly from 0. */
  ramp: z.int().min(1).optional(),
};

/** See the top of this file. */
export const adversarySchema = z.discriminatedUnion("attack", [
  /**
   * One step along the sign of the gradient (Goodfellow et al. 2015): from the image itself, or from
   * a random point within epsilon of it (Wong et al. 2020).
   */
  z.strictObject({
    attack: z.literal("fgsm"),
    start: z.enum(["image", "random"]).default("image"),
    /** From a random start; epsilon if left out. */
    stepSize: size.optional(),
    ...common,
  }).refine(
    ({ start, stepSize }) => start === "random" || stepSize === undefined,
    "from the image itself the step is epsilon; drop stepSize, or let it start at random",
  ),
  /** Projected gradient: several such steps, each brought back within epsilon (Madry et al. 2018). */
  z.strictObject({
    attack: z.literal("pgd"),
    start: z.enum(["random", "image"]).default("random"),
    stepSize: size,
    steps: z.int().min(1).max(MOST_STEPS),
    ...common,
  }),
]);

/** Whom an arm is trained against. */
export type Adversary = z.output<typeof adversarySchema>;

/** @throws {DeclarationError} when an adversary's images are not given as pixels of 0..1. */
export function requireUnitPixels(
  { adversary, pixels }: {
    readonly adversary?: Adversary | undefined;
    readonly pixels: Pixels;
  },
): void {
  if (!adversary || pixels === "unit") return;
  throw new DeclarationError(
    `adversary: it moves pixels within 0..1, and this arm's are "${pixels}"; train on pixels "unit"`,
  );
}
