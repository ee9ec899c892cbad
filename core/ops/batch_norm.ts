/** Batch normalisation (Ioffe and Szegedy 2015). */
import wgsl from "../../shaders/batch_norm.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { bitsOf, flush } from "../numerics/bits.ts";
import {
  batchNormInputGradient,
  type BatchNormParts,
  batchNormSums,
} from "./batch_norm_gradient.ts";
import type { Moments } from "./moments.ts";
import { inverses, normalised, NORMALISED_WGSL, strips } from "./normalised.ts";
import { expectRank, type Op, sameShape, ShapeError, show, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/** How x is normalised, scaled and shifted. */
export interface BatchNorm extends Moments {
  /** What each channel is multiplied with, f32 [channels]. */
  readonly gamma: Value;
  /** What is then added to each channel, f32 [channels]. */
  readonly beta: Value;
}

/** Numbers of a batch normalisation. */
export interface BatchNormAttributes {
  /** What is added to a variance before its root is taken; from 1e-12 on. */
  readonly epsilon: number;
  /** Whether the moments are x's own; then a gradient with respect to x goes through them too. */
  readonly own: boolean;
}

/**
 * (x - mean) / sqrt(variance + epsilon) * gamma + beta for each channel of x [n, channels].
 *
 * @throws {ShapeError} unless there is one mean, variance, gamma and beta a channel.
 */
export function batchNorm(
  x: Value,
  { mean, variance, gamma, beta }: BatchNorm,
  attributes: BatchNormAttributes,
): Value {
  return x.builder.apply(batchNormOp, [x, mean, variance, gamma, beta], attributes);
}

/**
 * The op behind {@link batchNorm}. Its gradient through x's own moments is the closed form, so that
 * of what lies between only x is kept; the moments' rules are never asked.
 */
export const batchNormOp: Op<BatchNormAttributes> = {
  name: "batch_norm",
  handsOver: true,
  infer([x, ...channelwise]) {
    expectRank("the input", x!, 2);
    for (const { shape } of channelwise) {
      if (!sameShape(shape, x!.shape.slice(1))) {
        throw new ShapeError(`${show(shape)} is not one number a channel of ${show(x!.shape)}`);
      }
    }
    return x!;
  },
  kernel([x], _y, { epsilon }) {
    const [length, channels] = x!.shape as [number, number];
    const { workgroups, constants } = strips(x!, epsilon);
    return {
      name: "batch_norm",
      dispatch: () => ({ wgsl: fill(NORMALISED_WGSL + wgsl, constants), workgroups }),
      bindings: [
        ...[0, 1, 2, 3, 4].map(() => ({ type: "f32", access: "read" } as const)),
        { type: "f32", access: "write" },
      ],
      reference([x, mean, variance, gamma, beta, y]: readonly View[]) {
        const inverse = inverses(variance!, epsilon);
        for (let i = 0; i < y!.length;) {
          for (let j = 0; j < channels; j++, i++) {
            const n = normalised(x![i]!, mean![j]!, inverse[j]!);
            y![i] = flush(fround(fround(n * gamma![j]!) + beta![j]!));
          }
        }
      },
      simd: () => [{
        units: length,
        work: 8 * size(x!.shape),
        stored: channels,
        calls: [{
          entry: "batch_norm",
          arguments: [
            ...[0, 1, 2, 3, 4, 5].map((binding) => ({ binding })),
            ...[channels, bitsOf(epsilon)],
          ],
        }],
      }],
    };
  },
  gradient({ inputs, attributes: { epsilon, own } }, dy) {
    const [x, mean, variance, gamma] = inputs as [Value, Value, Value, Value, Value];
    const parts: BatchNormParts = { dy, x, mean, variance, epsilon };
    const { plain, weighted } = batchNormSums(parts);
    const none = dy.builder.constant(new Float32Array(size(gamma.shape)), gamma.shape);
    const through = own ? { plain, weighted } : { plain: none, weighted: none };
    return [
      batchNormInputGradient(parts, gamma, through),
      undefined,
      undefined,
      weighted,
      plain,
    ];
  },
};
