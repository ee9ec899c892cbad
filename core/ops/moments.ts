/**
 * Mean and variance of each channel, in two passes: the variance sums squared deviations from the
 * mean, since the mean square less the squared mean would cancel.
 */
import wgsl from "../../shaders/squared_deviations.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { scale } from "./arithmetic.ts";
import { linear } from "./dispatch.ts";
import { mean } from "./mean.ts";
import { expectRank, type Op, size, type Value } from "./op.ts";
import { CHUNK, sumTree } from "./sum.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/** Of each channel, f32 [channels]. */
export interface Moments {
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * The moments of x [n, channels] over n; the variance is the biased one, the mean of the squared
 * deviations.
 */
export function moments(x: Value): Moments {
  const { builder } = x;
  const [n, channels] = x.shape as [number, number];
  const centre = mean(x, [0]);
  const partial = builder.apply(squaredDeviationsOp, [x, centre], {});
  const total = partial.shape[1] === 1 ? partial : sumTree(partial);
  return { mean: centre, variance: scale(builder.reshape(total, [channels]), 1 / n) };
}

/** x [n, channels] and means [channels] to [1, chunks, channels], the chunks and order of a sum. */
export const squaredDeviationsOp: Op<unknown> = {
  name: "squared_deviations",
  handsOver: true,
  infer([x]) {
    expectRank("the input", x!, 2);
    const [length, channels] = x!.shape as [number, number];
    return { shape: [1, Math.ceil(length / CHUNK), channels], type: "f32" };
  },
  kernel([x], y) {
    const [length, channels] = x!.shape as [number, number];
    const { workgroups, constants } = linear(size(y!.shape));
    return {
      name: "squared_deviations",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, LENGTH: length, CHANNELS: channels, CHUNK }),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([x, mean, y]: readonly View[]) {
        const sums = new Float32Array(channels);
        for (let first = 0, to = 0; first < length; first += CHUNK) {
          sums.fill(0);
          const end = Math.min(first + CHUNK, length) * channels;
          for (let i = first * channels; i < end;) {
            for (let j = 0; j < channels; j++, i++) {
              const deviation = flush(fround(x![i]! - mean![j]!));
              sums[j] = sums[j]! + fround(deviation * deviation);
            }
          }
          for (let j = 0; j < channels; j++) y![to++] = flush(sums[j]!);
        }
      },
      simd: () => [{
        units: y!.shape[1]!,
        work: size(x!.shape),
        stored: channels,
        calls: [{
          entry: "squared_deviations",
          arguments: [{ binding: 0 }, { binding: 1 }, { binding: 2 }, length, channels, CHUNK],
        }],
      }],
    };
  },
};
