/**
 * Sine and cosine by Cody and Waite's range reduction, x = n pi/2 + r with |r| <= pi/4, and the
 * polynomials of Cephes' `sinf` and `cosf` (S. L. Moshier). pi/2 is taken in four parts of 8, 11,
 * 11 and 24 bits, so that n times each of the first three is exact for |n| < 2^13 and r stays
 * accurate next to a multiple of pi/2. The twin is `shaders/lib/trig.wgsl`.
 */

const f = Math.fround;

const LARGEST = 8192;
const SMALL = 2 ** -12;
const SMALLEST_NORMAL = 2 ** -126;

const TWO_OVER_PI = f(0.63661975);
const HALF_PI_0 = 1.5703125;
const HALF_PI_1 = f(0.0004837513);
const HALF_PI_2 = f(7.5495336e-8);
const HALF_PI_3 = f(2.563344e-12);

const SIN_0 = f(-0.00019515296);
const SIN_1 = f(0.008332161);
const SIN_2 = f(-0.16666655);

const COS_0 = f(0.000024433157);
const COS_1 = f(-0.0013887316);
const COS_2 = f(0.041666646);
const COS_3 = -0.5;

/** sin(x + quarters * pi/2) for SMALL <= |x| <= LARGEST. */
function shiftedSin(x: number, quarters: number): number {
  const n = Math.floor(f(f(x * TWO_OVER_PI) + 0.5));
  let r = f(x - f(n * HALF_PI_0));
  r = f(r - f(n * HALF_PI_1));
  r = f(r - f(n * HALF_PI_2));
  r = f(r - f(n * HALF_PI_3));
  const z = f(r * r);
  const quadrant = n + quarters;
  const y = quadrant & 1
    ? f(1 + f(z * f(COS_3 + f(z * f(COS_2 + f(z * f(COS_1 + f(z * COS_0))))))))
    : f(r + f(r * f(z * f(SIN_2 + f(z * f(SIN_1 + f(z * SIN_0)))))));
  return quadrant & 2 ? -y : y;
}

/**
 * sin x in contract arithmetic, x in radians, |x| <= 8192. Measured error: at most 1.53 ULP for
 * |x| <= 128, 2.34 ULP beyond.
 *
 * Ends: +0 for subnormal x, where the result would be subnormal; NaN beyond 8192 and for NaN.
 *
 * @example
 * ```ts
 * import { sin } from "./trig.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sin(0), 0);
 * assert.ok(Math.abs(sin(1) - 0.8414709848) < 1e-7);
 * ```
 */
export function sin(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude <= LARGEST)) return NaN;
  if (magnitude < SMALL) return magnitude < SMALLEST_NORMAL ? 0 : x;
  return shiftedSin(x, 0);
}

/**
 * cos x in contract arithmetic, x in radians, |x| <= 8192. Measured error: at most 1.53 ULP for
 * |x| <= 128, 2.34 ULP beyond.
 *
 * Ends: NaN beyond 8192 and for NaN.
 *
 * @example
 * ```ts
 * import { cos } from "./trig.ts";
 * import assert from "node:assert/strict";
 * assert.equal(cos(0), 1);
 * assert.ok(Math.abs(cos(1) - 0.5403023059) < 1e-7);
 * ```
 */
export function cos(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude <= LARGEST)) return NaN;
  if (magnitude < SMALL) return 1;
  return shiftedSin(x, 1);
}
