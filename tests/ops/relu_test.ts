import assert from "node:assert/strict";
import { relu, reluGradientOp } from "../../core/ops/relu.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

sameBits("relu() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape)],
  emit: ([x]) => relu(x!),
}));

sameBits("the gradient of relu() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape), numbers.tensor(shape, { zeros: 10 })],
  emit: ([dy, y]) => dy!.builder.apply(reluGradientOp, [dy!, y!], {}),
}));

property("relu() and its gradient follow the formula", anyShape, async (shape, numbers) => {
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => relu(x!),
    formula: ([x]) => x!.map((value) => Math.max(0, value)),
  }, numbers);
});

test("relu() turns NaN into zero, so finiteness is checked elsewhere", async () => {
  const states = await both({
    inputs: [{ shape: [3], data: new Float32Array([NaN, Infinity, -Infinity]) }],
    emit: ([x]) => relu(x!),
  });
  assert.deepEqual([...states.get("output0")!], [0, Infinity, 0]);
});
