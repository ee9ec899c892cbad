import assert from "node:assert/strict";
import { exp, expm1 } from "../../core/numerics/exp.ts";
import { spread, wholeRange, worstUlps } from "./floats.ts";

Deno.test("exp() stays within 1 ULP", () => {
  const error = worstUlps(exp, Math.exp, [...wholeRange(), ...spread(-87.4, 88.8)]);
  assert.ok(error <= 1, `${error}`);
});

Deno.test("exp() returns +0 below -87.33654", () => {
  assert.equal(exp(Math.fround(-87.33655)), 0);
  assert.equal(exp(-Infinity), 0);
  assert.ok(exp(Math.fround(-87.33654)) >= 2 ** -126);
});

Deno.test("exp() returns Infinity above 88.72283", () => {
  assert.equal(exp(Math.fround(88.72284)), Infinity);
  assert.equal(exp(Infinity), Infinity);
  assert.ok(Number.isFinite(exp(Math.fround(88.72283))));
});

Deno.test("exp() is 1 at both zeros and at subnormals", () => {
  for (const x of [0, -0, 2 ** -140, -(2 ** -140)]) assert.equal(exp(x), 1);
});

Deno.test("exp() passes NaN on", () => assert.ok(Number.isNaN(exp(NaN))));

Deno.test("exp() never returns a subnormal", () => {
  for (const x of spread(-87.34, -87.33)) {
    const y = exp(x);
    assert.ok(y === 0 || y >= 2 ** -126, `exp(${x}) = ${y}`);
  }
});

Deno.test("expm1() stays within 0.95 ULP, next to zero too", () => {
  const negative = wholeRange().filter((x) => x <= -(2 ** -126));
  const error = worstUlps(expm1, Math.expm1, [...negative, ...spread(-20, 0), ...spread(-1, 0)]);
  assert.ok(error <= 0.95, `${error}`);
});

Deno.test("expm1() is -1 below -18, and +0 at zeros and subnormals", () => {
  for (const x of [-18.1, -100, -Infinity]) assert.equal(expm1(x), -1);
  for (const x of [0, -0, -(2 ** -127), -(2 ** -149)]) assert.equal(expm1(x), 0);
});

Deno.test("expm1() passes NaN on", () => assert.ok(Number.isNaN(expm1(NaN))));
