/**
 * The sum of squares of a tensor of any magnitude, for norms of gradients. Small gradients' squares
 * would be flushed to zero, and great ones' overflow; so the elements are first divided by a power of
 * two, which rounds nothing, and the power is handed out beside the sum.
 */
import scaleWgsl from "../../shaders/lib/magnitude_scale.wgsl" with { type: "text" };
import squaresWgsl from "../../shaders/scaled_squares.wgsl" with { type: "text" };
import wgsl from "../../shaders/sum_of_squares.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { bitsOf, flush, fromBits } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { maxMagnitude } from "./max_magnitude.ts";
import { type Op, ShapeError, size, type Value } from "./op.ts";
import { CHUNK, sumTree } from "./sum.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/** The smallest normal f32. */
const SMALLEST_NORMAL = 2 ** -126;

/**
 * [s, q], f32 [2], of x of any shape: q is the sum over all elements of (x / s)^2, so that the norm
 * of x is s * sqrt(q), and s the power of two with the exponent of the greatest magnitude in x, but
 * at most 2^126. Subnormal elements count as zero; s is 1 where there are no others.
 *
 * Where x holds infinity or NaN, q is infinity or NaN. An instrument: it has no gradient.
 *
 * @throws {ShapeError} when x is not f32.
 */
export function sumOfSquares(x: Value): Value {
  const { builder } = x;
  const greatest = maxMagnitude(x);
  const partial = builder.apply(scaledSquaresOp, [x, greatest], {});
  const squares = partial.shape[1] === 1 ? partial : sumTree(partial);
  return builder.apply(sumOfSquaresOp, [greatest, squares], {});
}

/** x and its greatest magnitude to [1, chunks, 1], the chunks and order of a sum. */
export const scaledSquaresOp: Op<unknown> = {
  name: "scaled_squares",
  infer([x]) {
    if (x!.type !== "f32") throw new ShapeError(`the input must be f32, not ${x!.type}`);
    return { shape: [1, Math.ceil(size(x!.shape) / CHUNK), 1], type: "f32" };
  },
  kernel([x], y) {
    const length = size(x!.shape);
    const { workgroups, constants } = linear(y!.shape[1]!);
    return {
      name: "scaled_squares",
      dispatch: () => ({
        wgsl: fill(scaleWgsl + squaresWgsl, { ...constants, LENGTH: length, CHUNK }),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([x, greatest, y]: readonly View[]) {
        const reciprocal = 1 / magnitudeScale(greatest![0]!);
        for (let i = 0; i < constants.COUNT; i++) {
          const end = Math.min((i + 1) * CHUNK, length);
          let sum = 0;
          for (let k = i * CHUNK; k < end; k++) {
            const value = x![k]!;
            if (Math.abs(value) < SMALLEST_NORMAL) continue;
            const scaled = flush(fround(value * reciprocal));
            sum = fround(sum + fround(scaled * scaled));
          }
          y![i] = flush(sum);
        }
      },
    };
  },
};

/** The greatest magnitude and the scaled squares' sum to [s, q]. */
export const sumOfSquaresOp: Op<unknown> = {
  name: "sum_of_squares",
  infer: () => ({ shape: [2], type: "f32" }),
  kernel: () => ({
    name: "sum_of_squares",
    dispatch: () => ({ wgsl: fill(scaleWgsl + wgsl, {}), workgroups: [1, 1, 1] }),
    bindings: [
      { type: "f32", access: "read" },
      { type: "f32", access: "read" },
      { type: "f32", access: "write" },
    ],
    reference([greatest, squares, y]: readonly View[]) {
      const magnitude = greatest![0]!;
      y![0] = magnitudeScale(magnitude);
      y![1] = Number.isFinite(magnitude) ? squares![0]! : magnitude;
    },
  }),
};

/** The power of two; of infinity and NaN, too, the greatest that there is. */
function magnitudeScale(greatest: number): number {
  const power = Math.min(bitsOf(greatest) & 0x7f800000, 0x7e800000);
  return power === 0 ? 1 : fromBits(power);
}
