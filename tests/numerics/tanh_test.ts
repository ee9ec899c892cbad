import assert from "node:assert/strict";
import { tanh } from "../../core/numerics/tanh.ts";
import { spread, wholeRange, worstUlps } from "./floats.ts";

Deno.test("tanh() stays within 1.55 ULP", () => {
  const error = worstUlps(tanh, Math.tanh, [...wholeRange(), ...spread(-10, 10)]);
  assert.ok(error <= 1.55, `${error}`);
});

Deno.test("tanh() is odd, bit for bit", () => {
  for (const x of spread(0.0001, 10, 4096)) assert.equal(tanh(-x), -tanh(x));
});

Deno.test("tanh() is +1 or -1 from 9.0625 on", () => {
  for (const x of [9.0625, 100, Infinity]) {
    assert.equal(tanh(x), 1);
    assert.equal(tanh(-x), -1);
  }
});

Deno.test("tanh() returns small arguments themselves, and +0 for subnormals", () => {
  for (const x of [2 ** -13, -(2 ** -126)]) assert.equal(tanh(x), x);
  for (const x of [0, 2 ** -127, -(2 ** -149)]) assert.equal(tanh(x), 0);
});

Deno.test("tanh() passes NaN on", () => assert.ok(Number.isNaN(tanh(NaN))));
