import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { gatherImages, recordWords } from "../../core/ops/gather_images.ts";
import { ShapeError, size } from "../../core/ops/op.ts";
import { both, sameBits, test } from "./harness.ts";

/** What a byte stands for; never the zero of a masked row. */
const table = {
  shape: [256],
  data: Float32Array.from({ length: 256 }, (_, k) => (k + 1) / 255),
};

sameBits(
  "gatherImages() gives its reference's bits from one to three shards, masked rows included",
  fc.record({
    image: fc.tuple(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 3 }),
    ),
    perShard: fc.integer({ min: 1, max: 12 }),
    shards: fc.integer({ min: 1, max: 3 }),
    missing: fc.nat(11),
    count: fc.integer({ min: 1, max: 20 }),
  }),
  ({ image, perShard, shards, missing, count }, numbers) => {
    const records = perShard * shards - missing % perShard;
    const words = recordWords(image);
    const data = Array.from({ length: shards }, (_, i) => {
      const held = Math.min(perShard, records - i * perShard) * words;
      return { shape: [held], data: Uint32Array.from({ length: held }, () => numbers.word()) };
    });
    return {
      inputs: [numbers.indices(count, records + 2), table, ...data],
      emit: ([indices, table, ...shards]) =>
        gatherImages(indices!, table!, shards, { image, records, perShard }),
    };
  },
);

test("gatherImages() reads little-endian bytes, pads records to words and masks with zeros", async () => {
  const bytes = new Uint8Array([10, 20, 30, 40, 50, 0, 0, 0, 60, 70, 80, 90, 100, 0, 0, 0]);
  const states = await both({
    inputs: [
      { shape: [3], data: new Uint32Array([1, 2, 0]) },
      { shape: [256], data: Float32Array.from({ length: 256 }, (_, k) => k + 1) },
      { shape: [4], data: new Uint32Array(bytes.buffer) },
    ],
    emit: ([indices, table, shard]) =>
      gatherImages(indices!, table!, [shard!], { image: [1, 5, 1], records: 2, perShard: 2 }),
  });
  assert.deepEqual(
    [...states.get("output0")!],
    [61, 71, 81, 91, 101, 0, 0, 0, 0, 0, 11, 21, 31, 41, 51],
  );
});

test("gatherImages() rejects a short table and shards that do not hold the records", () => {
  const graph = new Graph();
  const words = (count: number) => graph.constant(new Uint32Array(count), [count]);
  const floats = (count: number) => graph.constant(new Float32Array(count), [count]);
  const attributes = { image: [2, 2, 1], records: 10, perShard: 5 };
  assert.throws(
    () => gatherImages(words(1), floats(255), [words(5), words(5)], attributes),
    /256 entries/,
  );
  assert.throws(
    () => gatherImages(words(1), floats(256), [words(5), words(4)], attributes),
    (error) => error instanceof ShapeError && /2 shards of 9 words/.test(error.message),
  );
  assert.throws(() => gatherImages(words(1), floats(256), [words(10)], attributes), ShapeError);
  assert.equal(recordWords([5, size([1]), 1]), 2);
});
