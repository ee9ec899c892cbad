import assert from "node:assert/strict";
import { drawSubset } from "../../core/data/subset.ts";

const TEN = Uint32Array.from({ length: 10 }, (_, i) => 100 + i);
const DRAWN = [103, 106, 105, 102, 100, 104, 101, 109, 107, 108];

Deno.test("drawSubset() draws each image at most once, another set for each seed", () => {
  const drawn = [0, 1, 2].map((seed) => [...drawSubset(seed, TEN, 4)]);
  for (const subset of drawn) {
    assert.equal(new Set(subset).size, 4);
    assert.ok(subset.every((index) => TEN.includes(index)));
  }
  assert.equal(new Set(drawn.map((subset) => subset.toSorted().join())).size, 3);
});

Deno.test("drawSubset() draws what was written down", () => {
  assert.deepEqual([...drawSubset(0, TEN, 10)], DRAWN);
});

Deno.test("a smaller subset of a seed is part of its larger one", () => {
  assert.deepEqual([...drawSubset(7, TEN, 8)].slice(0, 3), [...drawSubset(7, TEN, 3)]);
});

Deno.test("drawSubset() may take all, and no more than there are", () => {
  assert.deepEqual([...drawSubset(3, TEN, 10)].sort(), [...TEN]);
  assert.throws(() => drawSubset(3, TEN, 11), {
    name: "RangeError",
    message: "drawSubset: expected a count of at most 10, the number of images, found 11.",
  });
});
