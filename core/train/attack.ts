/**
 * Attacks on a trained net, as data: how an image may be changed so that the net errs. They move an
 * image within a small distance of itself, epsilon, and within the pixel range 0..1, and all but the
 * last see the net from inside (white box).
 *
 * - `fgsm`, the fast gradient sign method (Goodfellow, Shlens and Szegedy 2015): one step of size
 *   epsilon along the sign of the gradient of the cross-entropy with respect to the pixels, which to
 *   a linear net of two classes is the worst that can be done within epsilon of each pixel.
 * - `pgd`, projected gradient descent (Madry et al. 2018): many small such steps, each brought back
 *   into the ball of radius epsilon, from a random point of it, several times over. With norm `l2`
 *   the ball is that of the Euclidean distance over all pixels of an image, and steps go along the
 *   gradient itself.
 * - `noise`: epsilon times random signs, which sees nothing of the net: what the others are to be held
 *   against.
 *
 * With a `target` the steps go down the loss of that class instead of up that of the true one.
 */
import { z } from "zod";

/** The most that makes sense, and that a stranger's record may ask of a machine. */
const MOST = { epsilon: 1, l2: 100, steps: 1_000, restarts: 100 } as const;

/** What `pgd` has where nothing is said. */
const DEFAULTS = { norm: "max", start: "random", restarts: 1, loss: "cross-entropy" } as const;

/** A distance above 0, at most at `most`. */
function distance(name: string, most: number) {
  const error = ({ input }: { readonly input?: unknown }) => outside(name, most, input);
  return z.number({ error }).gt(0, { error }).max(most, { error });
}

function outside(name: string, most: number, found: unknown): string {
  const unit = most === MOST.epsilon ? ", the range of a pixel (8 grey levels are 8/255)" : "";
  return `${name} must lie above 0 and at most at ${most}${unit}, found ${found}`;
}

/** Of each pixel, whose range is 0..1. */
const epsilon = distance("epsilon", MOST.epsilon);
const count = z.number().int().min(1);
/** A class's name: `airplane`, `7`. */
const target = z.string().optional();

/** The schema of an attack. */
export const attackSchema = z.discriminatedUnion("attack", [
  z.strictObject({ attack: z.literal("fgsm"), epsilon, target }),
  z.strictObject({ attack: z.literal("noise"), epsilon }),
  z.strictObject({
    attack: z.literal("pgd"),
    /** Of each pixel; with norm `l2` of an image as a whole, the root of the squared changes' sum. */
    epsilon: distance("epsilon", MOST.l2),
    /** How far a step goes, in the unit of epsilon. */
    stepSize: distance("stepSize", MOST.l2),
    steps: count.max(MOST.steps),
    norm: z.enum(["max", "l2"]).default(DEFAULTS.norm),
    /** A random point of the ball (of its surface with `l2`), or the image itself. */
    start: z.enum(["random", "image"]).default(DEFAULTS.start),
    /** Tries, of which an image keeps the first that fools the net; more need random starts. */
    restarts: count.max(MOST.restarts).default(DEFAULTS.restarts),
    /**
     * What the steps go up: the cross-entropy, or the strongest other logit less the label's
     * (`margin`), which still has a gradient where the net is so sure that the former has none.
     */
    loss: z.enum(["cross-entropy", "margin"]).default(DEFAULTS.loss),
    target,
  }).superRefine(({ norm, restarts, start, epsilon, stepSize }, context) => {
    for (const [field, size] of Object.entries({ epsilon, stepSize })) {
      if (norm === "l2" || size <= MOST.epsilon) continue;
      const message = outside(field, MOST.epsilon, size);
      context.addIssue({ code: "custom", path: [field], message });
    }
    if (restarts > 1 && start === "image") {
      context.addIssue({
        code: "custom",
        path: ["restarts"],
        message: 'from the image itself every try is the same; drop restarts or start: "image"',
      });
    }
  }),
]);

/** An attack, defaults filled in. */
export type Attack = z.output<typeof attackSchema>;

/** An attack as it is declared. */
export type AttackDeclaration = z.input<typeof attackSchema>;

/**
 * An attack without what stands at its default, so that its name in a record stays the same when
 * attacks learn something new.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attackSchema, brief } from "./attack.ts";
 *
 * const declared = { attack: "pgd", epsilon: 0.1, stepSize: 0.02, steps: 20 } as const;
 * assert.equal(attackSchema.parse(declared).attack, "pgd");
 * assert.deepEqual(brief(attackSchema.parse({ ...declared, restarts: 1 })), declared);
 * ```
 */
export function brief(attack: Attack): AttackDeclaration {
  const kept = Object.entries(attack).filter(([field, value]) =>
    (DEFAULTS as Readonly<Record<string, unknown>>)[field] !== value
  );
  return Object.fromEntries(kept) as AttackDeclaration;
}

/** The class that an attack aims at, if it does. */
export function aimOf(attack: Attack): string | undefined {
  return "target" in attack ? attack.target : undefined;
}

/**
 * The index of the class that an attack aims at, if it does.
 *
 * @throws {RangeError} listing the classes when there is none of that name.
 */
export function targetOf(attack: Attack, classes: readonly string[]): number | undefined {
  const name = aimOf(attack);
  if (name === undefined) return undefined;
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  throw new RangeError(`there is no class "${name}" to aim at; there are: ${classes.join(", ")}`);
}
