import assert from "node:assert/strict";
import fc from "fast-check";
import { bitsOf, flush, fromBits } from "../../core/numerics/bits.ts";

Deno.test("fromBits() undoes bitsOf() for every number", () => {
  fc.assert(fc.property(fc.float({ noNaN: true }), (x) => {
    assert.ok(Object.is(fromBits(bitsOf(x)), x));
  }));
});

Deno.test("bitsOf() rounds to f32 and is unsigned", () => {
  assert.equal(bitsOf(0.1), 0x3dcccccd);
  assert.equal(bitsOf(-0), 0x80000000);
});

Deno.test("flush() gives +0 below 2^-51 and leaves everything else", () => {
  const limit = 2 ** -51;
  fc.assert(fc.property(fc.float(), (x) => {
    assert.ok(Object.is(flush(x), Math.abs(x) < limit ? 0 : x));
  }));
  const below = fromBits(bitsOf(limit) - 1);
  assert.ok(Object.is(flush(-below), 0));
  assert.ok(Object.is(flush(-0), 0));
  assert.equal(flush(limit), limit);
  assert.equal(flush(-limit), -limit);
  assert.equal(flush(-Infinity), -Infinity);
});
