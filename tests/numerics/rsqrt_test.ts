import assert from "node:assert/strict";
import { bitsOf, fromBits } from "../../core/numerics/bits.ts";
import { rsqrt, sqrt } from "../../core/numerics/rsqrt.ts";
import { spread, wholeRange, worstUlps } from "./floats.ts";

const positive = wholeRange().filter((x) => x >= 2 ** -126);

Deno.test("rsqrt() stays within 1.3 ULP", () => {
  const error = worstUlps(rsqrt, (x) => 1 / Math.sqrt(x), [...positive, ...spread(1, 4)]);
  assert.ok(error <= 1.3, `${error}`);
});

Deno.test("sqrt() is correctly rounded for every significand of an even and an odd exponent", () => {
  for (let bits = bitsOf(1); bits < bitsOf(4); bits++) {
    const x = fromBits(bits);
    if (sqrt(x) !== Math.fround(Math.sqrt(x))) assert.fail(`sqrt(${x}) = ${sqrt(x)}`);
  }
});

Deno.test("sqrt() is correctly rounded for every exponent", () => {
  for (const x of positive) assert.equal(sqrt(x), Math.fround(Math.sqrt(x)));
});

Deno.test("rsqrt() returns Infinity and sqrt() +0 for zeros and subnormals of either sign", () => {
  for (const x of [0, -0, 2 ** -127, -(2 ** -149)]) {
    assert.equal(rsqrt(x), Infinity);
    assert.ok(Object.is(sqrt(x), 0));
  }
});

Deno.test("rsqrt() and sqrt() return NaN for negative numbers and NaN", () => {
  for (const x of [-(2 ** -126), -1, -Infinity, NaN]) {
    assert.ok(Number.isNaN(rsqrt(x)));
    assert.ok(Number.isNaN(sqrt(x)));
  }
});

Deno.test("rsqrt() returns +0 and sqrt() Infinity for Infinity", () => {
  assert.equal(rsqrt(Infinity), 0);
  assert.equal(sqrt(Infinity), Infinity);
});
