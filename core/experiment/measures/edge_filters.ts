/**
 * Which 3x3 filters detect edges. The two Sobel filters (Sobel and Feldman 1968) span a plane of the
 * nine-dimensional space of filters: the smoothed first derivatives in every direction. A filter
 * counts as an edge detector when a larger share of its energy lies in that plane than in 95 % of
 * the same layer's filters with their positions shuffled, so by chance one in twenty counts.
 */
import type { Shape } from "../../ops/op.ts";
import { permutation, stream } from "../../random/streams.ts";

const TAPS = 9;
/** Shuffles of each filter. */
const SHUFFLES = 1000;
const QUANTILE = 0.95;

/** Orthogonal, each with the energy 12. */
const SOBEL: readonly (readonly number[])[] = [
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
];
const SOBEL_ENERGY = 12;

/**
 * The share of filters of `weights` [3, 3, channels, filters] that detect edges, 0..1. The mean of each channel of a filter is taken away first, and a
 * shuffle moves all channels of a filter alike; shuffles come from the stream "edge filters" of
 * seed 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { edgeFilterShare } from "./edge_filters.ts";
 *
 * const sobel = Float32Array.of(-1, 0, 1, -2, 0, 2, -1, 0, 1);
 * assert.equal(edgeFilterShare(sobel, [3, 3, 1, 1]), 1);
 * ```
 */
export function edgeFilterShare(weights: Float32Array, shape: Shape): number {
  const [, , channels, filters] = shape as [3, 3, number, number];
  const all = Array.from(
    { length: filters },
    (_, filter) =>
      Array.from({ length: channels }, (_, channel) =>
        meanFree(
          Array.from(
            { length: TAPS },
            (_, tap) => weights[(tap * channels + channel) * filters + filter]!,
          ),
        )),
  );
  const source = stream(0, "edge filters");
  const shuffled = all.flatMap((filter, i) =>
    Array.from({ length: SHUFFLES }, (_, k) => {
      const order = permutation(source, i * SHUFFLES + k, TAPS);
      return edgeShare(filter.map((taps) => taps.map((_, tap) => taps[order[tap]!]!)));
    })
  ).sort((a, b) => a - b);
  const threshold = shuffled[Math.ceil(QUANTILE * shuffled.length) - 1]!;
  return all.filter((filter) => edgeShare(filter) > threshold).length / filters;
}

function meanFree(taps: readonly number[]): number[] {
  const mean = sum(taps) / taps.length;
  return taps.map((tap) => tap - mean);
}

/** The share of a filter's energy, over all its channels, in the plane of the Sobel filters. */
function edgeShare(filter: readonly (readonly number[])[]): number {
  const energy = sum(filter.map((taps) => dot(taps, taps)));
  const inPlane = sum(
    filter.flatMap((taps) => SOBEL.map((sobel) => dot(taps, sobel) ** 2 / SOBEL_ENERGY)),
  );
  return energy === 0 ? 0 : inPlane / energy;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((value, i) => value * b[i]!));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
