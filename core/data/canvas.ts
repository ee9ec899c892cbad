/** Images on a larger black canvas, so that a net can be asked about a place it was not trained on. */
import type { Dataset, Images } from "./dataset.ts";

type Shape = readonly [height: number, width: number, channels: number];

/**
 * The data set with every image in the top left corner of a black square of `side` x `side` pixels.
 * Its digest stays that of the data set it was made from.
 *
 * @throws {RangeError} when the images are larger than the canvas.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { onCanvas } from "./canvas.ts";
 * import { mnistStandIn } from "./stand_in_mnist.ts";
 *
 * const { shape } = onCanvas(await mnistStandIn(), 56);
 * assert.deepEqual(shape, [56, 56, 1]);
 * ```
 */
export function onCanvas(data: Dataset, side: number): Dataset {
  const [height, width, channels] = data.shape;
  if (side < height || side < width) {
    throw new RangeError(
      `onCanvas: expected a side of at least ${Math.max(height, width)}, the images' own, found ` +
        `${side}.`,
    );
  }
  const place = (images: Images) => placed(images, data.shape, side);
  return {
    ...data,
    shape: [side, side, channels],
    train: place(data.train),
    test: place(data.test),
    description: `${data.description}, in a corner of ${side} x ${side} pixels`,
  };
}

function placed({ pixels, labels, count }: Images, shape: Shape, side: number): Images {
  const [height, width, channels] = shape;
  const row = width * channels;
  const canvas = new Uint8Array(count * side * side * channels);
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < height; y++) {
      const from = (i * height + y) * row;
      canvas.set(pixels.subarray(from, from + row), (i * side + y) * side * channels);
    }
  }
  return { pixels: canvas, labels, count };
}
