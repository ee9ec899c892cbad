import assert from "node:assert/strict";
import { trainValidationSplit } from "../../core/data/split.ts";

Deno.test("trainValidationSplit() deals each image to exactly one part", () => {
  const { train, validation } = trainValidationSplit(49_923, 45_000);
  assert.equal(train.length, 45_000);
  assert.equal(validation.length, 4_923);
  assert.equal(new Set([...train, ...validation]).size, 49_923);
});

Deno.test("trainValidationSplit() shuffles, always in the same way", () => {
  const small = trainValidationSplit(20, 12);
  assert.deepEqual([...small.train, ...small.validation], [
    13,
    18,
    9,
    19,
    15,
    14,
    5,
    2,
    8,
    10,
    6,
    3,
    11,
    16,
    1,
    17,
    4,
    7,
    0,
    12,
  ]);
});

Deno.test("trainValidationSplit() may leave either part empty", () => {
  assert.equal(trainValidationSplit(5, 5).validation.length, 0);
  assert.equal(trainValidationSplit(5, 0).train.length, 0);
});

Deno.test("trainValidationSplit() rejects a part larger than the whole", () => {
  for (const trainCount of [-1, 6, 2.5, NaN]) {
    assert.throws(() => trainValidationSplit(5, trainCount), RangeError);
  }
});
