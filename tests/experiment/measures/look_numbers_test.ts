import assert from "node:assert/strict";
import {
  gradientChange,
  inputDrift,
  lossRange,
} from "../../../core/experiment/measures/look_numbers.ts";
import type { InspectionRecord } from "../../../core/experiment/records/record.ts";

const layers = ["flatten1", "dense1", "batchNorm1", "sigmoid1", "dense2", "sigmoid2", "dense3"];
const trained = ["dense1", "batchNorm1", "dense2", "dense3"];
const look: InspectionRecord = {
  ...{ step: 0, loss: 1, mean: [], variance: [], dead: [], updates: [] },
  drift: [null, 10, 20, 0.25, 40, 0.75, 60],
  gradients: [0, 3, 4, 0],
  landscape: { losses: [1.5, 3, 2], changes: [5, 10, 2] },
};

Deno.test("inputDrift() takes what layers with weights are given, but for the first", () => {
  assert.equal(inputDrift(look, { layers, trained }), 0.5);
  const unknown = { ...look, drift: look.drift.with(3, null) };
  assert.equal(inputDrift(unknown, { layers, trained }), null);
  assert.equal(inputDrift(look, { layers, trained: ["dense1", "batchNorm1"] }), null);
});

Deno.test("gradientChange() is over the norm of the whole gradient", () => {
  assert.equal(gradientChange(look), 2);
  assert.equal(gradientChange({ ...look, gradients: [0, 0, 0, 0] }), null);
});

Deno.test("lossRange() is from the smallest loss to the largest", () => {
  assert.equal(lossRange(look), 1.5);
});

Deno.test("a landscape that is not there, or has a null in it, gives no number", () => {
  const { landscape: _, ...without } = look;
  const broken = { ...look, landscape: { losses: [1, null], changes: [1, null] } };
  for (const take of [gradientChange, lossRange]) {
    assert.equal(take(without), null);
    assert.equal(take(broken), null);
  }
});
