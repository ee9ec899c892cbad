import assert from "node:assert/strict";
import { datasetDigest } from "../../core/data/dataset.ts";
import { sha256 } from "../../core/numerics/digest.ts";

const none = { pixels: new Uint8Array(), labels: new Uint8Array(), count: 0 };

Deno.test("datasetDigest() is SHA-256 over label and planes, train before test", async () => {
  // Two pixels of three channels an image: NHWC r g b r g b becomes r r g g b b.
  const train = {
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16),
    labels: Uint8Array.of(7, 8),
    count: 2,
  };
  const test = {
    pixels: Uint8Array.of(21, 22, 23, 24, 25, 26),
    labels: Uint8Array.of(9),
    count: 1,
  };
  const records = Uint8Array.of(
    ...[7, 1, 4, 2, 5, 3, 6],
    ...[8, 11, 14, 12, 15, 13, 16],
    ...[9, 21, 24, 22, 25, 23, 26],
  );
  assert.equal(await datasetDigest([1, 2, 3], train, test), await sha256(records));
  assert.notEqual(await datasetDigest([1, 2, 3], test, train), await sha256(records));
});

Deno.test("datasetDigest() of nothing is SHA-256 of nothing", async () => {
  assert.equal(await datasetDigest([28, 28, 1], none, none), await sha256(new Uint8Array()));
});
