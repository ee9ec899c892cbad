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
  return builder.apply(sumOfSquaresOp, [greatest, scaledSquares(x, greatest)], {});
}

/** Of each row of x, of which `greatest` holds the greatest magnitudes, q as above: [rows, 1, 1]. */
export function scaledSquares(x: Value, greatest: Value): Value {
  const partial = x.builder.apply(scaledSquaresOp, [x, greatest], {});
  return partial.shape[1] === 1 ? partial : sumTree(partial);
}

/**
 * x in as many equal rows as there are greatest magnitudes, each one's own: [rows, chunks, 1], the
 * chunks and order of a sum.
 */
export const scaledSquaresOp: Op<unknown> = {
  name: "scaled_squares",
  infer([x, greatest]) {
    if (x!.type !== "f32") throw new ShapeError(`the input must be f32, not ${x!.type}`);
    const rows = size(greatest!.shape);
    return { shape: [rows, Math.ceil(size(x!.shape) / rows / CHUNK), 1], type: "f32" };
  },
  kernel([x], y) {
    const [rows, chunks] = y!.shape as [number, number];
    const length = size(x!.shape) / rows;
    const { workgroups, constants } = linear(rows * chunks);
    return {
      name: "scaled_squares",
      dispatch: () => ({
        wgsl: fill(scaleWgsl + squaresWgsl, {
          ...constants,
          LENGTH: length,
          CHUNKS: chunks,
          CHUNK,
        }),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([x, greatest, y]: readonly View[]) {
        for (let i = 0; i < constants.COUNT; i++) {
          const row = Math.floor(i / chunks);
          const reciprocal = 1 / magnitudeScale(greatest![row]!);
          const start = i % chunks * CHUNK;
          const end = Math.min(start + CHUNK, length);
          let sum = 0;
          for (let k = start; k < end; k++) {
            const value = x![row * length + k]!;
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

/** The power of two for a greatest magnitude; of infinity and NaN, too, the greatest that there is. */
export function magnitudeScale(greatest: number): number {
  const power = Math.min(bitsOf(greatest) & 0x7f800000, 0x7e800000);
  return power === 0 ? 1 : fromBits(power);
}
