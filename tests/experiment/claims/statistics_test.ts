import assert from "node:assert/strict";
import { percentile, summarize, tQuantile } from "../../../core/experiment/claims/statistics.ts";

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);
}

Deno.test("tQuantile() agrees with the published 97.5 % quantiles", () => {
  const published: [freedom: number, t: number][] = [
    [1, 12.706205],
    [2, 4.302653],
    [3, 3.182446],
    [4, 2.776445],
    [9, 2.262157],
    [29, 2.045230],
    [99, 1.984217],
  ];
  for (const [freedom, t] of published) near(tQuantile(0.975, freedom), t, 6e-7);
});

Deno.test("tQuantile() refuses what has no quantile", () => {
  for (const [p, freedom] of [[0, 4], [1, 4], [NaN, 4], [0.5, 0], [0.5, NaN]] as const) {
    assert.throws(() => tQuantile(p, freedom), RangeError);
  }
});

Deno.test("summarize() gives n, mean, sample standard deviation and t-interval", () => {
  const three = summarize([0.60, 0.62, 0.67]);
  assert.equal(three.n, 3);
  assert.equal(three.exact, false);
  near(three.mean, 0.63, 1e-15);
  // The squares of -0.03, -0.01 and 0.04 sum to 0.0026.
  near(three.sd!, Math.sqrt(0.0013), 1e-15);
  const half = 4.302653 * Math.sqrt(0.0013 / 3);
  near(three.interval![0], 0.63 - half, 1e-8);
  near(three.interval![1], 0.63 + half, 1e-8);

  const five = summarize([1, 2, 3, 4, 5]);
  near(five.interval![1] - five.mean, 2.776445 * Math.sqrt(2.5 / 5), 1e-6);
});

Deno.test("summarize() has no spread for one value", () => {
  assert.deepEqual(summarize([0.5]), { n: 1, mean: 0.5, exact: false });
});

Deno.test("summarize() calls values that agree to the bit exact, and keeps their bits", () => {
  const summary = summarize([0.1, 0.1, 0.1]);
  assert.deepEqual(summary, { n: 3, mean: 0.1, sd: 0, interval: [0.1, 0.1], exact: true });
  assert.equal(summarize([0, -0]).exact, true);
  assert.equal(summarize([0.1, 0.1 + 2 ** -56]).exact, false);
});

Deno.test("summarize() refuses no values and values that are not finite", () => {
  assert.throws(() => summarize([]), /at least one value/);
  assert.throws(() => summarize([1, NaN]), /all finite, found \[1, NaN\]/);
  assert.throws(() => summarize([Infinity]), RangeError);
});

Deno.test("percentile() lies between two values where a share falls between them", () => {
  assert.equal(percentile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(percentile([1, 2, 3, 4, 5], 0.25), 2);
  assert.equal(percentile([7], 0.95), 7);
});
