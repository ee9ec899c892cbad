import assert from "node:assert/strict";
import { log, log1p } from "../../core/numerics/log.ts";
import { spread, wholeRange, worstUlps } from "./floats.ts";

Deno.test("log() stays within 0.95 ULP", () => {
  const positive = wholeRange().filter((x) => x >= 2 ** -126);
  const error = worstUlps(log, Math.log, [...positive, ...spread(0.4, 2.5)]);
  assert.ok(error <= 0.95, `${error}`);
});

Deno.test("log() is exactly 0 at 1", () => assert.equal(log(1), 0));

Deno.test("log() returns -Infinity for zeros and subnormals of either sign", () => {
  for (const x of [0, -0, 2 ** -127, -(2 ** -149)]) assert.equal(log(x), -Infinity);
});

Deno.test("log() returns NaN for negative numbers and NaN", () => {
  for (const x of [-(2 ** -126), -1, -Infinity, NaN]) assert.ok(Number.isNaN(log(x)));
});

Deno.test("log() returns Infinity for Infinity", () => assert.equal(log(Infinity), Infinity));

Deno.test("log1p() stays within 1.51 ULP from 0 to 1, next to zero too", () => {
  const shares = wholeRange().filter((x) => x >= 2 ** -126 && x <= 1);
  const error = worstUlps(log1p, Math.log1p, [...shares, ...spread(0, 1)]);
  assert.ok(error <= 1.51, `${error}`);
});

Deno.test("log1p() is +0 at zeros and subnormals, and passes NaN on", () => {
  for (const x of [0, -0, 2 ** -127]) assert.equal(log1p(x), 0);
  assert.ok(Number.isNaN(log1p(NaN)));
});
