import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { gatherImages, recordWords } from "../../core/ops/gather_images.ts";
import { ShapeError, size } from "../../core/ops/op.ts";
import { both, sameBits, test } from "./harness.ts";

/** What a byte stands for in each of some tables; never the zero of a masked row. */
function tablesOf(count: number) {
  const data = Float32Array.from({ length: count * 256 }, (_, i) => (i + 1) / 255);
  return { shape: [count, 256], data };
}

sameBits(
  "gatherImages() gives its reference's bits from one to three shards, with a table a channel or one for all, masked rows included",
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
    own: fc.boolean(),
  }),
  ({ image, perShard, shards, missing, count, own }, numbers) => {
    const records = perShard * shards - missing % perShard;
    const words = recordWords(image);
    const data = Array.from({ length: shards }, (_, i) => {
      const held = Math.min(perShard, records - i * perShard) * words;
      return { shape: [held], data: Uint32Array.from({ length: held }, () => numbers.word()) };
    });
    return {
      inputs: [numbers.indices(count, records + 2), tablesOf(own ? image[2] : 1), ...data],
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
      { shape: [1, 256], data: Float32Array.from({ length: 256 }, (_, k) => k + 1) },
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

test("gatherImages() takes each channel's bytes by the channel's own table", async () => {
  const bytes = new Uint8Array([10, 10, 10, 255, 0, 255, 0, 0]);
  const states = await both({
    inputs: [
      { shape: [2], data: new Uint32Array([0, 1]) },
      {
        shape: [3, 256],
        data: Float32Array.from({ length: 768 }, (_, i) => 1000 * (i >> 8) - (i & 255)),
      },
      { shape: [2], data: new Uint32Array(bytes.buffer) },
    ],
    emit: ([indices, tables, shard]) =>
      gatherImages(indices!, tables!, [shard!], { image: [1, 2, 3], records: 1, perShard: 1 }),
  });
  assert.deepEqual(
    [...states.get("output0")!],
    [-10, 990, 1990, -255, 1000, 1745, 0, 0, 0, 0, 0, 0],
  );
});

test("gatherImages() rejects tables that do not fit the channels and shards that do not hold the records", () => {
  const graph = new Graph();
  const words = (count: number) => graph.constant(new Uint32Array(count), [count]);
  const floats = (...shape: number[]) => graph.constant(new Float32Array(size(shape)), shape);
  const attributes = { image: [2, 2, 1], records: 10, perShard: 5 };
  for (const shape of [[256], [1, 255], [2, 256], [256, 1]]) {
    assert.throws(
      () => gatherImages(words(1), floats(...shape), [words(5), words(5)], attributes),
      (error) => error instanceof ShapeError && /the table of byte values/.test(error.message),
    );
  }
  const coloured = { image: [1, 1, 3], records: 1, perShard: 1 };
  for (const tables of [1, 3]) {
    const { shape } = gatherImages(words(1), floats(tables, 256), [words(1)], coloured);
    assert.deepEqual(shape, [1, 1, 1, 3]);
  }
  assert.throws(
    () => gatherImages(words(1), floats(2, 256), [words(1)], coloured),
    /is \[2, 256\]; it needs 256 values, for all channels \(\[1, 256\]\) or for each \(\[3, 256\]\)/,
  );
  assert.throws(
    () => gatherImages(words(1), floats(1, 256), [words(5), words(4)], attributes),
    (error) => error instanceof ShapeError && /2 shards of 9 words/.test(error.message),
  );
  assert.throws(() => gatherImages(words(1), floats(1, 256), [words(10)], attributes), ShapeError);
  assert.equal(recordWords([5, size([1]), 1]), 2);
});
