/**
 * Transposed convolution: the input gradient of the convolution whose input is our output, so it has
 * that kernel, and as its gradients that convolution and its weight gradient.
 */
import { conv2d } from "./conv2d.ts";
import { conv2dInputGradientOp } from "./conv2d_input_gradient.ts";
import type { Conv2dAttributes } from "./conv2d_sizes.ts";
import { conv2dWeightGradient } from "./conv2d_weight_gradient.ts";
import { expectRank, type Op, ShapeError, show, type Value } from "./op.ts";
import { transpose } from "./transpose.ts";
import { transposedGeometry } from "./window.ts";

/** The attributes of the convolution that leads back, and which of its inputs is meant. */
export interface Conv2dTransposeAttributes extends Conv2dAttributes {
  /** Pixels more at the bottom and at the right, fewer than the stride; 0 with padding `same`. */
  readonly outputPadding: number;
}

/**
 * Spreads x [batch, height, width, channels] by weights [kernel height, kernel width, channels,
 * filters]: each pixel adds its kernel to the output [batch, out height, out width, filters], `stride`
 * pixels from its neighbour's. With padding p a side is (side - 1) * stride - 2 p + kernel +
 * outputPadding, with `same` side * stride, and what lies beyond is cut off, with `same` the odd pixel
 * at the end.
 * Order of each sum: kernel rows, kernel columns, channels, ascending, in one chain.
 *
 * @throws {ShapeError} when channels differ, the padding leaves no pixel, or the output padding does
 * not fit the stride.
 */
export function conv2dTranspose(
  x: Value,
  weights: Value,
  attributes: Partial<Conv2dTransposeAttributes> = {},
): Value {
  return x.builder.apply(conv2dTransposeOp, [x, weights], {
    stride: 1,
    padding: "valid",
    outputPadding: 0,
    ...attributes,
  });
}

/** The op behind {@link conv2dTranspose}. */
export const conv2dTransposeOp: Op<Conv2dTransposeAttributes> = {
  name: "conv2d_transpose",
  handsOver: true,
  infer([x, weights], { outputPadding, ...window }) {
    expectRank("the input", x!, 4);
    expectRank("the weights", weights!, 4);
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    const [kh, kw, inner, filters] = weights!.shape as [number, number, number, number];
    if (inner !== channels) {
      throw new ShapeError(
        `the input ${show(x!.shape)} has ${channels} channels, the weights ${
          show(weights!.shape)
        } expect ${inner}; make them [${kh}, ${kw}, ${channels}, ${filters}]`,
      );
    }
    const out = transposedGeometry(height, width, { ...window, kernel: [kh, kw] }, outputPadding);
    return { shape: [batch, out.height, out.width, filters], type: "f32" };
  },
  kernel: (inputs, output, { stride, padding }) => ({
    ...conv2dInputGradientOp.kernel(inputs, output, { stride, padding, input: output!.shape }),
    name: "conv2d_transpose",
  }),
  gradient({ inputs: [x, weights], attributes: { stride, padding } }, dy) {
    // The weights of the convolution that leads back.
    const back = transpose(weights!);
    const attributes = { stride, padding };
    return [
      conv2d(dy, back, attributes),
      transpose(conv2dWeightGradient(dy, x!, { ...attributes, weights: back.shape })),
    ];
  },
};
