/**
 * 1/x: the exponent by integer steps, the significand m in [1, 2) by two Newton steps from
 * (1 + T3(2m - 3) / 99) / m, the quadratic whose relative error, 1/99, is the least on [1, 2]
 * (T3 is Chebyshev's third polynomial). The twin is `shaders/lib/reciprocal.wgsl`.
 */
import { bitsOf, fromBits } from "./bits.ts";

const f = Math.fround;

const LARGEST = 2 ** 126;
const SMALLEST_NORMAL = 2 ** -126;

const START_0 = f(32 / 99);
const START_1 = f(-144 / 99);
const START_2 = f(210 / 99);

/**
 * 1/x in contract arithmetic, for every f32. Measured error: at most 1.16 ULP; powers of two are
 * exact.
 *
 * Ends: +0 for |x| > 2^126, where the result would be subnormal, infinities included; +Infinity for
 * zeros and subnormals of either sign, since the sign of zero is not part of a value; NaN for NaN.
 *
 * @example
 * ```ts
 * import { reciprocal } from "./reciprocal.ts";
 * import assert from "node:assert/strict";
 * assert.equal(reciprocal(-4), -0.25);
 * ```
 */
export function reciprocal(x: number): number {
  if (x !== x) return NaN;
  const magnitude = Math.abs(x);
  if (magnitude < SMALLEST_NORMAL) return Infinity;
  if (magnitude > LARGEST) return 0;
  const bits = bitsOf(x);
  const m = fromBits((bits & 0x007fffff) | 0x3f800000);
  let y = f(START_2 + f(m * f(START_1 + f(m * START_0))));
  y = f(y + f(y * f(1 - f(m * y))));
  y = f(y + f(y * f(1 - f(m * y))));
  return fromBits(bitsOf(y) + 0x3f800000 - (bits & 0x7f800000) | (bits & 0x80000000));
}
