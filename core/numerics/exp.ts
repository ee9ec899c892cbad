/**
 * e^x and e^x - 1 by Cody and Waite's range reduction, x = n ln 2 + r, and the polynomial of Cephes'
 * `expf` (S. L. Moshier) on |r| <= ln(2)/2. The twin is `shaders/lib/exp.wgsl`.
 */
import { bitsOf, fromBits } from "./bits.ts";

const f = Math.fround;

const LARGEST = f(88.72283);
const SMALLEST = f(-87.33654);
const SATURATED = -18;
const SMALLEST_NORMAL = 2 ** -126;

const LOG2_E = f(1.442695);
const LN2_HIGH = f(0.6933594);
const LN2_LOW = f(-0.00021219444);

const P0 = f(0.00019875691);
const P1 = f(0.0013981999);
const P2 = f(0.008333452);
const P3 = f(0.041665796);
const P4 = f(0.16666666);
const P5 = 0.5;

/** n of x = n ln 2 + r. */
function exponent(x: number): number {
  return Math.floor(f(f(x * LOG2_E) + 0.5));
}

/** e^r - 1 of x = n ln 2 + r. */
function fraction(x: number, n: number): number {
  const r = f(f(x - f(n * LN2_HIGH)) - f(n * LN2_LOW));
  let p = f(P1 + f(P0 * r));
  p = f(P2 + f(p * r));
  p = f(P3 + f(p * r));
  p = f(P4 + f(p * r));
  p = f(P5 + f(p * r));
  return f(r + f(p * f(r * r)));
}

/**
 * e^x in contract arithmetic, for every f32. Measured error: at most 0.991 ULP.
 *
 * Ends: +0 below -87.33654, where the result would be subnormal; +Infinity above 88.72283, where it
 * would overflow; NaN for NaN.
 *
 * @example
 * ```ts
 * import { exp } from "./exp.ts";
 * import assert from "node:assert/strict";
 * assert.equal(exp(0), 1);
 * assert.equal(exp(-100), 0);
 * ```
 */
export function exp(x: number): number {
  if (x !== x) return NaN;
  if (x > LARGEST) return Infinity;
  if (x < SMALLEST) return 0;
  const n = exponent(x);
  const y = f(1 + fraction(x, n));
  return fromBits(bitsOf(y) + (n << 23));
}

/**
 * e^x - 1 in contract arithmetic, for x <= 0, with its relative accuracy next to 0: (2^n - 1) +
 * 2^n (e^r - 1). Measured error: at most 0.95 ULP.
 *
 * Ends: -1 below -18, where it rounds to that; +0 for subnormal x, where the result would be
 * subnormal; NaN for NaN.
 *
 * @example
 * ```ts
 * import { expm1 } from "./exp.ts";
 * import assert from "node:assert/strict";
 * assert.equal(expm1(-(2 ** -30)), -(2 ** -30));
 * assert.equal(expm1(-100), -1);
 * ```
 */
export function expm1(x: number): number {
  if (x !== x) return NaN;
  if (Math.abs(x) < SMALLEST_NORMAL) return 0;
  if (x < SATURATED) return -1;
  const n = exponent(x);
  const power = fromBits(0x3f800000 + (n << 23));
  return f(f(power - 1) + f(power * fraction(x, n)));
}
