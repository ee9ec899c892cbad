/** Two-dimensional convolution over NHWC images; its two gradients are its siblings. */
import wgsl from "../../shaders/conv2d.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { conv2dInputGradient } from "./conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "./conv2d_weight_gradient.ts";
import {
  type Conv2dAttributes,
  conv2dConstants,
  type Conv2dSizes,
  conv2dSizes,
} from "./conv2d_sizes.ts";
import { forwardPhases } from "./conv2d_simd.ts";
import type { Op, Value } from "./op.ts";
import { productDispatch } from "./product.ts";

/**
 * Cross-correlates x [batch, height, width, channels] with weights
 * [kernel height, kernel width, channels, filters] to [batch, out height, out width, filters]. The
 * filter is not flipped, as deep-learning lectures have it.
 * Order of each sum: kernel rows, kernel columns, channels, ascending, in one chain.
 *
 * @throws {ShapeError} when channels differ or the kernel is larger than the padded input.
 */
export function conv2d(
  x: Value,
  weights: Value,
  attributes: Partial<Conv2dAttributes> = {},
): Value {
  return x.builder.apply(conv2dOp, [x, weights], { stride: 1, padding: "valid", ...attributes });
}

const { fround } = Math;

/** The op behind {@link conv2d}. */
export const conv2dOp: Op<Conv2dAttributes> = {
  name: "conv2d",
  handsOver: true,
  infer([x, weights], attributes) {
    const s = conv2dSizes(x!, weights!, attributes);
    return { shape: [s.batch, s.out.height, s.out.width, s.filters], type: "f32" };
  },
  kernel([x, weights], _output, attributes) {
    const s = conv2dSizes(x!, weights!, attributes);
    const run = s.padded ? 1 : s.kernel[1];
    return {
      name: "conv2d",
      dispatch: (adapter) =>
        productDispatch(adapter, {
          wgsl,
          constants: { ...conv2dConstants(s), RUN_W: run },
          rows: s.batch * s.out.height * s.out.width,
          columns: s.filters,
          segments: s.kernel[0] * s.kernel[1] / run,
          length: run * s.channels,
          aligned: s.channels % 4 === 0,
          bRow: s.filters,
        }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference: (views: readonly View[]) => reference(s, views),
      simd: () => forwardPhases(s),
    };
  },
  gradient({ inputs: [x, weights], attributes }, dy) {
    return [
      conv2dInputGradient(dy, weights!, { ...attributes, input: x!.shape }),
      conv2dWeightGradient(x!, dy, { ...attributes, weights: weights!.shape }),
    ];
  },
};

function reference(s: Conv2dSizes, [x, w, y]: readonly View[]): void {
  const { channels, filters, height, width, stride, top, left } = s;
  const [kernelHeight, kernelWidth] = s.kernel;
  const row = new Float32Array(filters);
  let out = 0;
  for (let image = 0; image < s.batch; image++) {
    for (let oy = 0; oy < s.out.height; oy++) {
      for (let ox = 0; ox < s.out.width; ox++) {
        row.fill(0);
        for (let ky = 0; ky < kernelHeight; ky++) {
          const iy = oy * stride + ky - top;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const ix = ox * stride + kx - left;
            if (ix < 0 || ix >= width) continue;
            const pixel = ((image * height + iy) * width + ix) * channels;
            const tap = (ky * kernelWidth + kx) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const factor = x![pixel + channel]!;
              const base = (tap + channel) * filters;
              for (let f = 0; f < filters; f++) row[f] = row[f]! + fround(factor * w![base + f]!);
            }
          }
        }
        for (let f = 0; f < filters; f++) y![out++] = flush(row[f]!);
      }
    }
  }
}
