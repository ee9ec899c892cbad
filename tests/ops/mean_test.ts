import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { mean } from "../../core/ops/mean.ts";
import { sum } from "../../core/ops/sum.ts";
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

const images = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  channels: fc.integer({ min: 1, max: 9 }),
});

sameBits(
  "mean() over the pixels of images and its gradient give their reference's bits",
  images,
  ({ batch, height, width, channels }, numbers) => ({
    inputs: [numbers.tensor([batch, height, width, channels])],
    emit: ([x]) => {
      const y = mean(x!, [1, 2]);
      return [y, ...gradients(x!.builder as Graph, sum(multiply(y, y)), [x!])];
    },
  }),
);
