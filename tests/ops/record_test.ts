import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { record } from "../../core/ops/record.ts";
import { both, sameBits, test } from "./harness.ts";

sameBits(
  "record() gives its reference's bits",
  fc.record({
    rows: fc.integer({ min: 1, max: 70 }),
    columns: fc.integer({ min: 1, max: 9 }),
    cursor: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    column: fc.nat(8),
  }),
  ({ rows, columns, cursor, column }, numbers) => ({
    inputs: [
      numbers.tensor([]),
      { shape: [1], data: new Uint32Array([cursor]) },
      numbers.tensor([rows, columns]),
    ],
    emit: ([x, cursor, ring]) => record(x!, cursor!, ring!, column % columns),
  }),
);

test("record() begins again at the first row when the ring is full", async () => {
  const states = await both({
    inputs: [
      { shape: [], data: new Float32Array([9]) },
      { shape: [1], data: new Uint32Array([4]) },
      { shape: [3, 2], data: new Float32Array(6) },
    ],
    emit: ([x, cursor, ring]) => record(x!, cursor!, ring!, 1),
  });
  assert.deepEqual([...states.get("input2")!], [0, 0, 0, 9, 0, 0]);
});

test("record() rejects a value that is not a scalar", () => {
  const graph = new Graph();
  const x = graph.constant(new Float32Array(1), [1]);
  const cursor = graph.constant(new Uint32Array(1), [1]);
  const ring = graph.constant(new Float32Array(6), [3, 2]);
  assert.throws(() => record(x, cursor, ring, 0), ShapeError);
});
