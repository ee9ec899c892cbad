/** Repetition along an axis, the gradient of a sum. */
import wgsl from "../../shaders/repeat.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** How a middle axis is repeated: to `length` elements, `each` in turn. */
export interface RepeatAttributes {
  readonly length: number;
  readonly each: number;
}

/** [outer, from, inner] to [outer, length, inner]; element k is element floor(k / each) of x. */
export function repeat(x: Value, attributes: RepeatAttributes): Value {
  return x.builder.apply(repeatOp, [x], attributes);
}

/** The op behind {@link repeat}. */
export const repeatOp: Op<RepeatAttributes> = {
  name: "repeat",
  infer([x], { length }) {
    expectRank("the input", x!, 3);
    return { shape: [x!.shape[0]!, length, x!.shape[2]!], type: "f32" };
  },
  kernel([x], y, { length, each }) {
    const [, from, inner] = x!.shape as [number, number, number];
    const { workgroups, constants } = linear(size(y!.shape));
    return {
      name: "repeat",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, FROM: from, LENGTH: length, INNER: inner, EACH: each }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        for (let i = 0; i < constants.COUNT; i++) {
          const k = Math.floor(i / inner) % length;
          const outer = Math.floor(i / inner / length);
          y![i] = x![(outer * from + Math.floor(k / each)) * inner + i % inner]!;
        }
      },
    };
  },
};
