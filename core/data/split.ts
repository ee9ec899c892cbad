import { permutation, stream } from "../random/streams.ts";

/**
 * Takes `trainCount` of `count` training images to train on; the rest validate. One fixed shuffle
 * (stream "split", seed 0) whatever the experiment's seed, so that every seed and every arm
 * validates on the same images. Both parts stay in shuffled order: their first n are a fair sample.
 *
 * @throws {RangeError} when `trainCount` is not an integer from 0 to `count`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { trainValidationSplit } from "./split.ts";
 *
 * const { train, validation } = trainValidationSplit(10, 8);
 * assert.ok(train.length === 8 && validation.length === 2);
 * assert.ok(new Set([...train, ...validation]).size === 10);
 * ```
 */
export function trainValidationSplit(
  count: number,
  trainCount: number,
): { readonly train: Uint32Array<ArrayBuffer>; readonly validation: Uint32Array<ArrayBuffer> } {
  if (!Number.isInteger(trainCount) || trainCount < 0 || trainCount > count) {
    throw new RangeError(
      `trainValidationSplit: expected trainCount from 0 to ${count}, the number of images, found ` +
        `${trainCount}.`,
    );
  }
  const order = permutation(stream(0, "split"), 0, count);
  return { train: order.slice(0, trainCount), validation: order.slice(trainCount) };
}
