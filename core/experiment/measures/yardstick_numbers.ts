/**
 * What a classifier says of generated images beside real ones: how far their features lie apart, how
 * many classes are drawn and how evenly, and how surely they are recognised. The numbers of the host
 * are f64 and the same in every engine.
 */
import { log64 } from "../../numerics/log64.ts";
import { frechetDistance, moments } from "./frechet.ts";

/** The share of all images that a class must get to count as covered. */
const COVERED = 0.02;

/** What the classifier made of some images. */
export interface Seen {
  /** [images, classes], each row with the sum 1. */
  readonly probabilities: Float32Array;
  /** [images, units] of its feature layer. */
  readonly features: Float32Array;
  readonly images: number;
}

/** What it says of generated images. */
export interface YardstickNumbers {
  /** Between the features of generated and of real images. */
  readonly frechetDistance: number;
  /** Directions in which these features vary; with fewer than units a covariance is singular. */
  readonly rank: readonly [generated: number, real: number];
  /** Classes that at least 2 % of the generated images go to. */
  readonly covered: number;
  /** Of the classes' shares, in nats: 0 for one class only, ln 10 for ten alike. */
  readonly entropy: number;
  /** Mean of the largest probability, over that of real images. */
  readonly confidence: number;
  /** Of the generated images that go to each class, by the largest probability, the first of equals. */
  readonly shares: readonly number[];
}

/**
 * Judges generated images by the classifier's answers to them and to real ones.
 *
 * @throws {RangeError} when answers are not of whole images or of equally many units, are of fewer
 * than two images, or are not finite.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { yardstickNumbers } from "./yardstick_numbers.ts";
 *
 * const real = {
 *   images: 2,
 *   probabilities: Float32Array.of(1, 0, 0, 1),
 *   features: Float32Array.of(0, 2),
 * };
 * const collapsed = {
 *   images: 2,
 *   probabilities: Float32Array.of(0.75, 0.25, 0.75, 0.25),
 *   features: Float32Array.of(1, 1),
 * };
 * assert.deepEqual(yardstickNumbers(collapsed, real), {
 *   frechetDistance: 2,
 *   rank: [0, 1],
 *   covered: 1,
 *   entropy: 0,
 *   confidence: 0.75,
 *   shares: [1, 0],
 * });
 * ```
 */
export function yardstickNumbers(generated: Seen, real: Seen): YardstickNumbers {
  const [ofGenerated, ofReal] = [answers(generated), answers(real)];
  const { distance, rank } = frechetDistance(featureMoments(generated), featureMoments(real));
  const { shares } = ofGenerated;
  return {
    frechetDistance: distance,
    rank,
    covered: shares.filter((share) => share >= COVERED).length,
    entropy: entropy(shares),
    confidence: ofGenerated.confidence / ofReal.confidence,
    shares,
  };
}

function featureMoments({ features, images }: Seen) {
  return moments(features, features.length / images);
}

function answers({ probabilities, images }: Seen) {
  const classes = probabilities.length / images;
  if (!Number.isInteger(classes)) {
    throw new RangeError(
      `yardstickNumbers: expected probabilities of ${images} images, each of as many classes, found ` +
        `${probabilities.length} numbers`,
    );
  }
  const odd = probabilities.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    throw new RangeError(
      `yardstickNumbers: expected finite probabilities, found ${probabilities[odd]} for image ` +
        `${Math.floor(odd / classes)}; the classifier or its input has diverged`,
    );
  }
  const counts = Array<number>(classes).fill(0);
  let sum = 0;
  for (let at = 0; at < probabilities.length; at += classes) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[at + k]! > probabilities[at + best]!) best = k;
    }
    counts[best]!++;
    sum += probabilities[at + best]!;
  }
  return { shares: counts.map((count) => count / images), confidence: sum / images };
}

function entropy(shares: readonly number[]): number {
  return shares.reduce((sum, share) => share === 0 ? sum : sum - share * log64(share), 0);
}
