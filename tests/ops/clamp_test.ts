import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { clamp, clampGradientOp } from "../../core/ops/clamp.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, build, type Case, property, sameBits, test } from "./harness.ts";

const drawn = fc.record({
  shape: anyShape,
  bounds: fc.oneof(
    fc.constantFrom({ from: 0, to: 1 }, { from: -1, to: 1 }, { from: -0.3, to: 2.7 }),
    fc.record({
      from: fc.double({ min: -4, max: 0, noNaN: true }),
      to: fc.double({ min: 0.01, max: 4, noNaN: true }),
    }),
  ),
});

sameBits("clamp() gives its reference's bits", drawn, ({ shape, bounds }, numbers) => ({
  inputs: [numbers.tensor(shape)],
  emit: ([x]) => clamp(x!, bounds),
}));

sameBits(
  "the gradient of clamp() gives its reference's bits",
  drawn,
  ({ shape, bounds }, numbers) => ({
    inputs: [numbers.tensor(shape), numbers.tensor(shape, { zeros: 10 })],
    emit: ([dy, x]) => dy!.builder.apply(clampGradientOp, [dy!, x!], bounds),
  }),
);

property("clamp() and its gradient follow the formula", anyShape, async (shape, numbers) => {
  const bounds = { from: -0.25, to: 0.75 };
  const x = numbers.plain(shape);
  await checkMeaning({
    // No step of a difference crosses a bound.
    inputs: [{
      shape,
      data: x.data.map((value) => Math.abs(value - 0.75) < 1e-3 ? 0.5 : value),
    }],
    emit: ([x]) => clamp(x!, bounds),
    formula: ([x]) => x!.map((value) => Math.min(Math.max(value, bounds.from), bounds.to)),
  }, numbers);
});

test("clamp() keeps the bounds themselves, and its gradient passes there", async () => {
  const x = Float32Array.of(-2, -1, -0.5, 0.25, 0.5, 3);
  const bounds = { from: -1, to: 0.5 };
  const states = await both({
    inputs: [{ shape: [6], data: x }, { shape: [6], data: new Float32Array(6).fill(7) }],
    emit: ([x, dy]) => [clamp(x!, bounds), dy!.builder.apply(clampGradientOp, [dy!, x!], bounds)],
  });
  assert.deepEqual([...states.get("output0")!], [-1, -1, -0.5, 0.25, 0.5, 0.5]);
  assert.deepEqual([...states.get("output1")!], [0, 7, 7, 7, 7, 0]);
});

test("two clamps in one kernel keep each its bounds", async () => {
  const x = { shape: [4], data: Float32Array.of(-3, 0.25, 0.5, 3) };
  const tested: Case = {
    inputs: [x, x],
    emit: ([a, b]) => clamp(add(clamp(a!, { from: 0, to: 1 }), b!), { from: -0.5, to: 0.75 }),
  };
  assert.equal(build(tested).steps.length, 1);
  const states = await both(tested);
  assert.deepEqual([...states.get("output0")!], [-0.5, 0.5, 0.75, 0.75]);
});

for (const [from, to] of [[1, 0], [1, 1], [NaN, 1], [0, NaN], [0, Infinity]] as const) {
  test(`clamp() rejects bounds from ${from} to ${to}`, () => {
    const emit = () =>
      build({
        inputs: [{ shape: [1], data: new Float32Array(1) }],
        emit: ([x]) => clamp(x!, { from, to }),
      });
    assert.throws(emit, { name: "RangeError", message: /from must be a number below to, not/ });
  });
}

test("clamp() takes floats only", () => {
  const graph = new Graph();
  const x = graph.constant(new Uint32Array(1), [1]);
  assert.throws(() => clamp(x, { from: 0, to: 1 }), ShapeError);
});
