/** Rows of a table by index: labels of a batch, this step's row of a schedule. */
import wgsl from "../../shaders/gather.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

/**
 * table[indices]: a table [rows, ...] of either type and indices u32 [n] give [n, ...]. An index
 * from `rows` up gives 0, and of u32 elements with all bits set, which as a label is no class.
 */
export function gather(table: Value, indices: Value): Value {
  return table.builder.apply(gatherOp, [indices, table], {});
}

/** The op behind {@link gather}. */
export const gatherOp: Op<unknown> = {
  name: "gather",
  infer([indices, table]) {
    expectRank("the indices", indices!, 1, "u32");
    return { shape: [indices!.shape[0]!, ...table!.shape.slice(1)], type: table!.type };
  },
  kernel([_indices, table], y) {
    const [rows, ...row] = table!.shape as [number, ...number[]];
    const width = size(row);
    const { workgroups, constants } = linear(size(y!.shape));
    const masked = table!.type === "u32" ? 0xffffffff : 0;
    return {
      name: "gather",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, ROWS: rows, WIDTH: width, MASKED: `${masked}u` }),
        workgroups,
      }),
      bindings: [
        { type: "u32", access: "read" },
        { type: table!.type, access: "read" },
        { type: table!.type, access: "write" },
      ],
      reference([indices, table, y]: readonly View[]) {
        const bits = (view: View) => new Uint32Array(view.buffer, view.byteOffset, view.length);
        const from = bits(table!), to = bits(y!);
        indices!.forEach((index, i) => {
          for (let j = 0; j < width; j++) {
            to[i * width + j] = index < rows ? from[index * width + j]! : masked;
          }
        });
      },
    };
  },
};
