import assert from "node:assert/strict";
import { recordsPerShard } from "../../core/data/batches.ts";
import type { Images } from "../../core/data/dataset.ts";
import { METRICS } from "../../core/ops/distances.ts";
import { buildSearch, openSearch, SEARCH_BATCH } from "../../core/train/nearest_neighbour.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import { Numbers } from "../ops/numbers.ts";

const IMAGE = [3, 3, 1] as const;
const SIZE = 9;

/** Images of a few grey values, among which ties are many. */
function images(seed: number, count: number): Images {
  const numbers = new Numbers(seed);
  const pixels = Uint8Array.from({ length: count * SIZE }, () => 85 * numbers.below(4));
  return { pixels, labels: new Uint8Array(count), count };
}

/** The index of the first of the nearest, from the definition. */
function nearestTo(image: Uint8Array, among: Images, count: number, squared: boolean): number {
  let best = -1, least = Infinity;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < SIZE; k++) {
      const apart = Math.abs(image[k]! - among.pixels[i * SIZE + k]!);
      sum += squared ? apart * apart : apart;
    }
    if (sum < least) [best, least] = [i, sum];
  }
  return best;
}

test("a search finds the first of the nearest images, in whole and partial batches, on every device", async () => {
  const among = images(1, 400);
  const asked = images(2, SEARCH_BATCH + 30);
  const store = { name: "train", count: 390, image: IMAGE };
  for (const metric of METRICS) {
    const expected = Array.from({ length: asked.count }, (_, i) => {
      const image = asked.pixels.subarray(i * SIZE, (i + 1) * SIZE);
      return nearestTo(image, among, store.count, metric === "l2");
    });
    for (const device of [cpu, simd, await webGpu()]) {
      const search = await openSearch(device, { metric, store, images: among });
      try {
        const found = [
          ...await search.nearest(asked, 0, SEARCH_BATCH),
          ...await search.nearest(asked, SEARCH_BATCH, 30),
        ];
        assert.deepEqual(found, expected, `${metric} on ${device.info.name}`);
        // Records of 9 bytes are padded to 3 words.
        assert.equal(search.bytes - search.bytesBesidesData, 390 * 12);
      } finally {
        search.close();
      }
    }
  }
});

test("images that do not fit one binding are searched shard by shard", () => {
  const image = [32, 32, 3];
  const first = recordsPerShard(3072);
  const { buffers, steps } = buildSearch("l1", { name: "train", count: first + 5, image });
  assert.deepEqual(steps.map(({ kernel }) => kernel.name), ["distances", "distances", "nearest"]);
  const length = (name: string) => buffers.find((buffer) => buffer.name === name)!.length;
  assert.equal(length("train images 0"), first * 768);
  assert.equal(length("train images 1"), 5 * 768);
});
