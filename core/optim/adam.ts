/** Adam (Kingma and Ba 2015). */
import { z } from "zod";
import { adamOp } from "../ops/adam.ts";
import type { OptimiserKind } from "./kind.ts";

const schema = z.strictObject({
  optimiser: z.literal("adam"),
  learningRate: z.number().positive(),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  /** Added to the root of the bias-corrected second moment, as in PyTorch. */
  epsilon: z.number().positive().default(1e-7),
});

/** Declared Adam. */
export type Adam = z.infer<typeof schema>;

/** The optimiser `adam`; the powers of its betas are repeated products. */
export const adamKind: OptimiserKind<Adam> = {
  schema,
  op: adamOp,
  moments: ["first moment", "second moment"],
  scalarCount: 7,
  scalars({ learningRate, beta1, beta2, epsilon }, from, to) {
    const rows = new Float32Array((to - from) * 7);
    let power1 = 1, power2 = 1;
    for (let step = 0; step < to; step++) {
      power1 *= beta1;
      power2 *= beta2;
      if (step < from) continue;
      const row = [
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate / (1 - power1),
        1 / Math.sqrt(1 - power2),
        epsilon,
      ];
      rows.set(row, (step - from) * 7);
    }
    return rows;
  },
};

/**
 * Declares Adam; the defaults are Keras's.
 *
 * @example
 * ```ts
 * import { adam } from "./adam.ts";
 * console.assert(adam({ learningRate: 1e-3 }).optimiser === "adam");
 * ```
 */
export function adam(config: Omit<z.input<typeof schema>, "optimiser">): z.input<typeof schema> {
  return { optimiser: "adam", ...config };
}
