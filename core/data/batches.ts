/**
 * Which images a step sees, and the form in which images reach a device: bytes packed into 32-bit
 * words, because WGSL has no byte type, in pieces that fit one binding.
 */
import { permutation, stream } from "../random/streams.ts";
import type { Images } from "./dataset.ts";

/** An order's place without an image: the end of the last evaluation batch. */
export const NO_IMAGE = 0xffffffff;

/** WebGPU's default maxStorageBufferBindingSize: what every adapter can bind. */
const SHARD_BYTES = 134_217_728;

/**
 * The order in which an epoch visits `indices`: a permutation of them, another one for each (seed,
 * epoch), by itself, so that a resume needs no generator state.
 *
 * @param name of the random stream.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { epochOrder } from "./batches.ts";
 *
 * const order = epochOrder(7, 0, Uint32Array.of(10, 20, 30));
 * assert.deepEqual([...order.toSorted()], [10, 20, 30]);
 * ```
 */
export function epochOrder(
  seed: number,
  epoch: number,
  indices: Uint32Array,
  name = "shuffle",
): Uint32Array<ArrayBuffer> {
  const order = permutation(stream(seed, name), epoch, indices.length);
  for (let i = 0; i < order.length; i++) order[i] = indices[order[i]!]!;
  return order;
}

/** Which images each step of a training sees. */
export interface BatchOrder {
  /** After so many steps every image was seen once, but for those that fill no batch. */
  readonly stepsPerEpoch: number;
  /** The indices of a step's images, steps counted from 0. */
  batch(step: number): Uint32Array;
  /** The indices of the images that it sees besides, without their labels, where it does. */
  unlabelled?(step: number): Uint32Array;
}

/** The indices of all images that a step sees, those without their labels last. */
export function imagesOf(order: BatchOrder, step: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array([...order.batch(step), ...order.unlabelled?.(step) ?? []]);
}

/**
 * The order of steps for which `count` images lie ready one after the other, as {@linkcode imagesOf}
 * names them; after the last image it begins anew.
 *
 * @param sizes how many images a step sees with their labels, and how many without.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readyBatches } from "./batches.ts";
 *
 * const order = readyBatches(10, { batch: 2, unlabelled: 3 });
 * assert.equal(order.stepsPerEpoch, 2);
 * assert.deepEqual([...order.batch(1)], [5, 6]);
 * assert.deepEqual([...order.unlabelled!(1)], [7, 8, 9]);
 * ```
 */
export function readyBatches(
  count: number,
  { batch, unlabelled = 0 }: { readonly batch: number; readonly unlabelled?: number },
): BatchOrder {
  const stepsPerEpoch = count / (batch + unlabelled);
  const from = (step: number, skipped: number, length: number) => {
    const first = step % stepsPerEpoch * (batch + unlabelled) + skipped;
    return Uint32Array.from({ length }, (_, i) => first + i);
  };
  return {
    stepsPerEpoch,
    batch: (step) => from(step, 0, batch),
    ...(unlabelled > 0 && { unlabelled: (step: number) => from(step, batch, unlabelled) }),
  };
}

/**
 * Batches of `batch` of the `indices`, shuffled anew for each epoch by {@linkcode epochOrder}; what
 * is left of an epoch after its last whole batch is dropped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shuffledBatches } from "./batches.ts";
 *
 * const order = shuffledBatches(7, Uint32Array.of(10, 20, 30, 40, 50), 2);
 * assert.equal(order.stepsPerEpoch, 2);
 * assert.equal(new Set([...order.batch(0), ...order.batch(1)]).size, 4);
 * ```
 */
export function shuffledBatches(
  seed: number,
  indices: Uint32Array,
  batch: number,
  name?: string,
): BatchOrder {
  const stepsPerEpoch = Math.floor(indices.length / batch);
  let epoch: { readonly number: number; readonly order: Uint32Array } | undefined;
  return {
    stepsPerEpoch,
    batch(step) {
      const number = Math.floor(step / stepsPerEpoch);
      if (epoch?.number !== number) {
        epoch = { number, order: epochOrder(seed, number, indices, name) };
      }
      const first = step % stepsPerEpoch * batch;
      return epoch.order.subarray(first, first + batch);
    },
  };
}

/**
 * The images 0 to `count - 1` in batches of `batch`, the last one filled up with
 * {@linkcode NO_IMAGE}: an evaluation covers every image once.
 *
 * @throws {RangeError} when `batch` is not a positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluationBatches, NO_IMAGE } from "./batches.ts";
 *
 * const batches = evaluationBatches(3, 2);
 * assert.ok(batches.length === 2 && batches[1]![1] === NO_IMAGE);
 * ```
 */
export function evaluationBatches(count: number, batch: number): Uint32Array<ArrayBuffer>[] {
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`evaluationBatches: expected a batch of at least 1, found ${batch}.`);
  }
  return Array.from(
    { length: Math.ceil(count / batch) },
    (_, b) =>
      Uint32Array.from(
        { length: batch },
        (_, i) => b * batch + i < count ? b * batch + i : NO_IMAGE,
      ),
  );
}

/**
 * The pixels of `count` images from `start` on as 32-bit words, the first byte lowest; each image
 * starts at a word, the bytes between are 0.
 *
 * @throws {RangeError} when the images do not reach that far.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { packRecords } from "./batches.ts";
 *
 * const images = { pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), labels: new Uint8Array(2), count: 2 };
 * const words = packRecords(images, 0, 2);
 * assert.ok(words[0] === 0x030201 && words[1] === 0x060504);
 * ```
 */
export function packRecords(
  images: Images,
  start: number,
  count: number,
): Uint32Array<ArrayBuffer> {
  if (start < 0 || count < 0 || start + count > images.count) {
    throw new RangeError(
      `packRecords: expected images within 0 to ${images.count}, found ${start} to ` +
        `${start + count}.`,
    );
  }
  const recordBytes = images.pixels.length / images.count;
  const wordBytes = paddedBytes(recordBytes);
  // Every host of WebGPU stores words with the lowest byte first, as WGSL reads them.
  const bytes = new Uint8Array(count * wordBytes);
  for (let i = 0; i < count; i++) {
    const from = (start + i) * recordBytes;
    bytes.set(images.pixels.subarray(from, from + recordBytes), i * wordBytes);
  }
  return new Uint32Array(bytes.buffer);
}

/**
 * The pixels of images that {@linkcode packRecords} packed, `recordBytes` bytes each.
 *
 * @throws {RangeError} when the words are not those of whole images.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unpackRecords } from "./batches.ts";
 *
 * assert.deepEqual([...unpackRecords(Uint32Array.of(0x030201, 0x060504), 3)], [1, 2, 3, 4, 5, 6]);
 * ```
 */
export function unpackRecords(words: Uint32Array, recordBytes: number): Uint8Array<ArrayBuffer> {
  const wordBytes = paddedBytes(recordBytes);
  const count = words.byteLength / wordBytes;
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `unpackRecords: expected a multiple of ${wordBytes / 4} words, found ${words.length}.`,
    );
  }
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const pixels = new Uint8Array(count * recordBytes);
  for (let i = 0; i < count; i++) {
    pixels.set(bytes.subarray(i * wordBytes, i * wordBytes + recordBytes), i * recordBytes);
  }
  return pixels;
}

/**
 * How many packed records of `recordBytes` bytes a shard holds: as many as fit the default binding
 * limit, on every device, so that image i is record i % n of shard i / n everywhere.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { recordsPerShard } from "./batches.ts";
 *
 * assert.ok(recordsPerShard(32 * 32 * 3) === 43_690);
 * ```
 */
export function recordsPerShard(recordBytes: number): number {
  return Math.floor(SHARD_BYTES / paddedBytes(recordBytes));
}

/**
 * The pieces into which `images` are uploaded, each for one {@linkcode packRecords}: all but the
 * last hold {@linkcode recordsPerShard} records.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shards } from "./batches.ts";
 *
 * const [first, second] = shards({ count: 49_923 }, 3072);
 * assert.ok(first!.count === 43_690 && second!.start === 43_690 && second!.count === 6_233);
 * ```
 */
export function shards(
  images: Pick<Images, "count">,
  recordBytes: number,
): { readonly start: number; readonly count: number }[] {
  const size = recordsPerShard(recordBytes);
  return Array.from({ length: Math.ceil(images.count / size) }, (_, shard) => {
    const start = shard * size;
    return { start, count: Math.min(size, images.count - start) };
  });
}

function paddedBytes(recordBytes: number): number {
  return Math.ceil(recordBytes / 4) * 4;
}
