import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { type Shape, ShapeError } from "../../core/ops/op.ts";
import { transpose } from "../../core/ops/transpose.ts";
import { checkMeaning } from "./gradient.ts";
import { property, sameBits, test } from "./harness.ts";

const shapes = (edge: number): fc.Arbitrary<Shape> =>
  fc.array(fc.integer({ min: 1, max: edge }), { minLength: 2, maxLength: 4 });

sameBits("transpose() gives its reference's bits", shapes(9), (shape, numbers) => ({
  inputs: [numbers.tensor(shape)],
  emit: ([x]) => transpose(x!),
}));

property("transpose() and its gradient follow the formula", shapes(4), async (shape, numbers) => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => transpose(x!),
    formula: ([x]) => {
      const y = new Array<number>(x!.length);
      x!.forEach((value, i) => {
        const within = i % (rows * columns);
        const [row, column] = [Math.floor(within / columns), within % columns];
        y[i - within + column * rows + row] = value;
      });
      return y;
    },
  }, numbers);
});

test("transpose() rejects a tensor of one axis", () => {
  assert.throws(() => transpose(new Graph().constant(new Float32Array(3), [3])), ShapeError);
});
