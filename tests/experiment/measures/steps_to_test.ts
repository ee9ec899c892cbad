import assert from "node:assert/strict";
import { defineExperiment } from "../../../core/experiment/define.ts";
import { DECLARATION } from "../tiny.ts";

const { narrow } = DECLARATION.arms;

/** Asks `narrow` for its steps to an accuracy on a set. */
function declared(
  evaluations: "every epoch" | "at the end" | { every: number },
  set: "test" | "validation",
) {
  return defineExperiment({
    ...DECLARATION,
    arms: { ...DECLARATION.arms, narrow: { ...narrow, evaluations } },
    measures: {
      ...DECLARATION.measures,
      "steps": { measure: "stepsTo", set, accuracy: 0.5, arms: ["narrow"] },
    },
  });
}

Deno.test("steps to an accuracy are asked of a set that is evaluated on the way", () => {
  declared("every epoch", "test");
  declared("every epoch", "validation");
  declared({ every: 5 }, "validation");
  assert.throws(
    () => declared({ every: 5 }, "test"),
    /measure "steps": arm "narrow" evaluates its test images at the end alone, .* or take the validation images$/,
  );
  for (const set of ["test", "validation"] as const) {
    assert.throws(
      () => declared("at the end", set),
      new RegExp(`arm "narrow" evaluates its ${set} images at the end alone`),
    );
  }
});
