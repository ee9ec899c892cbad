/** Gradient of conv2d with respect to its input. */
import wgsl from "../../shaders/conv2d_input_gradient.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import {
  type Conv2dAttributes,
  conv2dConstants,
  type Conv2dSizes,
  conv2dSizes,
} from "./conv2d_sizes.ts";
import { inputGradientPhases } from "./conv2d_simd.ts";
import { type Op, type Shape, type TensorType, type Value } from "./op.ts";
import { productDispatch } from "./product.ts";
import { transpose } from "./transpose.ts";

/** The convolution's attributes and the shape of its input [batch, height, width, channels]. */
export interface Conv2dInputGradientAttributes extends Conv2dAttributes {
  readonly input: Shape;
}

/**
 * dx from dy [batch, out height, out width, filters] and the convolution's weights.
 * Order of each sum: kernel rows, kernel columns, filters, ascending, in one chain.
 */
export function conv2dInputGradient(
  dy: Value,
  weights: Value,
  attributes: Conv2dInputGradientAttributes,
): Value {
  return dy.builder.apply(conv2dInputGradientOp, [dy, transpose(weights)], attributes);
}

const { fround } = Math;

/**
 * The op behind {@link conv2dInputGradient}; it takes the weights with their last two axes swapped,
 * [kernel height, kernel width, filters, channels], so that neighbouring results read neighbours.
 */
export const conv2dInputGradientOp: Op<Conv2dInputGradientAttributes> = {
  name: "conv2d_input_gradient",
  handsOver: true,
  infer: (_, { input }) => ({ shape: input, type: "f32" }),
  kernel([_dy, transposed], _output, attributes) {
    const input: TensorType = { shape: attributes.input, type: "f32" };
    const [kh, kw, filters, channels] = transposed!.shape as [number, number, number, number];
    const weights: TensorType = { shape: [kh, kw, channels, filters], type: "f32" };
    const s = conv2dSizes(input, weights, attributes);
    const stride = phaseStride(s);
    const [cellsH, cellsW] = [s.height, s.width].map((side) => Math.ceil(side / stride));
    const [tapsH, tapsW] = s.kernel.map((side) => Math.ceil(side / stride));
    return {
      name: "conv2d_input_gradient",
      dispatch: (adapter) =>
        productDispatch(adapter, {
          wgsl,
          constants: {
            ...conv2dConstants(s),
            FILTERS: s.filters,
            BATCH: s.batch,
            STRIDE: stride,
            CELLS_H: cellsH!,
            CELLS_W: cellsW!,
            TAPS_H: tapsH!,
            TAPS_W: tapsW!,
            PADDED: "true",
          },
          rows: s.batch * cellsH! * cellsW!,
          columns: s.channels,
          segments: tapsH! * tapsW!,
          layers: stride * stride,
          length: s.filters,
          aligned: s.filters % 4 === 0,
          bRow: s.channels,
        }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference: (views: readonly View[]) => reference(s, views),
      simd: () => inputGradientPhases(s),
    };
  },
};

/**
 * The stride that the phases are made for. Where the output is one pixel, no window follows the first
 * and any stride is right: with the kernel's side each pixel has a phase of one tap to itself, as
 * long as a dispatch may have so many layers.
 */
function phaseStride({ kernel, stride, out }: Conv2dSizes): number {
  return out.height * out.width === 1 ? Math.min(255, Math.max(...kernel)) : stride;
}

function reference(s: Conv2dSizes, [dy, w, dx]: readonly View[]): void {
  const { channels, filters } = s;
  const row = new Float32Array(channels);
  let out = 0;
  for (let image = 0; image < s.batch; image++) {
    for (let iy = 0; iy < s.height; iy++) {
      for (let ix = 0; ix < s.width; ix++) {
        row.fill(0);
        for (let ky = 0; ky < s.kernel[0]; ky++) {
          const oy = (iy + s.top - ky) / s.stride;
          if (!Number.isInteger(oy) || oy < 0 || oy >= s.out.height) continue;
          for (let kx = 0; kx < s.kernel[1]; kx++) {
            const ox = (ix + s.left - kx) / s.stride;
            if (!Number.isInteger(ox) || ox < 0 || ox >= s.out.width) continue;
            const pixel = ((image * s.out.height + oy) * s.out.width + ox) * filters;
            const tap = (ky * s.kernel[1] + kx) * filters;
            for (let f = 0; f < filters; f++) {
              const factor = dy![pixel + f]!;
              const base = (tap + f) * channels;
              for (let c = 0; c < channels; c++) {
                row[c] = row[c]! + fround(factor * w![base + c]!);
              }
            }
          }
        }
        for (let c = 0; c < channels; c++) dx![out++] = flush(row[c]!);
      }
    }
  }
}
