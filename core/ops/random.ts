/** Random fills from a named Philox stream. */
import logWgsl from "../../shaders/lib/log.wgsl" with { type: "text" };
import philoxWgsl from "../../shaders/lib/philox.wgsl" with { type: "text" };
import rsqrtWgsl from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import trigWgsl from "../../shaders/lib/trig.wgsl" with { type: "text" };
import wgsl from "../../shaders/random.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { normal, uniform } from "../random/streams.ts";
import { linear } from "./dispatch.ts";
import { type Op, type Shape, ShapeError, size, type TensorType, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** What draws from streams in WGSL, with what it builds on. */
export const randomLibraries: string = rsqrtWgsl + logWgsl + trigWgsl + philoxWgsl;

const KINDS = ["uniform", "normal"] as const;

/** What is drawn. */
export interface RandomAttributes {
  readonly kind: (typeof KINDS)[number];
  readonly shape: Shape;
}

/**
 * Random numbers: `uniform` in [0, 1), multiples of 2^-24, or standard `normal`. The same key, step
 * and element give the same number.
 *
 * @param key u32 [2], the stream's key. @param step u32 [1].
 */
export function random(key: Value, step: Value, attributes: RandomAttributes): Value {
  return key.builder.apply(randomOp, [key, step], attributes);
}

/** The op behind {@link random}. */
export const randomOp: Op<RandomAttributes> = {
  name: "random",
  infer([key, step], { shape }) {
    expectNoise(key!, step!);
    return { shape, type: "f32" };
  },
  kernel(_inputs, y, { kind }) {
    const { workgroups, constants } = linear(size(y!.shape));
    const draw = kind === "uniform" ? uniform : normal;
    return {
      name: "random",
      dispatch: () => ({
        wgsl: fill(randomLibraries + wgsl, {
          ...constants,
          KIND: KINDS.indexOf(kind),
        }),
        workgroups,
      }),
      bindings: [
        { type: "u32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([key, step, y]: readonly View[]) {
        const stream = { key: [key![0]!, key![1]!] as const };
        for (let i = 0; i < y!.length; i++) y![i] = flush(draw(stream, step![0]!, i));
      },
      simd: () => [{
        units: constants.COUNT,
        grain: 4,
        work: 32 * constants.COUNT,
        calls: [{ entry: `random_${kind}`, arguments: [0, 1, 2].map((binding) => ({ binding })) }],
      }],
    };
  },
};

/** @throws {ShapeError} unless there are two u32 of a key and a u32 step. */
export function expectNoise(key: TensorType, step: TensorType): void {
  if (key.type !== "u32" || size(key.shape) !== 2 || step.type !== "u32") {
    throw new ShapeError("random numbers need a key of two u32 and a u32 step");
  }
}
