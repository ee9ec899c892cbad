import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOfFloats, sha256 } from "../../core/numerics/digest.ts";

Deno.test("sha256() gives the published digest of abc", async () => {
  assert.equal(
    await sha256(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("digestOfFloats() hashes the little-endian bytes", async () => {
  assert.equal(
    await digestOfFloats(new Float32Array([1, -2])),
    await sha256(new Uint8Array([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])),
  );
});

Deno.test("digestOfFloats() takes -0 as +0 and leaves its argument as it is", async () => {
  const values = new Float32Array([-0, 3]);
  assert.equal(await digestOfFloats(values), await digestOfFloats(new Float32Array([0, 3])));
  assert.ok(Object.is(values[0], -0));
});

Deno.test("digestOfFloats() reads a view of a larger, shared buffer", async () => {
  const whole = new Float32Array(new SharedArrayBuffer(16));
  whole.set([1, 2, 3, 4]);
  assert.equal(
    await digestOfFloats(whole.subarray(1, 3)),
    await digestOfFloats(new Float32Array([2, 3])),
  );
});

Deno.test("digestOfFloats() tells arrays apart that differ in one bit", async () => {
  await fc.assert(fc.asyncProperty(
    fc.float32Array({ minLength: 1, noNaN: true }),
    fc.nat(),
    fc.nat(30),
    async (values, index, bit) => {
      const other = new Uint32Array(values.slice().buffer);
      const i = index % other.length;
      other[i] = other[i]! ^ (1 << bit);
      const changed = new Float32Array(other.buffer);
      assert.notEqual(await digestOfFloats(values), await digestOfFloats(changed));
    },
  ));
});
