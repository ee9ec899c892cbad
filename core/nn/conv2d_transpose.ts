/** A transposed convolution, with or without bias: the way up from small images to large ones. */
import { z } from "zod";
import { add } from "../ops/arithmetic.ts";
import { conv2dTranspose as conv2dTransposeOp } from "../ops/conv2d_transpose.ts";
import { ShapeError, show, size } from "../ops/op.ts";
import { weightsSchema, zeros } from "./initialisers.ts";
import type { LayerKind } from "./layer.ts";

const positive = z.number().int().min(1);
const pixels = z.number().int().min(0);

const schema = z.strictObject({
  layer: z.literal("conv2dTranspose"),
  filters: positive,
  /** Height and width, or one number for both. */
  kernel: z.union([positive, z.tuple([positive, positive])], "a size, or [height, width]"),
  stride: positive.default(1),
  padding: z.union(
    [z.enum(["valid", "same"]), pixels],
    '"valid", "same", or how many pixels are cut off each side',
  ).default("valid"),
  /** Pixels more at the bottom and at the right, fewer than the stride; none with "same". */
  outputPadding: pixels.default(0),
  /** There is one if left out. */
  bias: z.literal(false).exactOptional(),
  /** Where its weights start; where its arm says, if left out, and else Glorot-uniform. */
  weights: weightsSchema.optional(),
});

/** A declared transposed convolution, defaults filled in. */
export type Conv2dTranspose = z.output<typeof schema>;

/** As it is declared: stride 1, padding `valid` and no output padding if left out. */
export type Conv2dTransposeDeclaration = z.input<typeof schema>;

/**
 * The layer `conv2dTranspose`: weights [kernel, kernel, channels, filters], zero bias.
 * A side of its output is (side - 1) * stride - 2 * padding + kernel + outputPadding, with padding
 * `same` side * stride.
 */
export const conv2dTransposeLayer: LayerKind<Conv2dTranspose> = {
  schema,
  apply(net, x, { filters, kernel, stride, padding, outputPadding, bias, weights: start }) {
    if (x.shape.length !== 4) {
      throw new ShapeError(
        `conv2dTranspose: the input ${
          show(x.shape)
        } must be [batch, height, width, channels]; put ` +
          "reshape() before it",
      );
    }
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const shape = [height, width, x.shape[3]!, filters];
    const weights = net.weights(shape, size(shape) / filters / stride ** 2, start);
    const y = conv2dTransposeOp(x, weights, { stride, padding, outputPadding });
    return bias === false ? y : add(y, net.parameter("bias", [filters], zeros));
  },
};

/**
 * Declares a transposed convolution over NHWC images; see {@link Conv2dTranspose}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { conv2dTranspose } from "./conv2d_transpose.ts";
 * import { describeNet } from "./describe.ts";
 * const [up] = describeNet(
 *   [conv2dTranspose({ filters: 32, kernel: 4, stride: 2, padding: "same" })],
 *   [7, 7, 64],
 * );
 * assert.deepEqual(up!.output, [14, 14, 32]);
 * ```
 */
export function conv2dTranspose(
  config: Omit<Conv2dTransposeDeclaration, "layer">,
): Conv2dTransposeDeclaration {
  return { layer: "conv2dTranspose", ...config };
}
