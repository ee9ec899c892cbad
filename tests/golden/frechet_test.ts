import assert from "node:assert/strict";
import golden from "./frechet.json" with { type: "json" };
import { frechetDistance, moments } from "../../core/experiment/measures/frechet.ts";
import { numbers } from "./formula.ts";

for (const { name, samples, units, fires, rank, distance } of golden.cases) {
  Deno.test(`frechetDistance() agrees with the eigenvalues of the product: ${name}`, () => {
    const [a, b] = [[0, 1, 0], [333, 3, 0.25]].map(([start, scale, shift], side) => {
      const { data } = numbers([samples[side]!, units], start!, scale!);
      return moments(Float32Array.from(data, (x, i) => i % units < fires ? x + shift! : 0), units);
    });
    const found = frechetDistance(a!, b!);
    assert.deepEqual(found.rank, rank);
    // An eigenvalue that should be 0 is 1e-16 there, and its root 1e-8.
    const tolerance = rank.every((each) => each === units) ? 1e-12 : 1e-7;
    assert.ok(Math.abs(found.distance / distance - 1) < tolerance, `${found.distance} ${distance}`);
  });
}
