/** Flattening of images to vectors. */
import { z } from "zod";
import { size } from "../ops/op.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({ layer: z.literal("flatten") });

/** A declared flattening. */
export type Flatten = z.infer<typeof schema>;

/** The layer `flatten`: [batch, ...] to [batch, features], row by row with channels last. */
export const flattenLayer: LayerKind<Flatten> = {
  schema,
  apply: ({ graph }, x) => graph.reshape(x, [x.shape[0]!, size(x.shape.slice(1))]),
};

/**
 * Declares a flattening.
 *
 * @example
 * ```ts
 * import { flatten } from "./flatten.ts";
 * console.assert(flatten().layer === "flatten");
 * ```
 */
export function flatten(): Flatten {
  return { layer: "flatten" };
}
