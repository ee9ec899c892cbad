import assert from "node:assert/strict";
import { tanh, tanhGradientOp } from "../../core/ops/tanh.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

sameBits("tanh() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape, { scale: 2 ** (numbers.below(8) - 4) })],
  emit: ([x]) => tanh(x!),
}));

sameBits("the gradient of tanh() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape), numbers.tensor(shape, { scale: 2 ** -3 })],
  emit: ([dy, y]) => dy!.builder.apply(tanhGradientOp, [dy!, y!], {}),
}));

property("tanh() and its gradient follow the formula", anyShape, async (shape, numbers) => {
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => tanh(x!),
    formula: ([x]) => x!.map(Math.tanh),
  }, numbers);
});

test("tanh() is 1 or -1 far out and itself next to zero", async () => {
  const states = await both({
    inputs: [{ shape: [5], data: new Float32Array([200, -9.1, 0, 2 ** -40, -(2 ** -51)]) }],
    emit: ([x]) => tanh(x!),
  });
  assert.deepEqual([...states.get("output0")!], [1, -1, 0, 2 ** -40, -(2 ** -51)]);
});
