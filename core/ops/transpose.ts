/** Transposition of the last two axes. */
import wgsl from "../../shaders/transpose.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { type Op, ShapeError, show, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** [..., rows, columns] to [..., columns, rows]. */
export function transpose(x: Value): Value {
  return x.builder.apply(transposeOp, [x], {});
}

/** The op behind {@link transpose}. */
export const transposeOp: Op<unknown> = {
  name: "transpose",
  infer([x]) {
    const { shape, type } = x!;
    if (shape.length < 2 || type !== "f32") {
      throw new ShapeError(
        `the input must be f32 with two axes or more, not ${type} ${show(shape)}`,
      );
    }
    return { shape: [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!], type };
  },
  kernel([x]) {
    const [rows, columns] = x!.shape.slice(-2) as [number, number];
    const { workgroups, constants } = linear(size(x!.shape));
    return {
      name: "transpose",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, ROWS: rows, COLUMNS: columns }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        for (let i = 0; i < y!.length; i++) {
          const outer = Math.floor(i / (rows * columns));
          const column = Math.floor(i / rows) % columns;
          y![i] = x![(outer * rows + i % rows) * columns + column]!;
        }
      },
      simd: () => [{
        units: constants.COUNT / rows,
        work: constants.COUNT,
        calls: [{
          entry: "transpose",
          arguments: [{ binding: 0 }, { binding: 1 }, rows, columns],
        }],
      }],
    };
  },
  gradient: (_, dy) => [transpose(dy)],
};
