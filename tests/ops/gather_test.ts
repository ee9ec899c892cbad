import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { gather } from "../../core/ops/gather.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { both, sameBits, test } from "./harness.ts";

sameBits(
  "gather() gives its reference's bits for tables of either type, masked indices included",
  fc.record({
    rows: fc.integer({ min: 1, max: 40 }),
    row: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
    count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(64, 65)),
    words: fc.boolean(),
  }),
  ({ rows, row, count, words }, numbers) => {
    const table = numbers.tensor([rows, ...row]);
    const data = words ? Uint32Array.from(table.data, () => numbers.word()) : table.data;
    return {
      inputs: [{ ...table, data }, numbers.indices(count, rows + 2)],
      emit: ([table, indices]) => gather(table!, indices!),
    };
  },
);

for (const [Words, masked] of [[Uint32Array, 0xffffffff], [Float32Array, 0]] as const) {
  test(`gather() gives ${masked} for an index beyond the last row of a ${Words.name}`, async () => {
    const states = await both({
      inputs: [
        { shape: [2, 2], data: new Words([1, 2, 3, 4]) },
        { shape: [3], data: new Uint32Array([1, 2, 0xffffffff]) },
      ],
      emit: ([table, indices]) => gather(table!, indices!),
    });
    assert.deepEqual([...states.get("output0")!], [3, 4, masked, masked, masked, masked]);
  });
}

test("gather() rejects indices that are not u32", () => {
  const graph = new Graph();
  const table = graph.constant(new Float32Array(4), [4]);
  assert.throws(() => gather(table, graph.constant(new Float32Array(2), [2])), ShapeError);
});
