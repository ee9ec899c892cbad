import assert from "node:assert/strict";
import {
  epochOrder,
  evaluationBatches,
  imagesOf,
  NO_IMAGE,
  packRecords,
  readyBatches,
  recordsPerShard,
  shards,
  shuffledBatches,
  unpackRecords,
} from "../../core/data/batches.ts";
import { variedBytes } from "./memory_files.ts";

const indices = Uint32Array.from({ length: 1000 }, (_, i) => 3 * i);

Deno.test("epochOrder() visits each index once and leaves its argument alone", () => {
  const order = epochOrder(1, 0, indices);
  assert.deepEqual(order.toSorted(), indices);
  assert.notDeepEqual(order, indices);
  assert.deepEqual([...indices.subarray(0, 3)], [0, 3, 6]);
});

Deno.test("epochOrder() depends on the seed and the epoch and on nothing else", () => {
  assert.deepEqual(epochOrder(1, 2, indices), epochOrder(1, 2, indices));
  assert.notDeepEqual(epochOrder(1, 2, indices), epochOrder(1, 3, indices));
  assert.notDeepEqual(epochOrder(1, 2, indices), epochOrder(2, 2, indices));
});

Deno.test("shuffledBatches() takes each epoch's order in whole batches", () => {
  const { stepsPerEpoch, batch } = shuffledBatches(1, indices, 300);
  assert.equal(stepsPerEpoch, 3);
  for (const step of [0, 1, 2, 3, 7, 0]) {
    const first = step % 3 * 300;
    const order = epochOrder(1, Math.floor(step / 3), indices);
    assert.deepEqual(batch(step), order.subarray(first, first + 300));
  }
});

Deno.test("orders under two names of a seed have nothing to do with each other", () => {
  const [one, other] = [shuffledBatches(1, indices, 300), shuffledBatches(1, indices, 300, "more")];
  assert.deepEqual(one.batch(0), epochOrder(1, 0, indices).subarray(0, 300));
  assert.notDeepEqual(one.batch(0), other.batch(0));
});

Deno.test("readyBatches() finds images that lie as imagesOf() names them", () => {
  const [batch, unlabelled] = [
    shuffledBatches(1, indices, 3),
    shuffledBatches(2, indices, 4),
  ];
  const order = { ...batch, unlabelled: (step: number) => unlabelled.batch(step) };
  const lying = [0, 1, 2].flatMap((step) => [...imagesOf(order, step)]);
  assert.equal(lying.length, 21);
  const ready = readyBatches(21, { batch: 3, unlabelled: 4 });
  assert.equal(ready.stepsPerEpoch, 3);
  for (const step of [0, 1, 2]) {
    assert.deepEqual([...ready.batch(step)].map((at) => lying[at]), [...order.batch(step)]);
    const found = [...ready.unlabelled!(step)].map((at) => lying[at]);
    assert.deepEqual(found, [...order.unlabelled(step)]);
  }
  assert.deepEqual(ready.batch(3), ready.batch(0));
  assert.equal(readyBatches(21, { batch: 3 }).unlabelled, undefined);
});

Deno.test("evaluationBatches() covers every image once and fills the last batch up", () => {
  const batches = evaluationBatches(10, 4);
  assert.deepEqual(batches.map((batch) => [...batch]), [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9, NO_IMAGE, NO_IMAGE],
  ]);
  assert.equal(NO_IMAGE, 0xffffffff);
});

Deno.test("evaluationBatches() adds no empty batch where the count divides", () => {
  assert.equal(evaluationBatches(8, 4).length, 2);
  assert.equal(evaluationBatches(0, 4).length, 0);
});

Deno.test("evaluationBatches() rejects a batch below 1", () => {
  assert.throws(() => evaluationBatches(8, 0), RangeError);
});

Deno.test("packRecords() puts the first byte lowest", () => {
  const images = { pixels: variedBytes(5 * 8, 4), labels: new Uint8Array(5), count: 5 };
  const words = packRecords(images, 2, 3);
  assert.equal(words.length, 6);
  const view = new DataView(images.pixels.buffer);
  words.forEach((word, i) => assert.equal(word, view.getUint32(2 * 8 + 4 * i, true)));
});

Deno.test("packRecords() pads each record with zeros to a whole word", () => {
  const images = {
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    labels: new Uint8Array(2),
    count: 2,
  };
  assert.deepEqual([...packRecords(images, 0, 2)], [0x04030201, 5, 0x09080706, 10]);
});

Deno.test("unpackRecords() gives back what packRecords() packed", () => {
  for (const recordBytes of [1, 4, 5, 12]) {
    const pixels = variedBytes(7 * recordBytes, 3);
    const words = packRecords({ pixels, labels: new Uint8Array(7), count: 7 }, 0, 7);
    assert.deepEqual(unpackRecords(words, recordBytes), pixels);
  }
  assert.throws(
    () => unpackRecords(new Uint32Array(3), 5),
    /expected a multiple of 2 words, found 3/,
  );
});

Deno.test("packRecords() rejects images beyond the last", () => {
  const images = { pixels: new Uint8Array(8), labels: new Uint8Array(2), count: 2 };
  assert.throws(() => packRecords(images, 1, 2), RangeError);
  assert.throws(() => packRecords(images, -1, 1), RangeError);
});

Deno.test("shards() cuts into pieces that fit the default binding limit, none left out", () => {
  for (const recordBytes of [784, 3072, 3073, 7]) {
    const size = recordsPerShard(recordBytes);
    assert.ok(size * Math.ceil(recordBytes / 4) * 4 <= 134_217_728);
    const count = 2 * size + 5;
    const pieces = shards({ count }, recordBytes);
    assert.deepEqual(pieces, [
      { start: 0, count: size },
      { start: size, count: size },
      { start: 2 * size, count: 5 },
    ]);
  }
});

Deno.test("shards() keeps a small data set in one piece", () => {
  assert.deepEqual(shards({ count: 6_000 }, 3072), [{ start: 0, count: 6_000 }]);
  assert.deepEqual(shards({ count: 0 }, 3072), []);
});
