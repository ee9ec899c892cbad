import assert from "node:assert/strict";
import fc from "fast-check";
import { add, scale } from "../../core/ops/arithmetic.ts";
import { leakyRelu, leakyReluGradientOp } from "../../core/ops/leaky_relu.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, build, type Case, property, sameBits, test } from "./harness.ts";

const drawn = fc.record({
  shape: anyShape,
  slope: fc.oneof(
    fc.constantFrom(0.2, 0.01, 0.5),
    fc.double({ min: 1e-3, max: 0.99, noNaN: true }),
  ),
});

sameBits("leakyRelu() gives its reference's bits", drawn, ({ shape, slope }, numbers) => ({
  inputs: [numbers.tensor(shape)],
  emit: ([x]) => leakyRelu(x!, { slope }),
}));

sameBits(
  "the gradient of leakyRelu() gives its reference's bits",
  drawn,
  ({ shape, slope }, numbers) => ({
    inputs: [numbers.tensor(shape), numbers.tensor(shape, { zeros: 10 })],
    emit: ([dy, y]) => dy!.builder.apply(leakyReluGradientOp, [dy!, y!], { slope }),
  }),
);

property("leakyRelu() and its gradient follow the formula", drawn, async (
  { shape, slope },
  numbers,
) => {
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => leakyRelu(x!, { slope }),
    formula: ([x]) => x!.map((value) => value > 0 ? value : slope * value),
  }, numbers);
});

test("leakyRelu() of two slopes in one kernel keeps each, and rounds before a sum", async () => {
  const x = { shape: [3], data: new Float32Array([-1 / 3, 2, -8]) };
  const tested: Case = {
    inputs: [x, x],
    emit: ([a, b]) => add(leakyRelu(scale(leakyRelu(a!, { slope: 0.1 }), 2), { slope: 0.3 }), b!),
  };
  assert.equal(build(tested).steps.length, 1);
  const states = await both(tested);
  const { fround } = Math;
  const expected = [...x.data].map((x) => {
    const first = x > 0 ? x : fround(fround(0.1) * x);
    const second = x > 0 ? 2 * first : fround(fround(0.3) * (2 * first));
    return fround(second + x);
  });
  assert.deepEqual([...states.get("output0")!], expected);
});

test("leakyRelu() leaves the slope's part of a negative number, and zero as it is", async () => {
  const states = await both({
    inputs: [{ shape: [5], data: new Float32Array([4, 0, -4, 2 ** -51, -(2 ** -51)]) }],
    emit: ([x]) => leakyRelu(x!, { slope: 0.25 }),
  });
  assert.deepEqual([...states.get("output0")!], [4, 0, -1, 2 ** -51, 0]);
});

for (const slope of [0, 1, -0.2, 1.5, NaN]) {
  test(`leakyRelu() rejects a slope of ${slope}`, () => {
    const emit = () =>
      build({
        inputs: [{ shape: [1], data: new Float32Array(1) }],
        emit: ([x]) => leakyRelu(x!, { slope }),
      });
    assert.throws(emit, { name: "RangeError", message: /slope must be above 0 and below 1, not/ });
  });
}
