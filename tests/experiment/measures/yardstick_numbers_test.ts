import assert from "node:assert/strict";
import { frechetDistance, moments } from "../../../core/experiment/measures/frechet.ts";
import {
  type Seen,
  yardstickNumbers,
} from "../../../core/experiment/measures/yardstick_numbers.ts";
import { normal, stream } from "../../../core/random/streams.ts";

const CLASSES = 10;
const UNITS = 4;

/** Images of the given classes, each recognised with `confidence`, the rest shared evenly. */
function seen(classes: readonly number[], confidence = 0.9, counter = 0): Seen {
  const source = stream(1, "seen");
  const images = classes.length;
  return {
    images,
    probabilities: Float32Array.from({ length: images * CLASSES }, (_, i) => {
      const isIt = i % CLASSES === classes[Math.floor(i / CLASSES)];
      return isIt ? confidence : (1 - confidence) / (CLASSES - 1);
    }),
    features: Float32Array.from({ length: images * UNITS }, (_, i) => normal(source, counter, i)),
  };
}

/** So many images of each class. */
function counted(...counts: number[]): number[] {
  return counts.flatMap((count, k) => Array<number>(count).fill(k));
}

const REAL = seen(counted(...Array(CLASSES).fill(20)), 0.95, 7);

Deno.test("ten classes alike are all covered, with an entropy of ln 10", () => {
  const { covered, entropy, shares } = yardstickNumbers(REAL, REAL);
  assert.equal(covered, 10);
  assert.ok(Math.abs(entropy - Math.log(10)) < 1e-14);
  assert.deepEqual(shares, Array(CLASSES).fill(0.1));
});

Deno.test("a class counts as covered from 2 % on, not below", () => {
  const numbers = yardstickNumbers(seen(counted(150, 4, 3, 43)), REAL);
  assert.deepEqual(numbers.shares.slice(0, 5), [0.75, 0.02, 0.015, 0.215, 0]);
  assert.equal(numbers.covered, 3);
});

Deno.test("the entropy is that of the shares of the classes, in nats", () => {
  const { entropy } = yardstickNumbers(seen(counted(50, 0, 25, 25)), REAL);
  assert.ok(Math.abs(entropy - 1.5 * Math.LN2) < 1e-15);
  assert.equal(yardstickNumbers(seen(counted(0, 0, 9)), REAL).entropy, 0);
});

Deno.test("confidence is relative to that on real images", () => {
  const { confidence } = yardstickNumbers(seen(counted(50, 50), 0.57), REAL);
  assert.ok(Math.abs(confidence - 0.6) < 1e-7);
});

Deno.test("among equal probabilities the first class wins", () => {
  const even = { ...seen([0, 1]), probabilities: new Float32Array(2 * CLASSES).fill(0.1) };
  assert.deepEqual(yardstickNumbers(even, REAL).shares, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("the distance is that of the features, with the ranks of both sides", () => {
  const few = seen(counted(1, 1, 1), 0.9, 3);
  const { distance, rank } = frechetDistance(
    moments(few.features, UNITS),
    moments(REAL.features, UNITS),
  );
  const numbers = yardstickNumbers(few, REAL);
  assert.equal(numbers.frechetDistance, distance);
  assert.deepEqual(numbers.rank, rank);
  assert.deepEqual(rank, [2, UNITS]);
});

Deno.test("answers that are not finite, or not of whole images, are refused", () => {
  const good = seen(counted(2, 2));
  const probabilities = good.probabilities.slice();
  probabilities[3] = NaN;
  const finite = /finite probabilities, found NaN for image 0/;
  for (
    const [bad, message] of [
      [{ ...good, probabilities }, finite],
      [{ ...good, images: 3 }, /of 3 images, each of as many classes, found 40 numbers/],
      [{ ...good, features: good.features.subarray(1) }, /two whole samples of 3.75 units/],
    ] as const
  ) {
    assert.throws(() => yardstickNumbers(bad, REAL), message);
    assert.throws(() => yardstickNumbers(REAL, bad), message);
  }
});
