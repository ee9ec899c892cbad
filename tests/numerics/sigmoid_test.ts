import assert from "node:assert/strict";
import { sigmoid } from "../../core/numerics/sigmoid.ts";
import { spread, wholeRange, worstUlps } from "./floats.ts";

Deno.test("sigmoid() stays within 3.1 ULP", () => {
  const exact = (x: number) => 1 / (1 + Math.exp(-x));
  const error = worstUlps(sigmoid, exact, [...wholeRange(), ...spread(-87.4, 20)]);
  assert.ok(error <= 3.1, `${error}`);
});

Deno.test("sigmoid() is a half at zero", () => {
  for (const x of [0, -0, 2 ** -140, -(2 ** -140)]) assert.equal(sigmoid(x), 0.5);
});

Deno.test("sigmoid() is +0 below -87.33654 and 1 from 16.64 on", () => {
  for (const x of [Math.fround(-87.33655), -Infinity]) assert.equal(sigmoid(x), 0);
  for (const x of [16.64, 100, Infinity]) assert.equal(sigmoid(x), 1);
});

Deno.test("sigmoid() passes NaN on", () => assert.ok(Number.isNaN(sigmoid(NaN))));
