import assert from "node:assert/strict";
import { onCanvas } from "../../core/data/canvas.ts";
import type { Dataset } from "../../core/data/dataset.ts";

const images = {
  pixels: Uint8Array.from({ length: 2 * 2 * 3 * 2 }, (_, i) => i + 1),
  labels: Uint8Array.of(4, 5),
  count: 2,
};
const DATA: Dataset = {
  name: "mnist",
  source: "published",
  digest: "d",
  shape: [2, 3, 2],
  classes: [],
  train: images,
  test: { ...images, count: 1, pixels: images.pixels.subarray(12), labels: Uint8Array.of(5) },
  description: "two images",
};

Deno.test("onCanvas() puts every image in the top left corner, black around it", () => {
  const { train, test, shape, description, digest } = onCanvas(DATA, 4);
  assert.deepEqual(shape, [4, 4, 2]);
  const none = Array(16).fill(0);
  const second = [[13, 14, 15, 16, 17, 18, 0, 0], [19, 20, 21, 22, 23, 24, 0, 0], none].flat();
  assert.deepEqual([...train.pixels], [
    ...[[1, 2, 3, 4, 5, 6, 0, 0], [7, 8, 9, 10, 11, 12, 0, 0], none].flat(),
    ...second,
  ]);
  assert.deepEqual([...test.pixels], second);
  assert.deepEqual([...train.labels], [4, 5]);
  assert.deepEqual([description, digest], ["two images, in a corner of 4 x 4 pixels", "d"]);
});

Deno.test("onCanvas() rejects a canvas smaller than the images", () => {
  assert.throws(() => onCanvas(DATA, 2), {
    name: "RangeError",
    message: "onCanvas: expected a side of at least 3, the images' own, found 2.",
  });
});
