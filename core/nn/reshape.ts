/** The same numbers under another shape: from vectors to images, and back. */
import { z } from "zod";
import { ShapeError, show, size } from "../ops/op.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({
  layer: z.literal("reshape"),
  /** Without the batch axis. */
  shape: z.array(z.number().int().min(1)).min(1),
});

/** A declared reshaping. */
export type Reshape = z.infer<typeof schema>;

/** The layer `reshape`: [batch, ...] to [batch, ...shape], the elements in the same order. */
export const reshapeLayer: LayerKind<Reshape> = {
  schema,
  apply({ graph }, x, { shape }) {
    const [batch, ...from] = x.shape as [number, ...number[]];
    if (size(from) !== size(shape)) {
      throw new ShapeError(
        `reshape: the input has ${size(from)} numbers for each example, ${show(from)}, but ${
          show(shape)
        } has ${size(shape)}; make them equal`,
      );
    }
    return graph.reshape(x, [batch, ...shape]);
  },
};

/**
 * Declares a reshaping, e.g. of the features of a dense layer to an image.
 *
 * @example
 * ```ts
 * import { reshape } from "./reshape.ts";
 * console.assert(reshape({ shape: [7, 7, 64] }).shape.length === 3);
 * ```
 */
export function reshape(config: { readonly shape: readonly number[] }): Reshape {
  return { layer: "reshape", shape: [...config.shape] };
}
