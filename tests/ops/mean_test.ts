import assert from "node:assert/strict";
import fc from "fast-check";
import { mean } from "../../core/ops/mean.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

const matrices = fc.record({
  rows: fc.integer({ min: 1, max: 30 }),
  columns: fc.integer({ min: 1, max: 30 }),
  axes: fc.constantFrom<number[] | undefined>(undefined, [0], [1], [0, 1], []),
});

sameBits("mean() gives its reference's bits", matrices, ({ rows, columns, axes }, numbers) => ({
  inputs: [numbers.tensor([rows, columns])],
  emit: ([x]) => mean(x!, axes),
}));

property(
  "mean() and its gradient follow the formula",
  fc.record({ rows: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 1, max: 6 }) }),
  async ({ rows, columns }, numbers) => {
    await checkMeaning({
      inputs: [numbers.plain([rows, columns])],
      emit: ([x]) => mean(x!, [0]),
      formula: ([x]) =>
        Array.from({ length: columns }, (_, column) => {
          const own = x!.filter((_, i) => i % columns === column);
          return own.reduce((a, b) => a + b) / rows;
        }),
    }, numbers);
  },
);

test("mean() is the sum times the rounded reciprocal of the count", async () => {
  const data = new Float32Array([1, 2, 4]);
  const states = await both({ inputs: [{ shape: [3], data }], emit: ([x]) => mean(x!) });
  assert.deepEqual([...states.get("output0")!], [Math.fround(7 * Math.fround(1 / 3))]);
});
