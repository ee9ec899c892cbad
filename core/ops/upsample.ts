/** Nearest-neighbour upsampling of NHWC images. */
import gradientWgsl from "../../shaders/upsample_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/upsample.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, type Shape, ShapeError, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

type Images = readonly [batch: number, height: number, width: number, channels: number];

/** How much larger. */
export interface UpsampleAttributes {
  readonly factor: number;
}

/**
 * x [batch, height, width, channels] with each pixel as a block of `factor` x `factor`.
 *
 * @throws {ShapeError} when x is no batch of images or the factor no positive integer.
 */
export function upsample(x: Value, attributes: UpsampleAttributes): Value {
  return x.builder.apply(upsampleOp, [x], attributes);
}

const { fround } = Math;

/** The op behind {@link upsample}. */
export const upsampleOp: Op<UpsampleAttributes> = {
  name: "upsample",
  infer([x], { factor }) {
    expectRank("the input", x!, 4);
    if (!Number.isInteger(factor) || factor < 1) {
      throw new ShapeError(`the factor ${factor} must be a positive integer`);
    }
    const [batch, height, width, channels] = x!.shape as Images;
    return { shape: [batch, height * factor, width * factor, channels], type: "f32" };
  },
  kernel([x], y, { factor }) {
    const [batch, height, width, channels] = x!.shape as Images;
    const { workgroups, constants } = linear(size(y!.shape));
    return {
      name: "upsample",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, WIDTH: width, CHANNELS: channels, FACTOR: factor }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        for (let i = 0; i < constants.COUNT; i++) {
          const pixel = Math.floor(i / channels);
          const row = Math.floor(Math.floor(pixel / (width * factor)) / factor);
          const column = Math.floor(pixel % (width * factor) / factor);
          y![i] = x![(row * width + column) * channels + i % channels]!;
        }
      },
      simd: () => [{
        units: batch * height,
        work: constants.COUNT,
        calls: [{
          entry: "upsample",
          arguments: [{ binding: 0 }, { binding: 1 }, width, channels, factor],
        }],
      }],
    };
  },
  gradient: ({ inputs: [x], attributes }, dy) => [
    dy.builder.apply(upsampleGradientOp, [dy], { ...attributes, input: x!.shape }),
  ],
};

/**
 * The sum of dy over each block. Order: rows of the block, then columns, ascending, in one chain.
 */
export const upsampleGradientOp: Op<UpsampleAttributes & { readonly input: Shape }> = {
  name: "upsample_gradient",
  handsOver: true,
  infer: (_, { input }) => ({ shape: input, type: "f32" }),
  kernel(_inputs, dx, { factor }) {
    const [batch, height, width, channels] = dx!.shape as Images;
    const { workgroups, constants } = linear(size(dx!.shape));
    return {
      name: "upsample_gradient",
      dispatch: () => ({
        wgsl: fill(gradientWgsl, {
          ...constants,
          WIDTH: width,
          CHANNELS: channels,
          FACTOR: factor,
        }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([dy, dx]: readonly View[]) {
        for (let i = 0; i < constants.COUNT; i++) {
          const pixel = Math.floor(i / channels);
          const row = Math.floor(pixel / width) * factor, column = pixel % width * factor;
          let sum = 0;
          for (let y = row; y < row + factor; y++) {
            for (let x = column; x < column + factor; x++) {
              sum = fround(sum + dy![(y * width * factor + x) * channels + i % channels]!);
            }
          }
          dx![i] = flush(sum);
        }
      },
      simd: () => [{
        units: batch * height,
        work: constants.COUNT * factor * factor,
        stored: width * channels,
        calls: [{
          entry: "upsample_gradient",
          arguments: [{ binding: 0 }, { binding: 1 }, width, channels, factor],
        }],
      }],
    };
  },
};
