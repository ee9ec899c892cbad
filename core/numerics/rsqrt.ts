/**
 * 1/sqrt(x) and sqrt(x): x = 4^k m with m in [1, 4) by integer steps, then three Newton steps from
 * the integer start 0x5f3759df (C. Lomont, "Fast inverse square root", 2003). The square root adds
 * one Heron step whose residual m - s^2 is exact, by products of 12-bit halves (T. J. Dekker,
 * "A floating-point technique for extending the available precision", 1971). The twin is
 * `shaders/lib/rsqrt.wgsl`.
 */
import { bitsOf, fromBits } from "./bits.ts";

const f = Math.fround;

const LARGEST = 3.4028234663852886e38;
const SMALLEST_NORMAL = 2 ** -126;

/** k of x = 4^k m with m in [1, 4), for the bits of a positive normal x. */
function halfExponent(bits: number): number {
  return (((bits >>> 23) + 1) >>> 1) - 64;
}

/** 1/sqrt(m) for m in [1, 4). */
function rsqrtOfSignificand(m: number): number {
  const half = f(0.5 * m);
  let y = fromBits(0x5f3759df - (bitsOf(m) >>> 1));
  y = f(y + f(y * f(0.5 - f(y * f(y * half)))));
  y = f(y + f(y * f(0.5 - f(y * f(y * half)))));
  y = f(y + f(y * f(0.5 - f(y * f(y * half)))));
  return y;
}

/**
 * 1/sqrt(x) in contract arithmetic. Measured error: at most 1.22 ULP.
 *
 * Ends: +Infinity for zeros and subnormals of either sign, NaN for other negative numbers and NaN,
 * +0 for +Infinity.
 *
 * @example
 * ```ts
 * import { rsqrt } from "./rsqrt.ts";
 * import assert from "node:assert/strict";
 * assert.equal(rsqrt(4), 0.5);
 * ```
 */
export function rsqrt(x: number): number {
  if (Math.abs(x) < SMALLEST_NORMAL) return Infinity;
  if (!(x > 0)) return NaN;
  if (x > LARGEST) return 0;
  const bits = bitsOf(x);
  const k = halfExponent(bits);
  const y = rsqrtOfSignificand(fromBits(bits - (k << 24)));
  return fromBits(bitsOf(y) - (k << 23));
}

/**
 * The square root in contract arithmetic, correctly rounded: the same bits as an IEEE 754 f32
 * square root (tested for every significand of an even and an odd exponent).
 *
 * Ends: +0 for zeros and subnormals of either sign, NaN for other negative numbers and NaN,
 * +Infinity for +Infinity.
 *
 * @example
 * ```ts
 * import { sqrt } from "./rsqrt.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sqrt(9), 3);
 * ```
 */
export function sqrt(x: number): number {
  if (Math.abs(x) < SMALLEST_NORMAL) return 0;
  if (!(x > 0)) return NaN;
  if (x > LARGEST) return Infinity;
  const bits = bitsOf(x);
  const k = halfExponent(bits);
  const m = fromBits(bits - (k << 24));
  const y = rsqrtOfSignificand(m);
  const s = f(m * y);
  const high = fromBits(bitsOf(s) & 0xfffff000);
  const low = f(s - high);
  let residual = f(m - f(high * high));
  residual = f(residual - f(2 * high * low));
  residual = f(residual - f(low * low));
  const root = f(s + f(f(0.5 * y) * residual));
  return fromBits(bitsOf(root) + (k << 23));
}
