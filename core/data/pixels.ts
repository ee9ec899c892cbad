/**
 * What a net is given for the bytes of its images. A byte has 256 values, so whatever is done to a
 * pixel is a table of 256 numbers: one for all channels, or one for each.
 */
import { flush } from "../numerics/bits.ts";
import type { Images } from "./dataset.ts";
import { DataError } from "./error.ts";

/**
 * How a byte k reaches a net: `unit` as k/255, `raw` as k, `standardised` as k/255 less its channel's
 * mean, over its channel's standard deviation.
 */
export const PIXELS = ["unit", "raw", "standardised"] as const;

/** One of {@link PIXELS}. */
export type Pixels = typeof PIXELS[number];

/** Of each channel's pixels k/255, in f32, so that a file of tensors keeps them whole. */
export interface PixelMoments {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Everything that a table takes. */
export type PixelScale = Exclude<Pixels, "standardised"> | PixelMoments;

/**
 * The mean and the standard deviation of each channel, over all pixels of the images of the given
 * indices. The sums of k and k^2 are exact, so no order of images is part of the bits.
 *
 * @throws {DataError} when a channel is the same everywhere, so that nothing can be divided by its
 * deviation.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pixelMoments } from "./pixels.ts";
 *
 * const images = { pixels: Uint8Array.of(0, 9, 255, 9), labels: new Uint8Array(1), count: 1 };
 * assert.deepEqual(pixelMoments(images, 1, Uint32Array.of(0)).mean, Float32Array.of(273 / 1020));
 * assert.throws(() => pixelMoments(images, 2, Uint32Array.of(0)), /channel 1 of 2 is 9 in every/);
 * ```
 */
export function pixelMoments(
  { pixels, count }: Images,
  channels: number,
  indices: Uint32Array,
): PixelMoments {
  const bytes = pixels.length / count;
  const counts = new Uint32Array(channels * 256);
  for (const index of indices) {
    const end = (index + 1) * bytes;
    for (let at = index * bytes, channel = 0; at < end; at++) {
      counts[channel * 256 + pixels[at]!]!++;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
  }
  const each = Array.from({ length: channels }, (_, channel) => {
    const found = momentsOf(counts.subarray(channel * 256, (channel + 1) * 256));
    if (found.deviation > 0) return found;
    throw new DataError(
      `channel ${channel} of ${channels} is ${
        Math.round(found.mean * 255)
      } in every pixel of the ` +
        `${indices.length} training images, so there is no standard deviation to divide by; take ` +
        'pixels: "unit" or "raw", or other training images',
    );
  });
  return {
    mean: Float32Array.from(each, ({ mean }) => mean),
    deviation: Float32Array.from(each, ({ deviation }) => deviation),
  };
}

/** From how often each byte occurs; f64 has room for the sums, but not for n times that of k^2. */
function momentsOf(counts: Uint32Array): { readonly mean: number; readonly deviation: number } {
  let n = 0, sum = 0, squares = 0;
  counts.forEach((count, k) => {
    n += count;
    sum += count * k;
    squares += count * k * k;
  });
  const spread = BigInt(n) * BigInt(squares) - BigInt(sum) * BigInt(sum);
  return { mean: sum / (n * 255), deviation: Math.sqrt(Number(spread)) / (n * 255) };
}

/**
 * The pixels of images as k/255, f32 in their order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unitPixels } from "./pixels.ts";
 *
 * assert.deepEqual(unitPixels({ pixels: Uint8Array.of(0, 255) }), Float32Array.of(0, 1));
 * ```
 */
export function unitPixels({ pixels }: Pick<Images, "pixels">): Float32Array<ArrayBuffer> {
  const table = pixelTable("unit");
  return Float32Array.from(pixels, (byte) => table[byte]!);
}

/**
 * The byte nearest to 255 times each pixel, halves up: as which an image reaches who takes pictures.
 *
 * @param pixels in 0..1.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nearestBytes } from "./pixels.ts";
 *
 * assert.deepEqual([...nearestBytes(Float32Array.of(0, 7 / 255, 0.999, 1))], [0, 7, 255, 255]);
 * ```
 */
export function nearestBytes(pixels: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pixels, (pixel) => Math.floor(255 * pixel + 0.5));
}

/**
 * What each byte stands for, one table of 256 after the other: f32 [1 or channels, 256], each entry as
 * a stored value must be.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pixelTable } from "./pixels.ts";
 *
 * assert.equal(pixelTable("unit")[255], 1);
 * assert.equal(pixelTable("raw")[255], 255);
 * const moments = { mean: Float32Array.of(0.5, 0), deviation: Float32Array.of(0.25, 1) };
 * assert.equal(pixelTable(moments)[255], 2);
 * assert.equal(pixelTable(moments)[256 + 255], 1);
 * ```
 */
export function pixelTable(scale: PixelScale): Float32Array<ArrayBuffer> {
  if (scale === "unit") return Float32Array.from({ length: 256 }, (_, k) => k / 255);
  if (scale === "raw") return Float32Array.from({ length: 256 }, (_, k) => k);
  const { mean, deviation } = scale;
  return Float32Array.from({ length: mean.length * 256 }, (_, i) => {
    const channel = i >> 8;
    return flush(Math.fround(((i & 255) / 255 - mean[channel]!) / deviation[channel]!));
  });
}
