import assert from "node:assert/strict";
import { sigmoid, sigmoidGradientOp } from "../../core/ops/sigmoid.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

sameBits("sigmoid() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape, { scale: 2 ** numbers.below(5) })],
  emit: ([x]) => sigmoid(x!),
}));

sameBits("the gradient of sigmoid() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape), numbers.tensor(shape, { scale: 2 ** -3 })],
  emit: ([dy, y]) => dy!.builder.apply(sigmoidGradientOp, [dy!, y!], {}),
}));

property("sigmoid() and its gradient follow the formula", anyShape, async (shape, numbers) => {
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => sigmoid(x!),
    formula: ([x]) => x!.map((value) => 1 / (1 + Math.exp(-value))),
  }, numbers);
});

test("sigmoid() is 1 far on the right, 1/2 in the middle and stored as zero far on the left", async () => {
  const states = await both({
    inputs: [{ shape: [4], data: new Float32Array([200, 0, -35.4, -1000]) }],
    emit: ([x]) => sigmoid(x!),
  });
  assert.deepEqual([...states.get("output0")!], [1, 0.5, 0, 0]);
});
