import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { attackStep } from "../../core/ops/attack_step.ts";
import { type Shape, ShapeError } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { anyShape } from "./activation_cases.ts";
import { both, property, sameBits, test } from "./harness.ts";
import type { Numbers, Tensor } from "./numbers.ts";

const { fround } = Math;

const drawn = fc.record({
  shape: anyShape,
  epsilon: fc.oneof(
    fc.constantFrom(8 / 255, 0.3, 1),
    fc.double({ min: 1e-4, max: 1, noNaN: true }),
  ),
  size: fc.oneof(fc.constantFrom(0.3, 2 / 255, -0.1), fc.double({ min: -1, max: 1, noNaN: true })),
});

/** Pixels, some at the ends. */
function pixels(numbers: Numbers, shape: Shape): Tensor {
  const { data } = numbers.plain(shape);
  return {
    shape,
    data: data.map((x) => [0, 1][numbers.below(8)] ?? Math.abs(fround(2 * Math.abs(x) - 1))),
  };
}

const inputs = (
  { shape, epsilon, size }: { shape: Shape; epsilon: number; size: number },
  numbers: Numbers,
): Tensor[] => [
  pixels(numbers, shape),
  numbers.tensor(shape),
  pixels(numbers, shape),
  { shape: [2], data: Float32Array.of(epsilon, size) },
];

sameBits("attackStep() gives its reference's bits", drawn, (parameters, numbers) => ({
  inputs: inputs(parameters, numbers),
  emit: ([x, gradient, origin, sizes]) => attackStep(x!, gradient!, origin!, sizes!),
}));

property(
  "attackStep() follows the formula and stays within the ball and the pixel range",
  drawn,
  async (parameters, numbers) => {
    const given = inputs(parameters, numbers);
    const states = await both({
      inputs: given,
      emit: ([x, gradient, origin, sizes]) => attackStep(x!, gradient!, origin!, sizes!),
    });
    const [x, gradient, origin, [epsilon, size]] = given.map(({ data }) => [...data]) as [
      number[],
      number[],
      number[],
      [number, number],
    ];
    states.get("output0")!.forEach((y, i) => {
      const moved = x[i]! + size * Math.sign(gradient[i]!);
      const inBall = Math.min(Math.max(moved, origin[i]! - epsilon), origin[i]! + epsilon);
      const wanted = Math.min(Math.max(inBall, 0), 1);
      assert.ok(Math.abs(y - wanted) <= 2 ** -25, `element ${i} is ${y}, not ${wanted}`);
      assert.ok(y >= 0 && y <= 1);
      assert.ok(Math.abs(y - origin[i]!) <= epsilon + 2 ** -25, `${y} is far from ${origin[i]}`);
    });
  },
);

test("attackStep() moves by the sign of the smallest stored gradient, not by less or by zero", async () => {
  const gradient = Float32Array.of(2 ** -51, -(2 ** -51), 2 ** -52, -(2 ** -149), 0, -0);
  const images = { shape: [6], data: new Float32Array(6).fill(0.5) };
  const states = await both({
    inputs: [
      images,
      { shape: [6], data: gradient },
      images,
      { shape: [2], data: Float32Array.of(0.25, 0.125) },
    ],
    emit: ([x, gradient, origin, sizes]) => attackStep(x!, gradient!, origin!, sizes!),
  });
  assert.deepEqual([...states.get("output0")!], [0.625, 0.375, 0.5, 0.5, 0.5, 0.5]);
});

test("attackStep() ends at the ball's edge and in the pixel range, and descends with a negative size", async () => {
  const states = await both({
    inputs: [
      { shape: [5], data: Float32Array.of(0.5, 0.5, 0.9375, 0.0625, 0.5) },
      { shape: [5], data: Float32Array.of(1, -1, -1, 1, 0) },
      { shape: [5], data: Float32Array.of(0.5, 0.75, 0.9375, 0, 0) },
      { shape: [2], data: Float32Array.of(0.125, -0.25) },
    ],
    emit: ([x, gradient, origin, sizes]) => attackStep(x!, gradient!, origin!, sizes!),
  });
  assert.deepEqual([...states.get("output0")!], [0.375, 0.75, 1, 0, 0.125]);
});

test("no gradient flows through attackStep(), and it rejects what does not fit together", () => {
  const graph = new Graph();
  const leaf = (name: string, shape: Shape, type: "f32" | "u32" = "f32") =>
    graph.leaf({ name, type, length: shape.reduce((a, b) => a * b) }, shape);
  const [x, weights, sizes] = [leaf("x", [3]), leaf("weights", [3]), leaf("sizes", [2])];
  const slope = multiply(x, weights);
  const loss = sum(multiply(attackStep(x, slope, x, sizes), weights));
  assert.equal(gradients(graph, loss, [weights]).length, 1);
  assert.throws(() => gradients(graph, loss, [x]), /the loss does not depend on the value/);
  assert.throws(
    () => attackStep(x, leaf("other", [4]), x, sizes),
    /x \[3\], gradient \[4\] and origin \[3\] must have the same shape/,
  );
  assert.throws(() => attackStep(x, x, leaf("bytes", [3], "u32"), sizes), ShapeError);
  assert.throws(() => attackStep(x, x, x, x), /sizes must be \[2\], epsilon and the step's size/);
});
