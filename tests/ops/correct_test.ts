import assert from "node:assert/strict";
import fc from "fast-check";
import { correct } from "../../core/ops/correct.ts";
import { both, sameBits, test } from "./harness.ts";

sameBits(
  "correct() gives its reference's bits, ties and masked rows included",
  fc.record({
    rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 65, 200)),
    classes: fc.integer({ min: 1, max: 12 }),
    ties: fc.boolean(),
  }),
  ({ rows, classes, ties }, numbers) => {
    const logits = numbers.tensor([rows, classes]);
    return {
      inputs: [
        ties ? { ...logits, data: logits.data.map(Math.sign) } : logits,
        numbers.indices(rows, classes + 1),
      ],
      emit: ([logits, labels]) => correct(logits!, labels!),
    };
  },
);

test("correct() takes the lowest class among equals, and no class for a masked label", async () => {
  const logits = new Float32Array([1, 3, 3, 1, 3, 3, 2, 1, 0, 2, 1, 0]);
  const labels = new Uint32Array([1, 2, 0, 0xffffffff]);
  const states = await both({
    inputs: [{ shape: [4, 3], data: logits }, { shape: [4], data: labels }],
    emit: ([logits, labels]) => correct(logits!, labels!),
  });
  assert.deepEqual([...states.get("output0")!], [1, 0, 1, 0]);
});
