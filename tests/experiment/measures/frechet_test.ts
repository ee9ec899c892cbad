import assert from "node:assert/strict";
import {
  frechetDistance,
  type Moments,
  moments,
} from "../../../core/experiment/measures/frechet.ts";
import { normal, stream } from "../../../core/random/streams.ts";
import { sha256 } from "../../../core/numerics/digest.ts";

const UNITS = 6;

/** Independent standard normal features. */
function features(samples: number, counter = 0, units = UNITS): Float32Array {
  const source = stream(3, "features");
  return Float32Array.from({ length: samples * units }, (_, i) => normal(source, counter, i));
}

/** Moments given outright, the covariance as rows. */
function given(mean: number[], covariance: number[][]): Moments {
  return { mean: Float64Array.from(mean), covariance: Float64Array.from(covariance.flat()) };
}

function diagonal(values: number[]): number[][] {
  return values.map((value, i) => values.map((_, j) => i === j ? value : 0));
}

function near(actual: number, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);
}

const MEAN = [0.5, -1, 2, 0, 3, 1];

Deno.test("moments() gives the mean and the unbiased covariance", () => {
  const { mean, covariance } = moments(Float32Array.of(1, 10, 2, 30, 6, 20), 2);
  assert.deepEqual([...mean], [3, 20]);
  assert.deepEqual([...covariance], [7, 5, 5, 100]);
});

Deno.test("moments() takes the mean before it squares", () => {
  const far = moments(Float32Array.of(2 ** 23, 2 ** 23 + 1, 2 ** 23 + 2), 1);
  assert.equal(far.covariance[0], 1);
});

Deno.test("moments() refuses half samples, one sample, and what is not finite", () => {
  assert.throws(
    () => moments(new Float32Array(7), 3),
    /two whole samples of 3 units, found 7 numbers/,
  );
  assert.throws(() => moments(new Float32Array(3), 3), RangeError);
  assert.throws(() => moments(new Float32Array(0), 3), RangeError);
  assert.throws(() => moments(new Float32Array(10), 2.5), RangeError);
  assert.throws(
    () => moments(Float32Array.of(0, 1, 2, NaN), 2),
    /finite features, found NaN in sample 1, unit 1/,
  );
});

Deno.test("equal moments have no distance", () => {
  for (const samples of [2, UNITS - 1, 500]) {
    const one = moments(features(samples), UNITS);
    near(frechetDistance(one, one).distance, 0);
  }
});

Deno.test("a shift of the mean is its squared length", () => {
  const one = moments(features(500), UNITS);
  const mean = one.mean.map((value, i) => value + MEAN[i]!);
  near(frechetDistance(one, { ...one, mean }).distance, 0.25 + 1 + 4 + 9 + 1, 1e-11);
});

Deno.test("of diagonal covariances it is the sum of squared differences of deviations", () => {
  const a = given([0, 0, 0], diagonal([4, 9, 0.25]));
  const b = given([0, 1, 0], diagonal([1, 25, 0.25]));
  const { distance, rank } = frechetDistance(a, b);
  near(distance, (2 - 1) ** 2 + (3 - 5) ** 2 + 1);
  assert.deepEqual(rank, [3, 3]);
});

Deno.test("two covariances that do not commute, by hand", () => {
  const a = given([0, 0], [[4, 0], [0, 1]]);
  const b = given([0, 0], [[1, 0.5], [0.5, 1.25]]);
  // Their product [[4, 2], [0.5, 1.25]] has trace 5.25 and determinant 4, so the trace of its root
  // is sqrt(5.25 + 2 sqrt 4).
  near(frechetDistance(a, b).distance, 5 + 2.25 - 2 * Math.sqrt(9.25));
});

Deno.test("it is symmetric, grows with noise, and never falls below 0", () => {
  const real = moments(features(400), UNITS);
  const distances = [0, 0.1, 0.5, 2].map((noise, k) => {
    const added = features(400, k + 1);
    const noisy = moments(features(400).map((value, i) => value + noise * added[i]!), UNITS);
    const { distance } = frechetDistance(real, noisy);
    near(distance, frechetDistance(noisy, real).distance, 1e-11);
    return distance;
  });
  assert.ok(distances.every((distance) => distance >= 0));
  assert.deepEqual(distances, distances.toSorted((a, b) => a - b));
});

Deno.test("units that never fire are left out and said", () => {
  const alive = features(300, 0, 4), others = features(300, 1, 4);
  const widened = (data: Float32Array) =>
    Float32Array.from({ length: 300 * UNITS }, (_, i) => {
      const unit = i % UNITS;
      return unit < 4 ? data[4 * Math.floor(i / UNITS) + unit]! : 7;
    });
  const narrow = frechetDistance(moments(alive, 4), moments(others, 4));
  const wide = frechetDistance(moments(widened(alive), UNITS), moments(widened(others), UNITS));
  near(wide.distance, narrow.distance);
  assert.deepEqual([narrow.rank, wide.rank], [[4, 4], [4, 4]]);
});

Deno.test("a generator that always draws the same is as far away as real images vary", () => {
  const real = moments(features(300), UNITS);
  const same = moments(new Float32Array(300 * UNITS).map((_, i) => MEAN[i % UNITS]!), UNITS);
  const { distance, rank } = frechetDistance(same, real);
  assert.deepEqual(rank, [0, UNITS]);
  const trace = [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + real.covariance[i * 7]!, 0);
  const shift = MEAN.reduce((sum, value, i) => sum + (value - real.mean[i]!) ** 2, 0);
  near(distance, shift + trace);
  assert.deepEqual(frechetDistance(same, same), { distance: 0, rank: [0, 0] });
});

Deno.test("fewer samples than units vary in one direction fewer than there are samples", () => {
  const [few, more] = [moments(features(4), UNITS), moments(features(300, 1), UNITS)];
  const { distance, rank } = frechetDistance(few, more);
  assert.deepEqual(rank, [3, UNITS]);
  near(distance, frechetDistance(more, few).distance, 1e-11);
});

Deno.test("covariances along orthogonal directions share nothing", () => {
  const [a, b] = [given([0, 0], diagonal([3, 0])), given([0, 0], diagonal([0, 5]))];
  assert.deepEqual(frechetDistance(a, b), { distance: 8, rank: [1, 1] });
});

Deno.test("features of different nets are refused", () => {
  const [a, b] = [moments(features(9), 6), moments(features(9), 3)];
  assert.throws(() => frechetDistance(a, b), /equally many units, found 6 and 3/);
});

Deno.test("the bits of moments and distance are these, in any engine", async () => {
  const [a, b] = [moments(features(200), UNITS), moments(features(9, 1), UNITS)];
  const numbers = [a.mean, a.covariance, Float64Array.of(frechetDistance(a, b).distance)];
  const bytes = numbers.flatMap((list) => [...new Uint8Array(list.buffer)]);
  assert.equal(
    await sha256(Uint8Array.from(bytes)),
    "0beae35d942960ea520b47a32b0e9dee9768dd94a3bd9b1f29095af6d25bac94",
  );
});
