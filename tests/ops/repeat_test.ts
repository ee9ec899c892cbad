import assert from "node:assert/strict";
import fc from "fast-check";
import { repeat } from "../../core/ops/repeat.ts";
import { both, sameBits, test } from "./harness.ts";

sameBits(
  "repeat() gives its reference's bits",
  fc.record({
    outer: fc.integer({ min: 1, max: 5 }),
    length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 65, 300)),
    inner: fc.integer({ min: 1, max: 5 }),
    each: fc.integer({ min: 1, max: 50 }),
  }),
  ({ outer, length, inner, each }, numbers) => ({
    inputs: [numbers.tensor([outer, Math.ceil(length / each), inner])],
    emit: ([x]) => repeat(x!, { length, each }),
  }),
);

test("repeat() repeats each element of the middle axis in turn, the last perhaps less often", async () => {
  const states = await both({
    inputs: [{ shape: [1, 2, 2], data: new Float32Array([1, 2, 3, 4]) }],
    emit: ([x]) => repeat(x!, { length: 5, each: 3 }),
  });
  assert.deepEqual([...states.get("output0")!], [1, 2, 1, 2, 1, 2, 3, 4, 3, 4]);
});
