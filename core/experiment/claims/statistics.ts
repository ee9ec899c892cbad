/** Statistics across seeds: mean, spread, and the interval that decides a claim. */
import jstat from "jstat";
import { exp64 } from "../../numerics/exp64.ts";
import { log64 } from "../../numerics/log64.ts";

/** jStat carries no types: these are the functions of it that are used, the first correct to 8 digits. */
const inverseT: (probability: number, freedom: number) => number = jstat.studentt.inv;

/** The value below which a share of some values lies, between two of them where it falls there. */
export const percentile: (values: readonly number[], share: number) => number = jstat.percentile;

/** What is known about a measure after `n` seeds. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n - 1); absent for one value. */
  readonly sd?: number;
  /** 95 % t-interval of the mean; absent for one value, a point when `exact`. */
  readonly interval?: readonly [low: number, high: number];
  /** Two values or more, all equal to the bit (the sign of zero is not part of a value). */
  readonly exact: boolean;
}

/**
 * The quantile of Student's t distribution with `freedom` degrees of freedom.
 *
 * @throws {RangeError} when `probability` is not between 0 and 1 or `freedom` is not at least 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tQuantile } from "./statistics.ts";
 *
 * assert.equal(tQuantile(0.975, 4).toFixed(6), "2.776445");
 * ```
 */
export function tQuantile(probability: number, freedom: number): number {
  if (!(probability > 0 && probability < 1 && freedom >= 1)) {
    throw new RangeError(
      `tQuantile: expected a probability between 0 and 1 and at least 1 degree of freedom, found ` +
        `${probability} and ${freedom}.`,
    );
  }
  return inverseT(probability, freedom);
}

/**
 * n, mean, sample standard deviation and 95 % t-interval of `values`.
 *
 * @throws {RangeError} when there is no value or one is not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { summarize } from "./statistics.ts";
 *
 * const { mean, sd, interval } = summarize([1, 2, 3]);
 * assert.ok(mean === 2 && sd === 1);
 * assert.deepEqual(interval!.map((end) => end.toFixed(3)), ["-0.484", "4.484"]);
 * ```
 */
export function summarize(values: readonly number[]): Summary {
  const [first] = values;
  if (first === undefined || !values.every(Number.isFinite)) {
    throw new RangeError(
      `summarize: expected at least one value, all finite, found [${values.join(", ")}].`,
    );
  }
  const n = values.length;
  if (n === 1) return { n, mean: first, exact: false };
  // Not left to the formulas below: three times 0.1 over 3 is not 0.1.
  if (values.every((value) => value === first)) {
    return { n, mean: first, sd: 0, interval: [first, first], exact: true };
  }
  const mean = sum(values) / n;
  const sd = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1));
  const halfWidth = tQuantile(0.975, n - 1) * sd / Math.sqrt(n);
  return { n, mean, sd, interval: [mean - halfWidth, mean + halfWidth], exact: false };
}

/**
 * The mean of ratios, of which there is one at least: 0 where one is 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { geometricMean } from "./statistics.ts";
 *
 * assert.equal(geometricMean([1, 100]).toFixed(9), "10.000000000");
 * assert.equal(geometricMean([0, 100]), 0);
 * ```
 */
export function geometricMean(values: readonly number[]): number {
  if (values.some((value) => value === 0)) return 0;
  return exp64(summarize(values.map(log64)).mean);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
