import assert from "node:assert/strict";
import fc from "fast-check";
import { flush } from "../../core/numerics/bits.ts";
import { reciprocal } from "../../core/numerics/reciprocal.ts";
import { sqrt } from "../../core/numerics/rsqrt.ts";
import { adamOp } from "../../core/ops/adam.ts";
import { assertClose } from "./gradient.ts";
import { assertSameBits, both, type Case, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const { fround } = Math;
const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(63, 64, 65));
const BETA1 = 0.9, BETA2 = 0.999, RATE = 0.01, EPSILON = 1e-7;

/** Step `t` over random parameters, gradients and moments. */
function step(length: number, t: number, numbers: Numbers): Case {
  const second = numbers.tensor([length], { scale: 2 ** -10, zeros: 4 });
  const scalars = [
    BETA1,
    1 - BETA1,
    BETA2,
    1 - BETA2,
    RATE / (1 - BETA1 ** t),
    1 / Math.sqrt(1 - BETA2 ** t),
    EPSILON,
  ];
  return {
    inputs: [
      numbers.tensor([length]),
      numbers.tensor([length], { zeros: 6, tiny: 4 }),
      numbers.tensor([length], { zeros: 4, tiny: 4 }),
      { ...second, data: second.data.map(Math.abs) },
      { shape: [7], data: new Float32Array(scalars) },
    ],
    emit: (flat) => flat[0]!.builder.effect(adamOp, flat, {}),
  };
}

sameBits(
  "adam gives its reference's bits",
  lengths,
  (length, numbers) => step(length, 1 + numbers.below(1000), numbers),
);

/** The op's header in f32; `fused` rounds a product and its sum together. */
function update({ inputs }: Case, fused: boolean) {
  const [w, g, m, v, scalars] = inputs.map(({ data }) => data);
  const [beta1, keep1, beta2, keep2, rate, correction, epsilon] = [...scalars!] as
    & number[]
    & [number, number, number, number, number, number, number];
  const product = (x: number) => fused ? x : fround(x);
  const first = m!.map((m, i) => flush(fround(product(beta1 * m) + fround(keep1 * g![i]!))));
  const second = v!.map((v, i) => {
    const sum = fround(product(beta2 * v) + fround(keep2 * fround(g![i]! * g![i]!)));
    return sum < 2 ** -120 ? 0 : sum;
  });
  const weights = w!.map((w, i) => {
    const root = fround(sqrt(second[i]!) * correction);
    const change = fround(first[i]! * reciprocal(fround(root + epsilon)));
    return flush(fround(w - product(rate * change)));
  });
  return { weights, first, second };
}

test("adam rounds every product on its own, in the stated order", async () => {
  const tested = step(300, 3, new Numbers(10));
  const states = await both(tested);
  const [stated, fused] = [update(tested, false), update(tested, true)];
  assertSameBits(states.get("input0")!, stated.weights, "the parameters");
  assertSameBits(states.get("input2")!, stated.first, "the first moments");
  assertSameBits(states.get("input3")!, stated.second, "the second moments");
  assert.notDeepEqual(fused.weights, stated.weights);
  assert.notDeepEqual(fused.first, stated.first);
  assert.notDeepEqual(fused.second, stated.second);
});

test("adam follows the formula of Kingma and Ba", async () => {
  const t = 5;
  const tested = step(100, t, new Numbers(11));
  const [w, g, m, v] = tested.inputs.map(({ data }) => [...data]);
  const states = await both(tested);
  const expected = w!.map((w, i) => {
    const first = BETA1 * m![i]! + (1 - BETA1) * g![i]!;
    const second = BETA2 * v![i]! + (1 - BETA2) * g![i]! ** 2;
    const change = first / (1 - BETA1 ** t) / (Math.sqrt(second / (1 - BETA2 ** t)) + EPSILON);
    return w - RATE * change;
  });
  assertClose(states.get("input0")!, expected, "the parameters");
});

test("adam drops a second moment below 2^-120 to zero and leaves an unused weight alone", async () => {
  const filled = (value: number) => ({ shape: [2], data: new Float32Array(2).fill(value) });
  const states = await both({
    inputs: [
      filled(0.5),
      filled(0),
      filled(0),
      filled(2 ** -120),
      { shape: [7], data: new Float32Array([0.9, 0.1, 0.999, 0.001, 0.01, 1, 1e-7]) },
    ],
    emit: (flat) => flat[0]!.builder.effect(adamOp, flat, {}),
  });
  assert.deepEqual([...states.get("input3")!], [0, 0]);
  assert.deepEqual([...states.get("input0")!], [0.5, 0.5]);
});
