/** Two-dimensional convolution over NHWC images; its two gradients are its siblings. */
import wgsl from "../../shaders/conv2d.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { conv2dInputGradient } from "./conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "./conv2d_weight_gradient.ts";
import { expectRank, type Op, ShapeError, show, type TensorType, type Value } from "./op.ts";
import { fill } from "./template.ts";
import { tile, unroll } from "./tile.ts";
import { geometry, type Padding } from "./window.ts";

/** How the window moves. */
export interface Conv2dAttributes {
  /** Pixels between neighbouring windows, in both directions. */
  readonly stride: number;
  readonly padding: Padding;
}

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

/** All sizes of a convolution, from its two operands. */
export interface Conv2dSizes {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly filters: number;
  readonly stride: number;
  readonly out: { readonly height: number; readonly width: number };
  /** Pixels of padding above and to the left. */
  readonly top: number;
  readonly left: number;
  /** Whether any tap of any window falls outside the image. */
  readonly padded: boolean;
}

/**
 * The sizes of a convolution of `x` with `weights`.
 *
 * @throws {ShapeError} as {@link conv2d}.
 */
export function conv2dSizes(
  x: TensorType,
  weights: TensorType,
  { stride, padding }: Conv2dAttributes,
): Conv2dSizes {
  expectRank("the input", x, 4);
  expectRank("the weights", weights, 4);
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [kh, kw, inner, filters] = weights.shape as [number, number, number, number];
  if (inner !== channels) {
    throw new ShapeError(
      `the input ${show(x.shape)} has ${channels} channels, the weights ${
        show(weights.shape)
      } expect ${inner}; make them [${kh}, ${kw}, ${channels}, ${filters}]`,
    );
  }
  const out = geometry(height, width, { kernel: [kh, kw], stride, padding });
  const { top, left } = out;
  const padded = top > 0 || left > 0 || (out.height - 1) * stride + kh > height ||
    (out.width - 1) * stride + kw > width;
  return {
    batch,
    height,
    width,
    channels,
    kernel: [kh, kw],
    filters,
    stride,
    out: { height: out.height, width: out.width },
    top,
    left,
    padded,
  };
}

/** The constants that the three convolution kernels share. */
export function conv2dConstants(s: Conv2dSizes): Record<string, number | string> {
  return {
    IN_H: s.height,
    IN_W: s.width,
    OUT_H: s.out.height,
    OUT_W: s.out.width,
    CHANNELS: s.channels,
    KERNEL_H: s.kernel[0],
    KERNEL_W: s.kernel[1],
    STRIDE: s.stride,
    TOP: s.top,
    LEFT: s.left,
    PADDED: String(s.padded),
  };
}

const { fround } = Math;

/** The op behind {@link conv2d}. */
export const conv2dOp: Op<Conv2dAttributes> = {
  name: "conv2d",
  infer([x, weights], attributes) {
    const s = conv2dSizes(x!, weights!, attributes);
    return { shape: [s.batch, s.out.height, s.out.width, s.filters], type: "f32" };
  },
  kernel([x, weights], _output, attributes) {
    const s = conv2dSizes(x!, weights!, attributes);
    const { columns, constants, workgroups } = tile(
      s.batch * s.out.height * s.out.width,
      s.filters,
      1,
    );
    const runWidth = s.padded ? 1 : s.kernel[1];
    return {
      name: "conv2d",
      wgsl: fill(columns + wgsl, {
        ...constants,
        ...conv2dConstants(s),
        RUN_W: runWidth,
        UNROLL: unroll(runWidth * s.channels),
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      workgroups,
      reference: (views: readonly View[]) => reference(s, views),
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
