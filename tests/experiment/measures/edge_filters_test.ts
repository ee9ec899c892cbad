import assert from "node:assert/strict";
import { edgeFilterShare } from "../../../core/experiment/measures/edge_filters.ts";
import { normal, stream } from "../../../core/random/streams.ts";

const ACROSS = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const DOWN = [-1, -2, -1, 0, 0, 0, 1, 2, 1];

/** Weights [3, 3, channels, filters] from filters of channels of nine taps. */
function weights(filters: readonly (readonly (readonly number[])[])[]): Float32Array {
  const channels = filters[0]!.length;
  const data = new Float32Array(9 * channels * filters.length);
  filters.forEach((filter, f) =>
    filter.forEach((taps, c) =>
      taps.forEach((tap, t) => data[(t * channels + c) * filters.length + f] = tap)
    )
  );
  return data;
}

function share(filters: readonly (readonly (readonly number[])[])[]): number {
  return edgeFilterShare(weights(filters), [3, 3, filters[0]!.length, filters.length]);
}

/** Nine independent normal numbers for each channel. */
function noise(filter: number, channels: number): number[][] {
  const source = stream(5, "noise");
  return Array.from(
    { length: channels },
    (_, c) => Array.from({ length: 9 }, (_, t) => normal(source, filter, 9 * c + t)),
  );
}

Deno.test("derivatives in any direction count as edge detectors, whatever the channel's mean", () => {
  const slanted = ACROSS.map((tap, i) => 0.3 * tap - 0.7 * DOWN[i]! + 5);
  assert.equal(share([[ACROSS], [DOWN], [slanted]]), 1);
});

Deno.test("a spot, a ring and a flat filter are no edge detectors", () => {
  const spot = [0, 0, 0, 0, 1, 0, 0, 0, 0];
  const ring = spot.map((tap) => 1 - tap);
  const flat = Array(9).fill(0.5);
  // Beside two edge detectors, so that something stands out.
  assert.equal(share([[spot], [ring], [flat], [ACROSS], [DOWN]]), 2 / 5);
});

Deno.test("of random filters about one in twenty counts", () => {
  const filters = Array.from({ length: 400 }, (_, filter) => noise(filter, 3));
  const found = share(filters);
  assert.ok(found > 0.02 && found < 0.09, `${found}`);
});

Deno.test("channels that are edges of different signs belong to one edge detector", () => {
  const filters = Array.from({ length: 20 }, (_, filter) => noise(filter, 3));
  const opposed = [ACROSS, ACROSS.map((tap) => -2 * tap), DOWN];
  const [before, after] = [share(filters), share([...filters, opposed])];
  assert.equal(Math.round(after * 21) - Math.round(before * 20), 1);
});
