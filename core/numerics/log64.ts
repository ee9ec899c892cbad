/**
 * The natural logarithm in f64, from + - * / alone, so that every engine gives the same bits:
 * `Math.log` may differ from engine to engine. For numbers of the host; what runs on a device takes
 * the f32 logarithm of `log.ts`.
 *
 * x = 2^n m with m in [sqrt(1/2), sqrt(2)). With f = m - 1 and s = f / (2 + f) the series is
 * ln m = 2 atanh s = 2s + s R, R = 2/3 s^2 + 2/5 s^4 + ..., which is written as in fdlibm (Sun
 * Microsystems 1993), f - (f^2/2 - s (f^2/2 + R)), so that its largest term is exact.
 */

/** ln 2 in two parts: the high one has so few bits that its product with any exponent is exact. */
export const LN2_HIGH = 6.93147180369123816490e-01;
/** See {@link LN2_HIGH}. */
export const LN2_LOW = 1.90821492927058770002e-10;

/** ln's series ends where |s| <= 0.1716 leaves less than 2^-59 of it. */
const TERMS = 10;

const SMALLEST_NORMAL = 2 ** -1022;
const LARGEST = Number.MAX_VALUE;
/** The high word of sqrt(1/2), rounded up. */
const SQRT_HALF_HIGH = 0x3fe6a09f;

const view = new DataView(new ArrayBuffer(8));

/**
 * ln x. Measured error: at most 0.8 ULP, in tests against an exact series in integers.
 *
 * Ends: -Infinity for zeros of either sign, NaN for negative numbers and NaN, +Infinity for
 * +Infinity; subnormals are numbers like others.
 *
 * @example
 * ```ts
 * import { log64 } from "./log64.ts";
 * import assert from "node:assert/strict";
 * assert.equal(log64(1), 0);
 * assert.equal(log64(2), 0.6931471805599453);
 * ```
 */
export function log64(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x > LARGEST) return Infinity;
  const subnormal = x < SMALLEST_NORMAL;
  view.setFloat64(0, subnormal ? x * 2 ** 54 : x);
  const high = view.getInt32(0);
  // Whole powers of two between x and a number of [sqrt(1/2), sqrt(2)).
  const exponent = (high - SQRT_HALF_HIGH) >> 20;
  view.setInt32(0, high - (exponent << 20));
  const f = view.getFloat64(0) - 1;
  const n = subnormal ? exponent - 54 : exponent;
  const s = f / (2 + f);
  const z = s * s;
  let series = 0;
  for (let k = TERMS; k >= 1; k--) series = (series + 2 / (2 * k + 1)) * z;
  const half = 0.5 * f * f;
  return n * LN2_HIGH - ((half - (s * (half + series) + n * LN2_LOW)) - f);
}
