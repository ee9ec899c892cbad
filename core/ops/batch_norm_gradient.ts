/** The gradients of batch normalisation: sums over each channel, and with them that of its input. */
import inputWgsl from "../../shaders/batch_norm_input_gradient.wgsl" with { type: "text" };
import sumsWgsl from "../../shaders/batch_norm_sums.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { bitsOf, flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import type { Moments } from "./moments.ts";
import { inverses, normalised, NORMALISED_WGSL, strips } from "./normalised.ts";
import { type Op, size, type Value } from "./op.ts";
import { CHUNK, sumTreePartOp } from "./sum.ts";
import { f32, fill } from "./template.ts";

const { fround } = Math;

/** What both gradients follow from: dy and x [n, channels], the moments [channels]. */
export interface BatchNormParts extends Moments {
  readonly dy: Value;
  readonly x: Value;
  readonly epsilon: number;
}

/** Each channel's sum of dy and of dy times x normalised: the gradients of beta and of gamma. */
export interface BatchNormSums {
  readonly plain: Value;
  readonly weighted: Value;
}

/** Both sums over n, in the chunks and trees of every sum. */
export function batchNormSums({ dy, x, mean, variance, epsilon }: BatchNormParts): BatchNormSums {
  const { builder } = dy;
  const partial = builder.apply(batchNormSumsOp, [dy, x, mean, variance], { epsilon });
  const part = (part: number) =>
    builder.reshape(builder.apply(sumTreePartOp, [partial], { part }), mean.shape);
  return { plain: part(0), weighted: part(1) };
}

/** The gradient with respect to x [n, channels]; sums of zero are none through the moments. */
export function batchNormInputGradient(
  { dy, x, mean, variance, epsilon }: BatchNormParts,
  gamma: Value,
  { plain, weighted }: BatchNormSums,
): Value {
  const inputs = [dy, x, mean, variance, gamma, plain, weighted];
  return dy.builder.apply(batchNormInputGradientOp, inputs, { epsilon });
}

/** Chunks of both sums, [2, chunks, channels]. */
export const batchNormSumsOp: Op<{ readonly epsilon: number }> = {
  name: "batch_norm_sums",
  infer([dy]) {
    const [length, channels] = dy!.shape as [number, number];
    return { shape: [2, Math.ceil(length / CHUNK), channels], type: "f32" };
  },
  kernel([dy], y, { epsilon }) {
    const [length, channels] = dy!.shape as [number, number];
    const chunks = y!.shape[1]!;
    const { workgroups, constants } = linear(chunks * channels);
    return {
      name: "batch_norm_sums",
      dispatch: () => ({
        wgsl: fill(NORMALISED_WGSL + sumsWgsl, {
          ...constants,
          LENGTH: length,
          CHANNELS: channels,
          CHUNK,
          EPSILON: f32(epsilon),
        }),
        workgroups,
      }),
      bindings: [
        ...[0, 1, 2, 3].map(() => ({ type: "f32", access: "read" } as const)),
        { type: "f32", access: "write" },
      ],
      reference([dy, x, mean, variance, sums]: readonly View[]) {
        const inverse = inverses(variance!, epsilon);
        const plain = new Float32Array(channels), weighted = new Float32Array(channels);
        for (let first = 0, to = 0; first < length; first += CHUNK) {
          plain.fill(0);
          weighted.fill(0);
          const end = Math.min(first + CHUNK, length) * channels;
          for (let i = first * channels; i < end;) {
            for (let j = 0; j < channels; j++, i++) {
              const n = normalised(x![i]!, mean![j]!, inverse[j]!);
              plain[j] = plain[j]! + dy![i]!;
              weighted[j] = weighted[j]! + fround(dy![i]! * n);
            }
          }
          for (let j = 0; j < channels; j++, to++) {
            sums![to] = flush(plain[j]!);
            sums![chunks * channels + to] = flush(weighted[j]!);
          }
        }
      },
      simd: () => [{
        units: chunks,
        work: 8 * size(dy!.shape),
        calls: [{
          entry: "batch_norm_sums",
          arguments: [
            ...[0, 1, 2, 3, 4].map((binding) => ({ binding })),
            ...[length, channels, chunks, CHUNK, bitsOf(epsilon)],
          ],
        }],
      }],
    };
  },
};

/** dx in one reading of dy and x; its order is written in the kernel's header. */
export const batchNormInputGradientOp: Op<{ readonly epsilon: number }> = {
  name: "batch_norm_input_gradient",
  infer: ([dy]) => dy!,
  kernel([dy], _dx, { epsilon }) {
    const [length, channels] = dy!.shape as [number, number];
    const { workgroups, constants } = strips(dy!, epsilon);
    return {
      name: "batch_norm_input_gradient",
      dispatch: () => ({
        wgsl: fill(NORMALISED_WGSL + inputWgsl, { ...constants, SHARE: f32(1 / length) }),
        workgroups,
      }),
      bindings: [
        ...[0, 1, 2, 3, 4, 5, 6].map(() => ({ type: "f32", access: "read" } as const)),
        { type: "f32", access: "write" },
      ],
      reference([dy, x, mean, variance, gamma, plain, weighted, dx]: readonly View[]) {
        const share = fround(1 / length);
        const inverse = inverses(variance!, epsilon);
        const factor = inverse.map((value, j) => flush(fround(gamma![j]! * value)));
        const [a, b] = [plain!, weighted!].map((sums) =>
          Float32Array.from(sums, (sum) => flush(fround(sum * share)))
        ) as [Float32Array, Float32Array];
        for (let i = 0; i < dx!.length;) {
          for (let j = 0; j < channels; j++, i++) {
            const n = normalised(x![i]!, mean![j]!, inverse[j]!);
            const rest = flush(fround(fround(dy![i]! - a[j]!) - fround(n * b[j]!)));
            dx![i] = flush(fround(factor[j]! * rest));
          }
        }
      },
      simd: () => [{
        units: length,
        work: 12 * size(dy!.shape),
        stored: channels,
        calls: [{
          entry: "batch_norm_input_gradient",
          arguments: [
            ...[0, 1, 2, 3, 4, 5, 6, 7].map((binding) => ({ binding })),
            ...[channels, bitsOf(epsilon), bitsOf(1 / length)],
          ],
        }],
      }],
    };
  },
};
