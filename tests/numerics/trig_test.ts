import assert from "node:assert/strict";
import { cos, sin } from "../../core/numerics/trig.ts";
import { around, spread, wholeRange, worstUlps } from "./floats.ts";

const multiples = around(...Array.from({ length: 5215 }, (_, i) => (i + 1) * (Math.PI / 2)));

for (const [name, f, exact] of [["sin", sin, Math.sin], ["cos", cos, Math.cos]] as const) {
  Deno.test(`${name}() stays within 1.6 ULP up to 128, next to multiples of pi/2 too`, () => {
    const inputs = [...wholeRange(), ...spread(-128, 128), ...multiples];
    const error = worstUlps(f, exact, inputs.filter((x) => Math.abs(x) <= 128));
    assert.ok(error <= 1.6, `${error}`);
  });

  Deno.test(`${name}() stays within 2.4 ULP up to 8192, next to multiples of pi/2 too`, () => {
    const inputs = [...wholeRange(), ...spread(-8192, 8192), ...multiples];
    const error = worstUlps(f, exact, inputs.filter((x) => Math.abs(x) <= 8192));
    assert.ok(error <= 2.4, `${error}`);
  });

  Deno.test(`${name}() returns NaN beyond 8192`, () => {
    for (const x of [8192.001, -8192.001, Infinity, -Infinity, NaN]) {
      assert.ok(Number.isNaN(f(Math.fround(x))));
    }
    assert.ok(Number.isFinite(f(8192)));
    assert.ok(Number.isFinite(f(-8192)));
  });
}

Deno.test("sin() returns small arguments themselves, and +0 for subnormals", () => {
  for (const x of [2 ** -13, -(2 ** -13), 2 ** -126]) assert.equal(sin(x), x);
  for (const x of [0, 2 ** -127, -(2 ** -149)]) assert.equal(sin(x), 0);
});

Deno.test("cos() is 1 at zero and at subnormals", () => {
  for (const x of [0, -0, 2 ** -140]) assert.equal(cos(x), 1);
});
