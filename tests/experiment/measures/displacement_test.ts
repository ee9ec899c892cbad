import assert from "node:assert/strict";
import { displacementCosine } from "../../../core/experiment/measures/displacement.ts";

const f32 = (...values: number[]) => Float32Array.from(values);

Deno.test("displacementCosine() is that of the angle between the two ways", () => {
  // 3-4-5 triangles: (3, 4) then (4, 3).
  const cosine = displacementCosine(f32(1, 1), f32(4, 5), f32(8, 8));
  assert.ok(Math.abs(cosine! - 24 / 25) < 1e-15);
});

Deno.test("going straight on gives 1, turning back -1, whatever the lengths", () => {
  const [start, middle] = [f32(1, -2, 0.5), f32(2, 0, -3.5)];
  const along = (steps: number) => start.map((from, i) => from + steps * (middle[i]! - from));
  for (const steps of [1.5, 2, 9]) {
    assert.ok(Math.abs(displacementCosine(start, middle, along(steps))! - 1) < 1e-15);
  }
  for (const steps of [0.5, 0, -4]) {
    assert.ok(Math.abs(displacementCosine(start, middle, along(steps))! + 1) < 1e-15);
  }
});

Deno.test("the sums are chains in f64: one beside 2^26 is not lost", () => {
  // 2^26 + 1 - 2^26 for the product, where f32 would come to 0.
  const cosine = displacementCosine(f32(0, 0, 0), f32(8192, 1, 8192), f32(16384, 2, 0));
  assert.ok(Math.abs(cosine! * (2 ** 27 + 1) - 1) < 1e-15);
});

Deno.test("a displacement of zero has no direction", () => {
  const [a, b] = [f32(1, 2), f32(1, 3)];
  for (const [first, second, third] of [[a, a, b], [a, b, b], [a, a, a]] as const) {
    assert.equal(displacementCosine(first, second, third), undefined);
  }
});

Deno.test("displacementCosine() refuses weights of different nets", () => {
  assert.throws(() => displacementCosine(f32(1), f32(1), f32(1, 2)), /found 1, 1 and 2 numbers/);
});
