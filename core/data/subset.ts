import { permutation, stream } from "../random/streams.ts";

/**
 * Draws `count` of `indices` for a seed (stream "subset"): the same in every arm, another for each
 * seed, so that an interval over seeds covers which images were drawn.
 *
 * @throws {RangeError} when there are fewer than `count`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawSubset } from "./subset.ts";
 *
 * const drawn = drawSubset(3, Uint32Array.of(10, 20, 30, 40), 2);
 * assert.ok(drawn.length === 2 && drawn.every((index) => index % 10 === 0));
 * ```
 */
export function drawSubset(
  seed: number,
  indices: Uint32Array,
  count: number,
): Uint32Array<ArrayBuffer> {
  if (!(count <= indices.length)) {
    throw new RangeError(
      `drawSubset: expected a count of at most ${indices.length}, the number of images, found ` +
        `${count}.`,
    );
  }
  return permutation(stream(seed, "subset"), 0, indices.length).slice(0, count)
    .map((place) => indices[place]!);
}
