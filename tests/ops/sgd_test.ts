import assert from "node:assert/strict";
import fc from "fast-check";
import { flush } from "../../core/numerics/bits.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import { assertSameBits, both, type Case, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const { fround } = Math;
const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(63, 64, 65));

function step(length: number, rate: number, numbers: Numbers): Case {
  return {
    inputs: [
      numbers.tensor([length]),
      numbers.tensor([length]),
      { shape: [1], data: new Float32Array([rate]) },
    ],
    emit: (flat) => flat[0]!.builder.effect(sgdOp, flat, {}),
  };
}

sameBits(
  "sgd gives its reference's bits",
  lengths,
  (length, numbers) => step(length, 2 ** -numbers.below(8) / 3, numbers),
);

test("sgd subtracts the rounded product of rate and gradient", async () => {
  const tested = step(200, 0.1, new Numbers(9));
  const [weights, gradients, rate] = tested.inputs.map(({ data }) => data);
  const updated = (fused: boolean) =>
    Float32Array.from(weights!, (w, i) => {
      const product = rate![0]! * gradients![i]!;
      return flush(fround(w - (fused ? product : fround(product))));
    });
  const states = await both(tested);
  assertSameBits(states.get("input0")!, updated(false), "the stated order");
  assert.notDeepEqual(updated(true), updated(false), "fused products show nowhere");
});
