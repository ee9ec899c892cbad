/** Gradient of conv2d with respect to its weights. */
import wgsl from "../../shaders/conv2d_weight_gradient.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import {
  type Conv2dAttributes,
  conv2dConstants,
  type Conv2dSizes,
  conv2dSizes,
} from "./conv2d_sizes.ts";
import { weightGradientPhases } from "./conv2d_simd.ts";
import { type Op, type Shape, type TensorType, type Value } from "./op.ts";
import { productAcrossDispatch } from "./product.ts";
import { CHUNK, sumTree } from "./sum.ts";

/** The convolution's attributes and the shape of its weights. */
export interface Conv2dWeightGradientAttributes extends Conv2dAttributes {
  readonly weights: Shape;
}

/**
 * dw from the convolution's input x and dy [batch, out height, out width, filters].
 * Order of each sum: output pixels (image, row, column) ascending in chunks of
 * {@link CHUNK}, the chunks' sums in a fixed pairwise tree.
 */
export function conv2dWeightGradient(
  x: Value,
  dy: Value,
  attributes: Conv2dWeightGradientAttributes,
): Value {
  const { builder } = x;
  const partial = builder.apply(conv2dWeightGradientOp, [x, dy], attributes);
  const whole = partial.shape[0] === 1 ? partial : sumTree(builder.reshape(partial, [
    1,
    partial.shape[0]!,
    partial.shape[1]! * partial.shape[2]!,
  ]));
  return builder.reshape(whole, attributes.weights);
}

const { fround } = Math;

/** The chunks' sums: [chunks, kernel height * kernel width * channels, filters]. */
export const conv2dWeightGradientOp: Op<Conv2dWeightGradientAttributes> = {
  name: "conv2d_weight_gradient",
  handsOver: true,
  infer([x], attributes) {
    const s = sizes(x!, attributes);
    return { shape: [chunkCount(s), taps(s), s.filters], type: "f32" };
  },
  kernel([x], _output, attributes) {
    const s = sizes(x!, attributes);
    return {
      name: "conv2d_weight_gradient",
      dispatch: (adapter) =>
        productAcrossDispatch(adapter, {
          wgsl,
          constants: conv2dConstants(s),
          rows: taps(s),
          columns: s.filters,
          depth: pixels(s),
          chunk: CHUNK,
          aligned: s.channels % 4 === 0,
          bRow: s.filters,
        }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference: (views: readonly View[]) => reference(s, views),
      simd: () => weightGradientPhases(s, CHUNK),
    };
  },
};

function sizes(x: TensorType, attributes: Conv2dWeightGradientAttributes): Conv2dSizes {
  return conv2dSizes(x, { shape: attributes.weights, type: "f32" }, attributes);
}

function taps({ kernel, channels }: Conv2dSizes): number {
  return kernel[0] * kernel[1] * channels;
}

function pixels({ batch, out }: Conv2dSizes): number {
  return batch * out.height * out.width;
}

function chunkCount(s: Conv2dSizes): number {
  return Math.ceil(pixels(s) / CHUNK);
}

function reference(s: Conv2dSizes, [x, dy, dw]: readonly View[]): void {
  const { channels, filters } = s;
  const layer = taps(s) * filters;
  const partial = new Float32Array(layer);
  for (let chunk = 0; chunk < chunkCount(s); chunk++) {
    partial.fill(0);
    const end = Math.min((chunk + 1) * CHUNK, pixels(s));
    for (let pixel = chunk * CHUNK; pixel < end; pixel++) {
      const ox = pixel % s.out.width;
      const oy = Math.floor(pixel / s.out.width) % s.out.height;
      const image = Math.floor(pixel / s.out.width / s.out.height);
      for (let ky = 0; ky < s.kernel[0]; ky++) {
        const iy = oy * s.stride + ky - s.top;
        if (iy < 0 || iy >= s.height) continue;
        for (let kx = 0; kx < s.kernel[1]; kx++) {
          const ix = ox * s.stride + kx - s.left;
          if (ix < 0 || ix >= s.width) continue;
          const from = ((image * s.height + iy) * s.width + ix) * channels;
          const to = (ky * s.kernel[1] + kx) * channels;
          for (let c = 0; c < channels; c++) {
            const factor = x![from + c]!;
            const base = (to + c) * filters;
            for (let f = 0; f < filters; f++) {
              partial[base + f] = partial[base + f]! + fround(factor * dy![pixel * filters + f]!);
            }
          }
        }
      }
    }
    for (let i = 0; i < layer; i++) dw![chunk * layer + i] = flush(partial[i]!);
  }
}
