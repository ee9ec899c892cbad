import assert from "node:assert/strict";
import { exp64 } from "../../core/numerics/exp64.ts";

/** Bits after the point of the exact side's fixed-point numbers. */
const BITS = 1_200n;
const ONE = 1n << BITS;

/** x as a fixed-point number, exactly. */
function fixed(x: number): bigint {
  let shift = BITS;
  while (!Number.isInteger(x)) [x, shift] = [x * 2, shift - 1n];
  return BigInt(x) << shift;
}

/** e^x in fixed point for x of at most 1, by its series. */
function series(x: bigint): bigint {
  let sum = 0n;
  for (let term = ONE, k = 1n; term !== 0n; term = (term * x >> BITS) / k, k++) sum += term;
  return sum;
}

/** e^x in fixed point: e^(x / 2^n) squared n times. */
function exactExp(x: number): bigint {
  const halvings = 10n;
  let power = series(fixed(Math.abs(x)) >> halvings);
  for (let i = 0n; i < halvings; i++) power = power * power >> BITS;
  return x < 0 ? ONE * ONE / power : power;
}

/** The distance of `actual` from `exact` in units of the last place. */
function ulps(actual: number, exact: bigint): number {
  const unit = exact.toString(2).length - 53;
  const difference = fixed(actual) - exact;
  return Math.abs(Number((difference << 20n) >> BigInt(unit))) / 2 ** 20;
}

/** Multiples of the golden ratio modulo 1, which fill the unit interval evenly. */
function golden(i: number): number {
  return (i * 0.6180339887498949) % 1;
}

Deno.test("exp64() stays within 1.1 ULP of the exact exponential", () => {
  const inputs = [1, -1, 709.78, -350, 1e-300];
  for (let i = 1; i < 3_000; i++) {
    inputs.push(golden(i) - 0.5, 40 * (golden(i) - 0.5), 700 * golden(i), -300 * golden(i));
  }
  let [worst, at] = [0, 0];
  for (const x of inputs) {
    const error = ulps(exp64(x), exactExp(x));
    if (!(error <= worst)) [worst, at] = [error, x];
  }
  assert.ok(worst <= 1.1, `${worst} at ${at}`);
  assert.ok(worst > 0.4, "an error below that of rounding would be one of this test");
});

Deno.test("exp64() is 1 at zeros of either sign, and has its ends", () => {
  for (const x of [0, -0]) assert.equal(exp64(x), 1);
  assert.equal(exp64(709.79), Infinity);
  assert.equal(exp64(Infinity), Infinity);
  assert.equal(exp64(-745.14), 0);
  assert.equal(exp64(-Infinity), 0);
  assert.ok(Number.isNaN(exp64(NaN)));
  assert.ok(exp64(-745) > 0 && exp64(-745) < 1e-323);
  assert.ok(Math.abs(exp64(-709) / 1.2167807506234229e-308 - 1) < 1e-15);
});
