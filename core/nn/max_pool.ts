/** Max-pooling. */
import { z } from "zod";
import { maxPool as maxPoolOp } from "../ops/max_pool.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({
  layer: z.literal("maxPool"),
  size: z.number().int().min(1),
  /** The size if left out. */
  stride: z.number().int().min(1).optional(),
});

/** A declared max-pooling. */
export type MaxPool = z.infer<typeof schema>;

/** The layer `maxPool`; it has no parameters. */
export const maxPoolLayer: LayerKind<MaxPool> = {
  schema,
  apply: (_net, x, { size, stride = size }) => maxPoolOp(x, { size, stride }),
};

/**
 * Declares max-pooling over windows of `size` x `size` pixels.
 *
 * @example
 * ```ts
 * import { maxPool } from "./max_pool.ts";
 * console.assert(maxPool({ size: 2 }).size === 2);
 * ```
 */
export function maxPool(config: Omit<MaxPool, "layer">): MaxPool {
  return { layer: "maxPool", ...config };
}
