/** Global average pooling (Lin, Chen and Yan, "Network in network", 2013). */
import { z } from "zod";
import { mean } from "../ops/mean.ts";
import { expectRank } from "../ops/op.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({ layer: z.literal("globalAveragePool") });

/** A declared global average pooling. */
export type GlobalAveragePool = z.infer<typeof schema>;

/**
 * The layer `globalAveragePool`: [batch, height, width, channels] to [batch, channels], the mean
 * over all pixels; it has no parameters.
 */
export const globalAveragePoolLayer: LayerKind<GlobalAveragePool> = {
  schema,
  apply(_net, x) {
    expectRank("the input", x, 4);
    return mean(x, [1, 2]);
  },
};

/**
 * Declares the mean of each channel over all pixels: what comes out hangs on what is in the image,
 * not on where.
 *
 * @example
 * ```ts
 * import { globalAveragePool } from "./global_average_pool.ts";
 * console.assert(globalAveragePool().layer === "globalAveragePool");
 * ```
 */
export function globalAveragePool(): GlobalAveragePool {
  return { layer: "globalAveragePool" };
}
