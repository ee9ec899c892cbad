import assert from "node:assert/strict";
import {
  takeTimings,
  timingMeasures,
  timingRatios,
} from "../../../core/experiment/measures/timings.ts";

Deno.test("every arm has its time, and every further one its ratio to the first", () => {
  const arms = ["plain", "before", "after"];
  const ratios = ["step of before over plain", "step of after over plain"];
  assert.deepEqual(timingRatios(arms), ratios);
  assert.deepEqual(timingMeasures(arms), [
    "ms a step of plain",
    "ms a step of before",
    "ms a step of after",
    ...ratios,
  ]);
});

Deno.test("a ratio is the median of the ratios within the rounds, not the ratio of medians", () => {
  // A machine that grows slower, and one disturbed step.
  const times = { a: [1, 2, 10, 4, 5], b: [2, 4, 6, 8, 10] };
  assert.deepEqual(takeTimings(["a", "b"], times), {
    "ms a step of a": 4,
    "ms a step of b": 6,
    "step of b over a": 2,
  });
  assert.equal(takeTimings(["b", "a"], times)["step of a over b"], 0.5);
});

Deno.test("of an even number of rounds the mean of the middle two counts", () => {
  const times = { a: [4, 1, 2, 100], b: [4, 2, 8, 100] };
  assert.deepEqual(takeTimings(["a", "b"], times), {
    "ms a step of a": 3,
    "ms a step of b": 6,
    "step of b over a": 1.5,
  });
});

Deno.test("a time that is too short to be measured gives no ratio", () => {
  assert.deepEqual(takeTimings(["a", "b"], { a: [0], b: [1] }), {
    "ms a step of a": 0,
    "ms a step of b": 1,
  });
});
