/** Stochastic gradient descent. */
import { z } from "zod";
import { sgdOp } from "../ops/sgd.ts";
import type { OptimiserKind } from "./kind.ts";

const schema = z.strictObject({
  optimiser: z.literal("sgd"),
  learningRate: z.number().positive(),
});

/** Declared stochastic gradient descent: weights minus `learningRate` times gradient. */
export type Sgd = z.infer<typeof schema>;

/** The optimiser `sgd`. */
export const sgdKind: OptimiserKind<Sgd> = {
  schema,
  op: sgdOp,
  moments: [],
  scalarCount: 1,
  scalars: ({ learningRate }, from, to) => new Float32Array(to - from).fill(learningRate),
};

/**
 * Declares stochastic gradient descent.
 *
 * @example
 * ```ts
 * import { sgd } from "./sgd.ts";
 * console.assert(sgd({ learningRate: 0.1 }).optimiser === "sgd");
 * ```
 */
export function sgd(config: Omit<Sgd, "optimiser">): Sgd {
  return { optimiser: "sgd", ...config };
}
