/**
 * The exponential in f64, from + - * / alone, as `log64.ts` has the logarithm: for numbers of the
 * host. What runs on a device takes the f32 exponential of `exp.ts`.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, so that e^x = 2^n e^r, and e^r is its Taylor series.
 */
import { LN2_HIGH, LN2_LOW } from "./log64.ts";

/** The series ends where |r| <= 0.3466 leaves less than 2^-57 of it. */
const TERMS = 14;

/** e^x is no finite number above, and 0 below. */
const RANGE = { from: -745.13, to: 709.78 } as const;

const view = new DataView(new ArrayBuffer(8));

/**
 * e^x. Measured error: at most 1.1 ULP where the result is no subnormal, in tests against an exact
 * series in integers.
 *
 * Ends: 0 below -745.13, +Infinity above 709.78, NaN for NaN.
 *
 * @example
 * ```ts
 * import { exp64 } from "./exp64.ts";
 * import assert from "node:assert/strict";
 * assert.equal(exp64(0), 1);
 * assert.ok(Math.abs(exp64(1) - Math.E) <= 2 ** -51);
 * ```
 */
export function exp64(x: number): number {
  if (x > RANGE.to) return Infinity;
  if (x < RANGE.from) return 0;
  const n = Math.round(x / (LN2_HIGH + LN2_LOW));
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let series = 0;
  for (let k = TERMS; k >= 1; k--) series = (series + 1) * (r / k);
  // In two halves, since 2^n itself may be out of range.
  const half = Math.trunc(n / 2);
  return (1 + series) * powerOfTwo(half) * powerOfTwo(n - half);
}

/** 2^n for n from -1022 to 1023. */
function powerOfTwo(n: number): number {
  view.setInt32(0, (n + 1023) << 20);
  return view.getFloat64(0);
}
