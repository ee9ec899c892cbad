/** A convolution, with or without bias. */
import { z } from "zod";
import { add } from "../ops/arithmetic.ts";
import { conv2d as conv2dOp } from "../ops/conv2d.ts";
import { ShapeError, show, size } from "../ops/op.ts";
import { weightsSchema, zeros } from "./initialisers.ts";
import type { LayerKind } from "./layer.ts";

const positive = z.number().int().min(1);

const schema = z.strictObject({
  layer: z.literal("conv2d"),
  filters: positive,
  /** Height and width, or one number for both. */
  kernel: z.union([positive, z.tuple([positive, positive])], "a size, or [height, width]"),
  stride: positive.default(1),
  padding: z.union(
    [z.enum(["valid", "same"]), z.number().int().min(0)],
    '"valid", "same", or how many pixels on each side',
  ).default("valid"),
  /** There is one if left out. */
  bias: z.literal(false).exactOptional(),
  /** Where its weights start; where its arm says, if left out, and else Glorot-uniform. */
  weights: weightsSchema.optional(),
});

/** A declared convolution, defaults filled in. */
export type Conv2d = z.output<typeof schema>;

/** A convolution as it is declared: stride 1 and padding `valid` if left out. */
export type Conv2dDeclaration = z.input<typeof schema>;

/** The layer `conv2d`: weights [kernel, kernel, channels, filters], zero bias. */
export const conv2dLayer: LayerKind<Conv2d> = {
  schema,
  apply(net, x, { filters, kernel, stride, padding, bias, weights: start }) {
    if (x.shape.length !== 4) {
      throw new ShapeError(
        `conv2d: the input ${show(x.shape)} must be [batch, height, width, channels]; put it ` +
          "before flatten() and dense()",
      );
    }
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const shape = [height, width, x.shape[3]!, filters];
    const weights = net.weights(shape, size(shape) / filters, start);
    const y = conv2dOp(x, weights, { stride, padding });
    return bias === false ? y : add(y, net.parameter("bias", [filters], zeros));
  },
};

/**
 * Declares a convolution over NHWC images; see {@link Conv2d}.
 *
 * @example
 * ```ts
 * import { conv2d } from "./conv2d.ts";
 * const layer = conv2d({ filters: 32, kernel: 3 });
 * console.assert(layer.layer === "conv2d");
 * ```
 */
export function conv2d(config: Omit<Conv2dDeclaration, "layer">): Conv2dDeclaration {
  return { layer: "conv2d", ...config };
}
