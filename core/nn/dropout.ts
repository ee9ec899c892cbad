/** Dropout. */
import { z } from "zod";
import { dropout as dropoutOp } from "../ops/dropout.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({ layer: z.literal("dropout"), rate: z.number().min(0).lt(1) });

/** A declared dropout. */
export type Dropout = z.infer<typeof schema>;

/**
 * The layer `dropout`: while a net trains each element is 0 with probability `rate` and the others are
 * scaled by 1 / (1 - rate), by the stream of the layer's name; what is inferred passes through as it is.
 */
export const dropoutLayer: LayerKind<Dropout> = {
  schema,
  apply(net, x, { rate }) {
    if (net.mode === "inference") return x;
    const { key, step } = net.noise();
    return dropoutOp(x, key, step, { rate });
  },
};

/**
 * Declares dropout of elements with probability `rate`, at least 0 and below 1.
 *
 * @example
 * ```ts
 * import { dropout } from "./dropout.ts";
 * console.assert(dropout({ rate: 0.5 }).rate === 0.5);
 * ```
 */
export function dropout(config: Omit<Dropout, "layer">): Dropout {
  return { layer: "dropout", ...config };
}
