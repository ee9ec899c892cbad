import assert from "node:assert/strict";
import { log64 } from "../../core/numerics/log64.ts";

/** Bits after the point of the exact side's fixed-point numbers. */
const BITS = 160n;

/** 2 atanh(a / b) in fixed point, |a / b| at most 1/3. */
function twiceAtanh(a: bigint, b: bigint): bigint {
  const s = (a << BITS) / b;
  const z = (s * s) >> BITS;
  let sum = 0n;
  for (let power = s, k = 1n; power !== 0n; power = (power * z) >> BITS, k += 2n) {
    sum += power / k;
  }
  return 2n * sum;
}

const LN2 = twiceAtanh(1n, 3n);

/** x = fraction * 2^exponent, both whole. */
function parts(x: number): { fraction: bigint; exponent: number } {
  let exponent = 0;
  while (x >= 2 ** 53) [x, exponent] = [x / 2, exponent + 1];
  while (!Number.isInteger(x)) [x, exponent] = [x * 2, exponent - 1];
  return { fraction: BigInt(x), exponent };
}

/** ln x in fixed point, by integers alone. */
function exactLog(x: number): bigint {
  const { fraction, exponent } = parts(x);
  const length = fraction.toString(2).length;
  const power = 1n << BigInt(length - 1);
  // fraction / power is in [1, 2), so the argument is below 1/3.
  return twiceAtanh(fraction - power, fraction + power) + BigInt(exponent + length - 1) * LN2;
}

/** The distance of `actual` from `exact` in units of the last place of an f64 of that size. */
function ulps(actual: number, exact: bigint): number {
  const magnitude = exact < 0n ? -exact : exact;
  const unit = magnitude.toString(2).length - 53;
  const { fraction, exponent } = parts(Math.abs(actual));
  const shift = BigInt(exponent) + BITS;
  const fixed = shift >= 0n ? fraction << shift : fraction >> -shift;
  const difference = (actual < 0 ? -fixed : fixed) - exact;
  return Math.abs(Number((difference << 20n) >> BigInt(unit))) / 2 ** 20;
}

/** Multiples of the golden ratio modulo 1, which fill the unit interval evenly. */
function golden(i: number): number {
  return (i * 0.6180339887498949) % 1;
}

Deno.test("log64() stays within 0.9 ULP of the exact logarithm, subnormals included", () => {
  const inputs = [2 ** -1074, 2 ** -1022 - 2 ** -1074, 2 ** -1022, Number.MAX_VALUE];
  for (const centre of [Math.SQRT1_2, 1, Math.SQRT2]) {
    for (let i = -40; i <= 40; i++) inputs.push(centre + i * 2 ** -52);
  }
  for (let i = 0; i < 6_000; i++) {
    inputs.push(0.5 + 2 * golden(i), 1 + (golden(i) - 0.5) * 2 ** -(i % 40));
    inputs.push((1 + golden(i)) * 2 ** (i % 2098 - 1074));
  }
  let [worst, at] = [0, 0];
  for (const x of inputs) {
    if (x === 1) continue;
    const error = ulps(log64(x), exactLog(x));
    if (!(error <= worst)) [worst, at] = [error, x];
  }
  assert.ok(worst <= 0.9, `${worst} at ${at}`);
  assert.ok(worst > 0.5, "an error below that of rounding would be one of this test");
});

Deno.test("log64() gives whole multiples of ln 2 at powers of two, and exactly 0 at 1", () => {
  assert.equal(log64(1), 0);
  for (const n of [-1074, -1022, -3, 1, 10, 1023]) {
    assert.ok(ulps(log64(2 ** n), BigInt(n) * LN2) <= 0.51, `2^${n}`);
  }
});

Deno.test("log64() returns -Infinity for zeros of either sign", () => {
  for (const x of [0, -0]) assert.equal(log64(x), -Infinity);
});

Deno.test("log64() returns NaN for negative numbers and NaN", () => {
  for (const x of [-(2 ** -1074), -1, -Infinity, NaN]) assert.ok(Number.isNaN(log64(x)));
});

Deno.test("log64() returns Infinity for Infinity", () => assert.equal(log64(Infinity), Infinity));
