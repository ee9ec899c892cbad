/** Which record is nearest to each query. */
import wgsl from "../../shaders/nearest.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear, WORKGROUP } from "./dispatch.ts";
import { expectRank, type Op, ShapeError, show, type TensorType, type Value } from "./op.ts";
import { fill } from "./template.ts";

/**
 * The column, u32 [rows], of the smallest number of each row of matrices u32 [rows, columns] that
 * stand side by side, because one binding may not hold them; the lowest column among equals. A number
 * with all bits set, which no distance has, is never the smallest; a row of nothing else gives it.
 *
 * @throws {ShapeError} unless all have equally many rows.
 */
export function nearest(distances: readonly [Value, ...Value[]]): Value {
  return distances[0].builder.apply(nearestOp, distances, {});
}

/** The op behind {@link nearest}. */
export const nearestOp: Op<unknown> = {
  name: "nearest",
  infer(distances) {
    const rows = distances[0]!.shape[0]!;
    for (const matrix of distances) {
      expectRank("the distances", matrix, 2, "u32");
      if (matrix.shape[0] !== rows) {
        throw new ShapeError(
          `distances side by side need equally many rows, not ` +
            distances.map(({ shape }) => show(shape)).join(" and "),
        );
      }
    }
    return { shape: [rows], type: "u32" };
  },
  kernel(distances, y) {
    const rows = y!.shape[0]!;
    const starts = startsOf(distances);
    const { workgroups, constants } = linear(rows * WORKGROUP);
    return {
      name: "nearest",
      dispatch: () => ({
        wgsl: fill(wgsl, {
          ...constants,
          ...Object.fromEntries(distances.flatMap(({ shape }, s) => [
            [`COLUMNS${s}`, shape[1]!],
            [`START${s}`, starts[s]!],
          ])),
          SHARDS: distances.length,
        }),
        workgroups,
      }),
      bindings: [
        ...distances.map(() => ({ type: "u32", access: "read" } as const)),
        { type: "u32", access: "write" },
      ],
      reference(views: readonly View[]) {
        const y = views.at(-1)!;
        for (let row = 0; row < rows; row++) {
          let smallest = 0xffffffff;
          y[row] = 0xffffffff;
          for (const [s, { shape }] of distances.entries()) {
            const columns = shape[1]!;
            const view = views[s]!;
            for (let column = 0, at = row * columns; column < columns; column++, at++) {
              if (view[at]! >= smallest) continue;
              smallest = view[at]!;
              y[row] = starts[s]! + column;
            }
          }
        }
      },
    };
  },
};

/** The columns that stand before each matrix. */
function startsOf(distances: readonly TensorType[]): number[] {
  let start = 0;
  return distances.map(({ shape }) => (start += shape[1]!) - shape[1]!);
}
