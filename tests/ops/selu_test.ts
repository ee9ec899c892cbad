import assert from "node:assert/strict";
import { selu, seluGradientOp, seluOp } from "../../core/ops/selu.ts";
import { spread, wholeRange, worstUlps } from "../numerics/floats.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

const SCALE = 1.0507009873554805, ALPHA = 1.6732632423543772;
const exact = (x: number) => x > 0 ? SCALE * x : SCALE * ALPHA * Math.expm1(x);

sameBits("selu() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape, { scale: 2 ** (numbers.below(8) - 4) })],
  emit: ([x]) => selu(x!),
}));

sameBits("the gradient of selu() gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape), numbers.tensor(shape, { zeros: 10, scale: 2 ** -2 })],
  emit: ([dy, y]) => dy!.builder.apply(seluGradientOp, [dy!, y!], {}),
}));

property("selu() and its gradient follow the formula", anyShape, async (shape, numbers) => {
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => selu(x!),
    formula: ([x]) => x!.map(exact),
  }, numbers);
});

test("selu() stays within 1.77 ULP for every stored number, next to zero too", () => {
  const { apply } = seluOp.stage!({});
  const stored = wholeRange().filter((x) => Math.abs(x) >= 2 ** -51);
  const inputs = [...stored, ...spread(-20, 20), ...spread(-2, 0)];
  const error = worstUlps((x) => apply(x, 0), exact, inputs);
  assert.ok(error <= 1.77, `${error}`);
});

test("selu() ends at -scale * alpha, where its gradient is zero", async () => {
  const ones = { shape: [3], data: new Float32Array([1, 1, 1]) };
  const states = await both({
    inputs: [ones, { shape: [3], data: new Float32Array([-30, -1000, 0]) }],
    emit: ([dy, x]) => {
      const y = selu(x!);
      return [y, dy!.builder.apply(seluGradientOp, [dy!, y], {})];
    },
  });
  const least = Math.fround(SCALE * ALPHA);
  assert.deepEqual([...states.get("output0")!], [-least, -least, 0]);
  assert.deepEqual([...states.get("output1")!], [0, 0, least]);
});
