import assert from "node:assert/strict";
import fc from "fast-check";
import { onCanvas } from "../../core/data/canvas.ts";
import type { Images } from "../../core/data/dataset.ts";
import { pixelMoments, pixelTable } from "../../core/data/pixels.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";

/** Some images of `bytes` bytes each. */
function imagesOf(pixels: readonly number[], bytes: number): Images {
  const count = pixels.length / bytes;
  return { pixels: Uint8Array.from(pixels), labels: new Uint8Array(count), count };
}

Deno.test("the moments are those of each channel over all pixels of the chosen images", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(255), { minLength: 60, maxLength: 60 }),
      (channels, count, bytes) => {
        const perImage = channels * 4;
        const images = imagesOf(bytes.slice(0, perImage * 5), perImage);
        const indices = Uint32Array.from({ length: count }, (_, i) => 4 - i);
        const ofChannel = (channel: number) =>
          [...indices].flatMap((index) =>
            [0, 1, 2, 3].map((pixel) => bytes[index * perImage + pixel * channels + channel]! / 255)
          );
        const all = Array.from({ length: channels }, (_, channel) => ofChannel(channel));
        fc.pre(all.every((values) => new Set(values).size > 1));
        const { mean, deviation } = pixelMoments(images, channels, indices);
        assert.deepEqual([mean.length, deviation.length], [channels, channels]);
        all.forEach((values, channel) => {
          const expected = values.reduce((sum, x) => sum + x) / values.length;
          const variance = values.reduce((sum, x) => sum + (x - expected) ** 2, 0) / values.length;
          assert.ok(Math.abs(mean[channel]! - expected) < 1e-7);
          assert.ok(Math.abs(deviation[channel]! / Math.sqrt(variance) - 1) < 1e-6);
        });
        // The sums are exact, so their order is no part of the bits.
        assert.deepEqual(pixelMoments(images, channels, indices.toReversed()), { mean, deviation });
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a spread that is tiny beside its mean keeps its digits", () => {
  const pixels = Array.from({ length: 100_000 }, (_, i) => i === 7 ? 254 : 255);
  const { deviation } = pixelMoments(imagesOf(pixels, 100_000), 1, Uint32Array.of(0));
  assert.equal(deviation[0], Math.fround(Math.sqrt(99_999) / (100_000 * 255)));
});

Deno.test("pixels of a canvas count as the net sees them", async () => {
  const data = await mnistStandIn();
  const indices = Uint32Array.from({ length: 10 }, (_, i) => i);
  const [plain] = pixelMoments(data.train, 1, indices).mean;
  const [onLarge] = pixelMoments(onCanvas(data, 56).train, 1, indices).mean;
  assert.ok(Math.abs(onLarge! / plain! - 1 / 4) < 1e-6, `${onLarge} of ${plain}`);
});

Deno.test("a channel that is the same everywhere is refused, by its place and value", () => {
  const images = imagesOf([1, 37, 0, 2, 37, 0, 1, 36, 0], 3);
  assert.throws(() => pixelMoments(images, 3, Uint32Array.of(0, 1)), {
    name: "DataError",
    message:
      "channel 1 of 3 is 37 in every pixel of the 2 training images, so there is no standard " +
      'deviation to divide by; take pixels: "unit" or "raw", or other training images',
  });
  assert.throws(() => pixelMoments(images, 3, Uint32Array.of(0, 1, 2)), /channel 2 of 3 is 0 in/);
});

Deno.test("standardised pixels have mean 0 and standard deviation 1 in each channel", async () => {
  const { train } = await mnistStandIn();
  const indices = Uint32Array.from({ length: 20 }, (_, i) => 3 * i);
  const table = pixelTable(pixelMoments(train, 1, indices));
  const values = [...indices].flatMap((index) =>
    [...train.pixels.subarray(index * 784, (index + 1) * 784)].map((byte) => table[byte]!)
  );
  const mean = values.reduce((sum, x) => sum + x) / values.length;
  const square = values.reduce((sum, x) => sum + x * x, 0) / values.length;
  assert.ok(Math.abs(mean) < 1e-6 && Math.abs(square - 1) < 1e-6, `${mean}, ${square}`);
});

Deno.test("no entry of a table is smaller than a stored value may be", () => {
  fc.assert(fc.property(fc.float({ min: 0, max: 1, noNaN: true }), (mean) => {
    const moments = { mean: Float32Array.of(mean), deviation: Float32Array.of(0.5) };
    for (const value of pixelTable(moments)) {
      assert.ok(value === 0 || Math.abs(value) >= 2 ** -51, `${value} at mean ${mean}`);
    }
  }));
});
