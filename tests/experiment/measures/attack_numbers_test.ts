import assert from "node:assert/strict";
import { attackNumber, type Attempt } from "../../../core/experiment/measures/attack_numbers.ts";
import type { AttackNumber } from "../../../core/experiment/measures/reading.ts";

// Images 0 and 1 are fooled, 2 was wrong before, 3 and 4 stay right.
const LABELS = Uint8Array.of(0, 1, 2, 0, 1);
const ATTEMPT: Attempt = {
  labels: LABELS,
  before: { classes: Uint8Array.of(0, 1, 0, 0, 1), confidences: Float64Array.of(1, 1, 1, 1, 1) },
  after: {
    classes: Uint8Array.of(2, 2, 0, 0, 1),
    confidences: Float64Array.of(0.5, 0.75, 0.25, 0.875, 0.625),
  },
  target: undefined,
};

Deno.test("an attack's numbers are shares of images and means over some of them", () => {
  const expected: [AttackNumber, number][] = [
    ["accuracy", 2 / 5],
    ["fooled confidence", (0.5 + 0.75) / 2],
    ["wrong confidence", (0.5 + 0.75 + 0.25) / 3],
    ["right confidence", (0.875 + 0.625) / 2],
    ["one class", 2 / 5],
  ];
  for (const [what, value] of expected) assert.equal(attackNumber(what, ATTEMPT), value, what);
});

Deno.test("a target is reached by images of other classes alone", () => {
  const aimed = { ...ATTEMPT, target: 2 };
  assert.equal(attackNumber("reached", aimed), 2 / 4);
  assert.equal(attackNumber("reached confidence", aimed), (0.5 + 0.75) / 2);
  const own = { ...ATTEMPT, target: 1 };
  assert.equal(attackNumber("reached", own), 0, "image 4 is of that class");
  assert.ok(Number.isNaN(attackNumber("reached confidence", own)));
});

Deno.test("where no image is of a kind, or a logit is no number, there is no number", () => {
  const { before } = ATTEMPT;
  const unharmed = { ...ATTEMPT, after: before };
  assert.ok(Number.isNaN(attackNumber("fooled confidence", unharmed)));
  assert.equal(attackNumber("wrong confidence", unharmed), 1);
  const diverged = {
    ...ATTEMPT,
    after: { ...before, confidences: Float64Array.of(1, 1, NaN, 1, 1) },
  };
  assert.ok(Number.isNaN(attackNumber("accuracy", diverged)));
});
