import assert from "node:assert/strict";
import fc from "fast-check";
import { maxMagnitude } from "../../core/ops/max_magnitude.ts";
import { both, sameBits, test } from "./harness.ts";

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.constantFrom(511, 512, 513, 262_144, 262_145),
);

sameBits("maxMagnitude() gives its reference's bits", lengths, (length, numbers) => ({
  inputs: [numbers.tensor([length])],
  emit: ([x]) => maxMagnitude(x!),
}));

test("maxMagnitude() finds the greatest magnitude, infinity above it and NaN above all", async () => {
  const data = Float32Array.from({ length: 3000 }, (_, i) => (i % 100) / 8);
  const found = async () => {
    const states = await both({
      inputs: [{ shape: [50, 60], data }],
      emit: ([x]) => maxMagnitude(x!),
    });
    return states.get("output0")![0];
  };
  data[1234] = -77.5;
  assert.equal(await found(), 77.5);
  data[2999] = -Infinity;
  assert.equal(await found(), Infinity);
  data[0] = NaN;
  assert.equal(await found(), NaN);
});
