import assert from "node:assert/strict";
import { reciprocal } from "../../core/numerics/reciprocal.ts";
import { spread, wholeRange, worstUlps } from "./floats.ts";

Deno.test("reciprocal() stays within 1.2 ULP", () => {
  const normal = wholeRange().filter((x) => Math.abs(x) >= 2 ** -126);
  const error = worstUlps(reciprocal, (x) => 1 / x, [...normal, ...spread(1, 2)]);
  assert.ok(error <= 1.2, `${error}`);
});

Deno.test("reciprocal() is exact for powers of two", () => {
  for (let exponent = -126; exponent <= 126; exponent++) {
    assert.equal(reciprocal(2 ** exponent), 2 ** -exponent);
    assert.equal(reciprocal(-(2 ** exponent)), -(2 ** -exponent));
  }
});

Deno.test("reciprocal() returns +0 beyond 2^126 and never a subnormal", () => {
  for (const x of [2 ** 126 + 2 ** 103, -(2 ** 127), Infinity, -Infinity]) {
    assert.equal(reciprocal(x), 0);
  }
});

Deno.test("reciprocal() returns Infinity for zeros and subnormals of either sign", () => {
  for (const x of [0, -0, 2 ** -127, -(2 ** -149)]) assert.equal(reciprocal(x), Infinity);
});

Deno.test("reciprocal() passes NaN on", () => assert.ok(Number.isNaN(reciprocal(NaN))));
