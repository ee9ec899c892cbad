/**
 * Dropout (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014), in the form that scales
 * what is kept while it trains, so that a trained net needs no scaling. The mask is a function of
 * stream, step and element: nothing is stored of it, the gradient draws it again.
 */
import wgsl from "../../shaders/dropout.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { bitsOf, flush } from "../numerics/bits.ts";
import { block } from "../random/streams.ts";
import { linear } from "./dispatch.ts";
import { type Op, ShapeError, size, type Value } from "./op.ts";
import { expectNoise, randomLibraries } from "./random.ts";
import { f32, fill } from "./template.ts";

const { fround } = Math;

/** How much is dropped. */
export interface DropoutAttributes {
  /** The probability that an element becomes 0: at least 0, below 1. */
  readonly rate: number;
}

/**
 * x * 1 / (1 - rate) where the stream's uniform number of this step and element is at least `rate`,
 * else 0; any shape.
 *
 * @param key u32 [2], the stream's key. @param step u32 [1].
 * @throws {RangeError} unless the rate is at least 0 and below 1.
 * @throws {ShapeError} when key or step is something else, or x is not f32.
 */
export function dropout(x: Value, key: Value, step: Value, attributes: DropoutAttributes): Value {
  const { rate } = attributes;
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`dropout: the rate must be at least 0 and below 1, not ${rate}`);
  }
  return x.builder.apply(dropoutOp, [x, key, step], attributes);
}

/** The op behind {@link dropout}; being linear, it is its own gradient. */
export const dropoutOp: Op<DropoutAttributes> = {
  name: "dropout",
  handsOver: true,
  infer([x, key, step]) {
    expectNoise(key!, step!);
    if (x!.type !== "f32") throw new ShapeError(`the input must be f32, not ${x!.type}`);
    return x!;
  },
  kernel([input], _output, attributes) {
    const count = size(input!.shape);
    const blocks = Math.ceil(count / 4);
    const [rate, scale] = [attributes.rate, 1 / (1 - attributes.rate)].map(fround) as [
      number,
      number,
    ];
    const { workgroups, constants } = linear(blocks);
    return {
      name: "dropout",
      dispatch: () => ({
        wgsl: fill(randomLibraries + wgsl, {
          ...constants,
          ELEMENTS: count,
          RATE: f32(rate),
          SCALE: f32(scale),
        }),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([x, key, step, y]: readonly View[]) {
        const stream = { key: [key![0]!, key![1]!] as const };
        for (let index = 0; index < blocks; index++) {
          block(stream, step![0]!, index).forEach((word, j) => {
            const i = 4 * index + j;
            const kept = (word >>> 8) * 2 ** -24 >= rate;
            if (i < count) y![i] = kept ? flush(fround(scale * x![i]!)) : 0;
          });
        }
      },
      simd: () => [{
        units: count,
        grain: 4,
        work: 16 * count,
        stored: 1,
        calls: [{
          entry: "dropout",
          arguments: [
            ...[0, 1, 2, 3].map((binding) => ({ binding })),
            ...[bitsOf(rate), bitsOf(scale)],
          ],
        }],
      }],
    };
  },
  gradient: ({ inputs: [, key, step], attributes }, dy) => [
    dropout(dy, key!, step!, attributes),
    undefined,
    undefined,
  ],
};
