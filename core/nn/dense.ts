/** A fully connected layer, with or without bias. */
import { z } from "zod";
import { add } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { ShapeError, show } from "../ops/op.ts";
import { weightsSchema, zeros } from "./initialisers.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({
  layer: z.literal("dense"),
  units: z.number().int().min(1),
  /** There is one if left out. */
  bias: z.literal(false).exactOptional(),
  /** Where its weights start; where its arm says, if left out, and else Glorot-uniform. */
  weights: weightsSchema.optional(),
});

/** A declared dense layer. */
export type Dense = z.infer<typeof schema>;

/** The layer `dense`: weights [features, units], zero bias. */
export const denseLayer: LayerKind<Dense> = {
  schema,
  apply(net, x, { units, bias, weights: start }) {
    if (x.shape.length !== 2) {
      throw new ShapeError(
        `dense: the input ${show(x.shape)} must be [batch, features]; put flatten() before it`,
      );
    }
    const features = x.shape[1]!;
    const weights = net.weights([features, units], features, start);
    const y = matmul(x, weights);
    return bias === false ? y : add(y, net.parameter("bias", [units], zeros));
  },
};

/**
 * Declares a fully connected layer of `units` outputs.
 *
 * @example
 * ```ts
 * import { dense } from "./dense.ts";
 * console.assert(dense({ units: 10 }).units === 10);
 * ```
 */
export function dense(config: Omit<Dense, "layer">): Dense {
  return { layer: "dense", ...config };
}
