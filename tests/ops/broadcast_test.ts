import assert from "node:assert/strict";
import { broadcast, broadcastIndex, repeatedAxes } from "../../core/ops/broadcast.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { test } from "./harness.ts";

test("broadcast() aligns axes at the right and repeats those of size 1", () => {
  assert.deepEqual(broadcast([4, 1, 3], [5, 1]), [4, 5, 3]);
  assert.deepEqual(broadcast([], [2, 2]), [2, 2]);
  assert.deepEqual(broadcast([7], [7]), [7]);
});

test("broadcast() rejects axes that differ and names the axis", () => {
  assert.throws(
    () => broadcast([2, 3, 4], [2, 4]),
    (error) => error instanceof ShapeError && /axis 1 is 3 and 2/.test(error.message),
  );
});

test("repeatedAxes() lists missing axes and those of size 1 that grow", () => {
  assert.deepEqual(repeatedAxes([1, 3], [2, 4, 3]), [0, 1]);
  assert.deepEqual(repeatedAxes([1], [1]), []);
});

test("broadcastIndex() is i itself where nothing repeats and 0 for a scalar", () => {
  assert.equal(broadcastIndex([2, 3], [2, 3]).wgsl, "i");
  assert.equal(broadcastIndex([], [2, 3]).wgsl, "0u");
  assert.equal(broadcastIndex([1, 1], [2, 3]).at(5), 0);
});

test("broadcastIndex() of a bias is i modulo its length", () => {
  const bias = broadcastIndex([32], [64, 8, 8, 32]);
  assert.equal(bias.wgsl, "i % 32u");
  assert.equal(bias.at(70), 6);
});

test("broadcastIndex() steps over an axis that repeats in the middle", () => {
  const { at } = broadcastIndex([2, 1, 3], [2, 4, 3]);
  const expected = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4, 5];
  assert.deepEqual(expected.map((_, i) => at(i)), expected);
});
