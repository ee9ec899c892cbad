/** Max-pooling over NHWC images. */
import apartWgsl from "../../shaders/max_pool_gradient_apart.wgsl" with { type: "text" };
import gradientWgsl from "../../shaders/max_pool_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/max_pool.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, size, type TensorType, type Value } from "./op.ts";
import { fill } from "./template.ts";
import { geometry } from "./window.ts";

/** The square window; no padding, pixels that fill no whole window are left out. */
export interface MaxPoolAttributes {
  readonly size: number;
  readonly stride: number;
}

/**
 * The largest of each window of x [batch, height, width, channels], channel by channel. Among equals
 * the first in the window, row by row, wins and gets the gradient.
 *
 * @param attributes `stride` is `size` if left out.
 * @throws {ShapeError} when the window is larger than the image.
 */
export function maxPool(
  x: Value,
  { size, stride = size }: { readonly size: number; readonly stride?: number },
): Value {
  return x.builder.apply(maxPoolOp, [x], { size, stride });
}

/** The op behind {@link maxPool}. */
export const maxPoolOp: Op<MaxPoolAttributes> = {
  name: "max_pool",
  infer([x], attributes) {
    const { batch, channels, out } = sizes(x!, attributes);
    return { shape: [batch, out.height, out.width, channels], type: "f32" };
  },
  kernel([x], y, attributes) {
    const s = sizes(x!, attributes);
    const { workgroups, constants } = linear(size(y!.shape));
    return {
      name: "max_pool",
      dispatch: () => ({ wgsl: fill(wgsl, { ...constants, ...poolConstants(s) }), workgroups }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        for (let i = 0; i < constants.COUNT; i++) y![i] = x![winner(s, x!, i)]!;
      },
      simd: () => [{
        units: s.batch * s.out.height,
        work: size(x!.shape),
        calls: [{ entry: "max_pool", arguments: [{ binding: 0 }, { binding: 1 }, ...words(s)] }],
      }],
    };
  },
  gradient: ({ inputs: [x], attributes }, dy) => [
    dy.builder.apply(maxPoolGradientOp, [x!, dy], attributes),
  ],
};

/**
 * dx from x and dy: each input pixel gets the gradients of the windows it won, added in ascending
 * order of the windows.
 */
export const maxPoolGradientOp: Op<MaxPoolAttributes> = {
  name: "max_pool_gradient",
  handsOver: true,
  infer: ([x]) => x!,
  kernel([x], _dx, attributes) {
    const s = sizes(x!, attributes);
    const apart = s.stride >= s.size;
    const [down, across] = [s.height, s.width].map((length) => Math.ceil(length / s.stride));
    const { workgroups, constants } = linear(
      apart ? s.batch * down! * across! * s.channels : size(x!.shape),
    );
    return {
      name: "max_pool_gradient",
      dispatch: () => ({
        wgsl: fill(apart ? apartWgsl : gradientWgsl, {
          ...constants,
          ...poolConstants(s),
          CELLS_H: down!,
          CELLS_W: across!,
        }),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([x, dy, dx]: readonly View[]) {
        dx!.fill(0);
        for (let i = 0; i < dy!.length; i++) {
          const to = winner(s, x!, i);
          dx![to] = dx![to]! + dy![i]!;
        }
        for (let i = 0; i < dx!.length; i++) dx![i] = flush(dx![i]!);
      },
      simd: () => [{
        units: s.batch,
        work: 4 * size(x!.shape),
        stored: size(x!.shape) / s.batch,
        calls: [{
          entry: "max_pool_gradient",
          arguments: [{ binding: 0 }, { binding: 1 }, { binding: 2 }, ...words(s)],
        }],
      }],
    };
  },
};

interface PoolSizes {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly out: { readonly height: number; readonly width: number };
  readonly size: number;
  readonly stride: number;
}

function sizes(x: TensorType, { size, stride }: MaxPoolAttributes): PoolSizes {
  expectRank("the input", x, 4);
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const out = geometry(height, width, { kernel: [size, size], stride, padding: "valid" });
  return { batch, height, width, channels, out, size, stride };
}

function poolConstants(s: PoolSizes): Record<string, number> {
  return {
    IN_H: s.height,
    IN_W: s.width,
    OUT_H: s.out.height,
    OUT_W: s.out.width,
    CHANNELS: s.channels,
    SIZE: s.size,
    REACH: Math.ceil(s.size / s.stride),
    STRIDE: s.stride,
  };
}

/** The sizes as the SIMD kernels take them. */
function words(s: PoolSizes): number[] {
  return [s.height, s.width, s.out.height, s.out.width, s.channels, s.size, s.stride];
}

/** Index of the input element that wins the window of output element i. */
function winner(s: PoolSizes, x: View, i: number): number {
  const pixel = Math.floor(i / s.channels);
  const ox = pixel % s.out.width;
  const row = Math.floor(pixel / s.out.width);
  const oy = row % s.out.height;
  const image = Math.floor(row / s.out.height);
  const start = ((image * s.height + oy * s.stride) * s.width + ox * s.stride) * s.channels +
    i % s.channels;
  let best = start;
  for (let ky = 0; ky < s.size; ky++) {
    for (let kx = 0; kx < s.size; kx++) {
      const at = start + (ky * s.width + kx) * s.channels;
      if (x[at]! > x[best]!) best = at;
    }
  }
  return best;
}
