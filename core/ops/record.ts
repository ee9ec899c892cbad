/** The metric ring: scalars of many steps are kept on the device and read rarely. */
import wgsl from "../../shaders/record.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { expectRank, type Op, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** Writes the scalar `x` to ring[cursor mod rows, column] of a ring f32 [rows, columns]. */
export function record(x: Value, cursor: Value, ring: Value, column: number): void {
  x.builder.effect(recordOp, [x, cursor, ring], { column });
}

/** The op behind {@link record}. */
export const recordOp: Op<{ readonly column: number }> = {
  name: "record",
  infer([x, _cursor, ring]) {
    expectRank("a recorded value", x!, 0);
    expectRank("the ring", ring!, 2);
    return undefined;
  },
  kernel([_x, _cursor, ring], _output, { column }) {
    const [rows, columns] = ring!.shape as [number, number];
    return {
      name: "record",
      dispatch: () => ({
        wgsl: fill(wgsl, { ROWS: rows, COLUMNS: columns, COLUMN: column }),
        workgroups: [1, 1, 1],
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([x, cursor, ring]: readonly View[]) {
        ring![cursor![0]! % rows * columns + column] = x![0]!;
      },
    };
  },
};
