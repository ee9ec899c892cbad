/** RMSprop (Tieleman and Hinton 2012). */
import { z } from "zod";
import { rmspropOp } from "../ops/rmsprop.ts";
import type { OptimiserKind } from "./kind.ts";

const schema = z.strictObject({
  optimiser: z.literal("rmsprop"),
  learningRate: z.number().positive(),
  /** How much of the mean square is kept at each step. */
  rho: z.number().min(0).lt(1).default(0.9),
  /**
   * Added to the root of the mean square, as in PyTorch and in tf.keras up to 2.10; Keras 3 adds it
   * under the root.
   */
  epsilon: z.number().positive().default(1e-7),
});

/** Declared RMSprop, without momentum. */
export type Rmsprop = z.output<typeof schema>;

/** RMSprop as it is declared. */
export type RmspropDeclaration = z.input<typeof schema>;

/** The optimiser `rmsprop`; its scalars are the same at every step. */
export const rmspropKind: OptimiserKind<Rmsprop> = {
  schema,
  op: rmspropOp,
  moments: ["mean square"],
  scalarCount: 4,
  scalars({ learningRate, rho, epsilon }, from, to) {
    const row = [rho, 1 - rho, learningRate, epsilon];
    return Float32Array.from({ length: (to - from) * row.length }, (_, i) => row[i % row.length]!);
  },
};

/**
 * Declares RMSprop; the defaults are Keras's.
 *
 * @example
 * ```ts
 * import { rmsprop } from "./rmsprop.ts";
 * console.assert(rmsprop({ learningRate: 1e-3 }).optimiser === "rmsprop");
 * ```
 */
export function rmsprop(config: Omit<RmspropDeclaration, "optimiser">): RmspropDeclaration {
  return { optimiser: "rmsprop", ...config };
}
