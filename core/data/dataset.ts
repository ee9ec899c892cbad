/**
 * A data set in memory, and the one digest that names it.
 *
 * Pixels are kept as bytes in the layout that the kernels read (NHWC); the digest is taken over the
 * records in the layout that was published (label, then the planes of a colour one after the other),
 * so that it can be checked against the published files without this project.
 */
import { sha256 } from "../numerics/digest.ts";

/** The data sets that an experiment can name. */
export type DatasetName = "mnist" | "cifar10";

/** What is known of each data set before it is loaded. */
export const DATASETS: Readonly<
  Record<
    DatasetName,
    {
      readonly shape: readonly [number, number, number];
      readonly classes: number;
      /** What the classes are called; those of a stand-in have names of their own, in this order too. */
      readonly names: readonly string[];
      /** Of the published data, without the records that are excluded. */
      readonly testImages: number;
    }
  >
> = {
  mnist: {
    shape: [28, 28, 1],
    classes: 10,
    names: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    testImages: 10_000,
  },
  cifar10: {
    shape: [32, 32, 3],
    classes: 10,
    names: [
      ...["airplane", "automobile", "bird", "cat", "deer"],
      ...["dog", "frog", "horse", "ship", "truck"],
    ],
    testImages: 9_979,
  },
};

/** Images with their labels: image i starts at pixel byte i * height * width * channels. */
export interface Images {
  /** [count, height, width, channels], one byte each. */
  readonly pixels: Uint8Array;
  /** [count], each an index into the data set's `classes`. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** A whole data set, verified. */
export interface Dataset {
  readonly name: DatasetName;
  /** `stand-in`: drawn by this project, not the published data; no claim is judged on it. */
  readonly source: "published" | "stand-in";
  /** Where its files are; a stand-in has none. */
  readonly folder?: string;
  /** {@linkcode datasetDigest} of `train` and `test`, in lower-case hex. */
  readonly digest: string;
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  readonly train: Images;
  readonly test: Images;
  /** For people, e.g. "CIFAR-10, 59,902 of 60,000 images". */
  readonly description: string;
}

/**
 * The first `count` of some images.
 *
 * @throws {RangeError} when there are fewer.
 */
export function firstImages(images: Images, count: number): Images {
  if (!(count <= images.count)) {
    throw new RangeError(`firstImages: expected at most ${images.count} images, found ${count}.`);
  }
  const bytes = images.pixels.length / images.count;
  return {
    pixels: images.pixels.subarray(0, count * bytes),
    labels: images.labels.subarray(0, count),
    count,
  };
}

/** The pixels of one image, a view of all. */
export function imageAt({ pixels, count }: Images, index: number): Uint8Array {
  const bytes = pixels.length / count;
  return pixels.subarray(index * bytes, (index + 1) * bytes);
}

/**
 * The images of the given indices, in their order.
 *
 * @throws {RangeError} when there is no such image.
 */
export function chosenImages(images: Images, indices: Uint32Array): Images {
  const bytes = images.pixels.length / images.count;
  const pixels = new Uint8Array(indices.length * bytes);
  const labels = new Uint8Array(indices.length);
  indices.forEach((index, i) => {
    if (index >= images.count) {
      throw new RangeError(
        `chosenImages: expected an index below ${images.count}, found ${index}.`,
      );
    }
    pixels.set(imageAt(images, index), i * bytes);
    labels[i] = images.labels[index]!;
  });
  return { pixels, labels, count: indices.length };
}

/** Some images and then others of the same form. */
export function joinedImages(a: Images, b: Images): Images {
  const pixels = new Uint8Array(a.pixels.length + b.pixels.length);
  pixels.set(a.pixels);
  pixels.set(b.pixels, a.pixels.length);
  const labels = new Uint8Array(a.count + b.count);
  labels.set(a.labels);
  labels.set(b.labels, a.count);
  return { pixels, labels, count: a.count + b.count };
}

/**
 * SHA-256, in lower-case hex, over the records of `train` and then of `test`: the label byte, then
 * the pixels plane by plane ([channels, height, width]), as the CIFAR-10 files have them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { datasetDigest } from "./dataset.ts";
 *
 * const one = { pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), labels: Uint8Array.of(9), count: 1 };
 * const none = { pixels: new Uint8Array(), labels: new Uint8Array(), count: 0 };
 * // The same as SHA-256 over the bytes 9, 1, 4, 2, 5, 3, 6.
 * const digest = await datasetDigest([1, 2, 3], one, none);
 * assert.ok(digest.length === 64);
 * ```
 */
export function datasetDigest(
  shape: readonly [number, number, number],
  train: Images,
  test: Images,
): Promise<string> {
  const recordBytes = 1 + shape[0] * shape[1] * shape[2];
  const records = new Uint8Array((train.count + test.count) * recordBytes);
  writeRecords(shape, train, records);
  writeRecords(shape, test, records.subarray(train.count * recordBytes));
  return sha256(records);
}

function writeRecords(
  [height, width, channels]: readonly [number, number, number],
  { pixels, labels, count }: Images,
  to: Uint8Array,
): void {
  const area = height * width;
  const imageBytes = area * channels;
  for (let i = 0, at = 0; i < count; i++) {
    to[at++] = labels[i]!;
    for (let c = 0; c < channels; c++) {
      let from = i * imageBytes + c;
      for (const end = at + area; at < end; at++, from += channels) to[at] = pixels[from]!;
    }
  }
}
