import assert from "node:assert/strict";
import fc from "fast-check";
import { flush } from "../../core/numerics/bits.ts";
import { reciprocal } from "../../core/numerics/reciprocal.ts";
import { sqrt } from "../../core/numerics/rsqrt.ts";
import { rmspropOp } from "../../core/ops/rmsprop.ts";
import { assertClose } from "./gradient.ts";
import { assertSameBits, both, type Case, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const { fround } = Math;
const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(63, 64, 65));
const RHO = 0.9, RATE = 0.01, EPSILON = 1e-7;

/** A step over random parameters, gradients and mean squares. */
function step(length: number, numbers: Numbers): Case {
  const squares = numbers.tensor([length], { scale: 2 ** -10, zeros: 4 });
  return {
    inputs: [
      numbers.tensor([length]),
      numbers.tensor([length], { zeros: 6, tiny: 4 }),
      { ...squares, data: squares.data.map(Math.abs) },
      { shape: [4], data: new Float32Array([RHO, 1 - RHO, RATE, EPSILON]) },
    ],
    emit: (flat) => flat[0]!.builder.effect(rmspropOp, flat, {}),
  };
}

sameBits("rmsprop gives its reference's bits", lengths, step);

/** The op's header in f32; `fused` rounds a product and its sum together. */
function update({ inputs }: Case, fused: boolean) {
  const [w, g, squares, scalars] = inputs.map(({ data }) => data);
  const [rho, keep, rate, epsilon] = [...scalars!] as [number, number, number, number];
  const product = (x: number) => fused ? x : fround(x);
  const mean = squares!.map((v, i) => {
    const sum = fround(product(rho * v) + fround(keep * fround(g![i]! * g![i]!)));
    return sum < 2 ** -120 ? 0 : sum;
  });
  const weights = w!.map((w, i) => {
    const change = fround(g![i]! * reciprocal(fround(sqrt(mean[i]!) + epsilon)));
    return flush(fround(w - product(rate * change)));
  });
  return { weights, mean };
}

test("rmsprop rounds every product on its own, in the stated order", async () => {
  const tested = step(300, new Numbers(10));
  const states = await both(tested);
  const [stated, fused] = [update(tested, false), update(tested, true)];
  assertSameBits(states.get("input0")!, stated.weights, "the parameters");
  assertSameBits(states.get("input2")!, stated.mean, "the mean squares");
  assert.notDeepEqual(fused.weights, stated.weights);
  assert.notDeepEqual(fused.mean, stated.mean);
});

test("rmsprop follows the formula of Tieleman and Hinton, epsilon outside the root", async () => {
  const tested = step(100, new Numbers(11));
  const [w, g, squares] = tested.inputs.map(({ data }) => [...data]);
  // Small enough for epsilon to count, and to tell where it stands.
  const small = new Float32Array(g!.map((g) => g * 2 ** -22));
  const tiny = new Float32Array(squares!.map((v) => v * 2 ** -40));
  const states = await both({
    ...tested,
    inputs: [
      tested.inputs[0]!,
      { shape: [100], data: small },
      { shape: [100], data: tiny },
      tested.inputs[3]!,
    ],
  });
  const expected = w!.map((w, i) => {
    const mean = RHO * tiny[i]! + (1 - RHO) * small[i]! ** 2;
    return w - RATE * small[i]! / (Math.sqrt(mean) + EPSILON);
  });
  assertClose(states.get("input0")!, expected, "the parameters");
  const changes = [...states.get("input0")!].map((after, i) => w![i]! - after);
  assertClose(changes, expected.map((after, i) => w![i]! - after), "the changes", 1e-4);
});

test("rmsprop drops a mean square below 2^-120 to zero and leaves an unused weight alone", async () => {
  const filled = (value: number) => ({ shape: [2], data: new Float32Array(2).fill(value) });
  const states = await both({
    inputs: [
      filled(0.5),
      filled(0),
      filled(2 ** -120),
      { shape: [4], data: new Float32Array([0.9, 0.1, 0.01, 1e-7]) },
    ],
    emit: (flat) => flat[0]!.builder.effect(rmspropOp, flat, {}),
  });
  assert.deepEqual([...states.get("input2")!], [0, 0]);
  assert.deepEqual([...states.get("input0")!], [0.5, 0.5]);
});
