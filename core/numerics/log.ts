/**
 * The natural logarithms of x and of 1 + x: 2^n m with m in [sqrt(1/2), sqrt(2)), then the polynomial
 * of Cephes' `logf` (S. L. Moshier) in m - 1. The twin is `shaders/lib/log.wgsl`.
 */
import { bitsOf, fromBits } from "./bits.ts";

const f = Math.fround;

const LARGEST = 3.4028234663852886e38;
const SMALLEST_NORMAL = 2 ** -126;
const SQRT_HALF_BITS = 0x3f3504f3;
const SQRT_2_LESS_1 = f(0.41421357);

const LN2_HIGH = f(0.6933594);
const LN2_LOW = f(-0.00021219444);

const P0 = f(0.070376836);
const P1 = f(-0.1151461);
const P2 = f(0.116769984);
const P3 = f(-0.12420141);
const P4 = f(0.14249323);
const P5 = f(-0.16668057);
const P6 = f(0.20000714);
const P7 = f(-0.24999994);
const P8 = f(0.3333333);
const P9 = -0.5;

/**
 * ln x in contract arithmetic. Measured error: at most 0.918 ULP.
 *
 * Ends: -Infinity for zeros and subnormals of either sign, NaN for other negative numbers and NaN,
 * +Infinity for +Infinity.
 *
 * @example
 * ```ts
 * import { log } from "./log.ts";
 * import assert from "node:assert/strict";
 * assert.equal(log(1), 0);
 * assert.equal(log(0), -Infinity);
 * ```
 */
export function log(x: number): number {
  if (Math.abs(x) < SMALLEST_NORMAL) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x > LARGEST) return Infinity;
  const bits = bitsOf(x);
  const n = (bits - SQRT_HALF_BITS) >> 23;
  return logarithm(n, f(fromBits(bits - (n << 23)) - 1));
}

/**
 * ln(1 + x) in contract arithmetic, for 0 <= x <= 1, with its relative accuracy next to 0. Measured
 * error: at most 1.51 ULP.
 *
 * Ends: +0 for zeros and subnormals, where the result would be subnormal; NaN for NaN.
 *
 * @example
 * ```ts
 * import { log1p } from "./log.ts";
 * import assert from "node:assert/strict";
 * assert.equal(log1p(2 ** -30), 2 ** -30);
 * ```
 */
export function log1p(x: number): number {
  if (x < SMALLEST_NORMAL) return 0;
  return x < SQRT_2_LESS_1 ? logarithm(0, x) : logarithm(1, f(0.5 * f(x - 1)));
}

/** ln(2^n (1 + t)) for 1 + t from sqrt(1/2) to sqrt(2). */
function logarithm(n: number, t: number): number {
  let p = f(P1 + f(P0 * t));
  p = f(P2 + f(p * t));
  p = f(P3 + f(p * t));
  p = f(P4 + f(p * t));
  p = f(P5 + f(p * t));
  p = f(P6 + f(p * t));
  p = f(P7 + f(p * t));
  p = f(P8 + f(p * t));
  p = f(P9 + f(p * t));
  const y = f(f(p * f(t * t)) + f(n * LN2_LOW));
  return f(f(t + y) + f(n * LN2_HIGH));
}
