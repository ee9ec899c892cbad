import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { nearest } from "../../core/ops/nearest.ts";
import { ShapeError, type Value } from "../../core/ops/op.ts";
import { both, type Case, property, test } from "./harness.ts";
import type { Tensor } from "./numbers.ts";

function among(matrices: readonly Tensor[]): Case {
  return { inputs: matrices, emit: (inputs) => nearest(inputs as [Value, ...Value[]]) };
}

/** The definition: a column is the answer if none is smaller, and none before it as small. */
function answers(matrices: readonly Tensor[]): number[] {
  const rows = matrices[0]!.shape[0]!;
  return Array.from({ length: rows }, (_, row) => {
    const all = matrices.flatMap(({ shape, data }) => {
      const columns = shape[1]!;
      return [...data.subarray(row * columns, (row + 1) * columns)];
    });
    return all.findIndex((own, column) =>
      all.every((other, at) => own < other || (own === other && column <= at))
    );
  });
}

property(
  "nearest() finds what the definition says on every device, ties within and across shards included",
  fc.record({
    rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 70)),
    columns: fc.array(
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(63, 64, 65, 200)),
      { minLength: 1, maxLength: 3 },
    ),
    values: fc.constantFrom(1, 2, 10, 2 ** 32 - 1),
  }),
  async ({ rows, columns, values }, numbers) => {
    const matrices = columns.map((columns) => ({
      ...numbers.indices(rows * columns, values),
      shape: [rows, columns],
    }));
    const states = await both(among(matrices));
    assert.deepEqual([...states.get("output0")!], answers(matrices));
  },
);

test("nearest() takes the lowest column of all shards among equals, the greatest distances included", async () => {
  const greatest = 0xfffffffe;
  const matrices = [
    { shape: [3, 2], data: Uint32Array.of(7, 7, 9, 5, greatest, greatest) },
    { shape: [3, 3], data: Uint32Array.of(7, 7, 7, 5, 4, 4, greatest, greatest, greatest) },
  ];
  assert.deepEqual([...(await both(among(matrices))).get("output0")!], [0, 3, 0]);
});

test("nearest() finds the smallest of each of many rows, far along them", async () => {
  const [rows, columns] = [300, 5_000];
  const data = new Uint32Array(rows * columns).fill(1000);
  const places = Array.from({ length: rows }, (_, row) => (row * 7919 + 4999) % columns);
  places.forEach((column, row) => data[row * columns + column] = row);
  const states = await both(among([{ shape: [rows, columns], data }]));
  assert.deepEqual([...states.get("output0")!], places);
});

test("nearest() rejects shards of other rows and what is no matrix of words", () => {
  const graph = new Graph();
  const zeros = (...shape: [number, number]) =>
    graph.constant(new Uint32Array(shape[0] * shape[1]), shape);
  assert.throws(() => nearest([zeros(2, 3), zeros(3, 3)]), /rows, not \[2, 3\] and \[3, 3\]/);
  assert.throws(() => nearest([graph.constant(new Float32Array(4), [2, 2])]), ShapeError);
  assert.throws(() => nearest([graph.constant(new Uint32Array(4), [4])]), ShapeError);
});
