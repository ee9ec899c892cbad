import assert from "node:assert/strict";
import fc from "fast-check";
import { advance } from "../../core/ops/advance.ts";
import { both, sameBits, test } from "./harness.ts";

sameBits(
  "advance() gives its reference's bits",
  fc.constantFrom(1, 2, 63, 64, 65, 300),
  (count, numbers) => ({
    inputs: [{ shape: [count], data: Uint32Array.from({ length: count }, () => numbers.word()) }],
    emit: ([counters]) => advance(counters!),
  }),
);

test("advance() adds one to every counter and goes from the largest to zero", async () => {
  const states = await both({
    inputs: [{ shape: [3], data: new Uint32Array([0, 41, 0xffffffff]) }],
    emit: ([counters]) => advance(counters!),
  });
  assert.deepEqual([...states.get("input0")!], [1, 42, 0]);
});
