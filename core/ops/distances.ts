/** Distances of every query to every record, both bytes in packed words, in exact integers. */
import wgsl from "../../shaders/distances.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { expectRank, type Op, ShapeError, show, type TensorType, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** Over the bytes of two records: `l1` sums |a - b|, `l2` sums (a - b)^2, of which no root is taken. */
export const METRICS = ["l1", "l2"] as const;

/** One of {@link METRICS}. */
export type Metric = (typeof METRICS)[number];

/** How a distance is measured. */
export interface DistancesAttributes {
  readonly metric: Metric;
}

/**
 * The distances, u32 [queries, records], of queries u32 [queries, words] to records u32 [records,
 * words], four bytes a word. Integers, so that no order of adding changes a bit.
 *
 * @throws {ShapeError} when the two have different lengths, or so long ones that a distance might
 * not fit in 32 bits.
 */
export function distances(queries: Value, records: Value, attributes: DistancesAttributes): Value {
  return queries.builder.apply(distancesOp, [queries, records], attributes);
}

/** The greatest distance of two bytes. */
const GREATEST: Readonly<Record<Metric, number>> = { l1: 255, l2: 255 ** 2 };

/** Queries and records whose distances one invocation computes. */
const TILE = 4;
/** Invocations of a workgroup, in either direction. */
const SIDE = 8;

/** The op behind {@link distances}. */
export const distancesOp: Op<DistancesAttributes> = {
  name: "distances",
  infer([queries, records], { metric }) {
    const { rows, columns, words } = sizes(queries!, records!);
    // All bits set is more than any distance, so that a search may start from it.
    const longest = Math.floor((2 ** 32 - 2) / (4 * GREATEST[metric]));
    if (words > longest) {
      throw new ShapeError(
        `${metric} distances of ${4 * words} bytes may not fit in 32 bits; records have at most ` +
          `${4 * longest} bytes`,
      );
    }
    return { shape: [rows, columns], type: "u32" };
  },
  kernel([queries, records], _output, { metric }) {
    const { rows, columns, words } = sizes(queries!, records!);
    return {
      name: "distances",
      dispatch: () => ({
        wgsl: fill(wgsl, {
          ...{ QUERIES: rows, RECORDS: columns, WORDS: words, TILE, SIDE },
          SQUARED: String(metric === "l2"),
        }),
        workgroups: [Math.ceil(columns / (TILE * SIDE)), Math.ceil(rows / (TILE * SIDE)), 1],
      }),
      bindings: [
        { type: "u32", access: "read" },
        { type: "u32", access: "read" },
        { type: "u32", access: "write" },
      ],
      reference([queries, records, result]: readonly View[]) {
        const [a, b] = [queries!, records!].map(bytesOf) as [Uint8Array, Uint8Array];
        const length = 4 * words;
        for (let row = 0, to = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++, to++) {
            let sum = 0;
            for (let k = row * length, l = column * length; k < (row + 1) * length; k++, l++) {
              const difference = Math.abs(a[k]! - b[l]!);
              sum += metric === "l1" ? difference : difference ** 2;
            }
            result![to] = sum;
          }
        }
      },
      simd() {
        const bytes = 4 * words;
        const ownOf = (
          binding: number,
          scratch: { scratch: number; bytes: number },
          n: number,
        ) => ({
          units: n,
          work: n * words,
          calls: [{ entry: `own_${metric}`, arguments: [{ binding }, bytes, scratch] }],
        });
        const ofQueries = { scratch: 0, bytes: 4 * rows };
        const ofRecords = { scratch: 4 * rows, bytes: 4 * columns };
        return [
          ownOf(0, ofQueries, rows),
          ownOf(1, ofRecords, columns),
          {
            units: columns,
            grain: 2,
            work: rows * columns * words,
            calls: [{
              entry: `distances_${metric}`,
              arguments: [
                ...[{ binding: 0 }, { binding: 1 }, { binding: 2 }],
                ...[bytes, rows, columns, ofQueries, ofRecords],
              ],
            }],
          },
        ];
      },
    };
  },
};

function bytesOf({ buffer, byteOffset, byteLength }: View): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function sizes(queries: TensorType, records: TensorType) {
  expectRank("the queries", queries, 2, "u32");
  expectRank("the records", records, 2, "u32");
  const [rows, words] = queries.shape as [number, number];
  const [columns, length] = records.shape as [number, number];
  if (words !== length) {
    throw new ShapeError(
      `queries ${show(queries.shape)} and records ${show(records.shape)} need equally many words`,
    );
  }
  return { rows, columns, words };
}
