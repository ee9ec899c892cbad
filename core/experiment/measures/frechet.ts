/**
 * The Frechet distance between two sets of features (Dowson and Landau 1982; of generated images
 * Heusel et al. 2017): that between the normal distributions with their means and covariances,
 *
 *     |mean_a - mean_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2)).
 *
 * The trace of the root is taken without a root of a product: with S = U L U^T it is the sum of the
 * singular values of L_a^(1/2) U_a^T U_b L_b^(1/2), which rounding touches in their last bits, while
 * the root of a covariance's zero, found as 1e-16, would be 1e-8.
 *
 * Covariances are often singular: units that never fire, a generator that always draws the same,
 * fewer samples than units. Directions without variance drop out of the sum above, since they
 * contribute nothing to it, and the ranks that are left are part of the answer.
 *
 * All of it in f64 with one written order, from + - * / and sqrt alone, and so the same in every
 * engine. That holds for ml-matrix 6.15.1 too: of `Math`, its `EigenvalueDecomposition` of a
 * symmetric matrix (Householder, then QL) and its `SingularValueDecomposition` use sqrt, abs, min and
 * max only (src/dc/evd.js, svd.js, util.js; its hypotenuse is its own).
 */
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";

/** Mean and covariance of features. */
export interface Moments {
  /** [units]. */
  readonly mean: Float64Array;
  /** [units, units], row by row; divisor samples - 1. */
  readonly covariance: Float64Array;
}

/** A Frechet distance, and how far it can be trusted. */
export interface FrechetDistance {
  /** In squared units of the features; what rounding leaves below 0 is 0. */
  readonly distance: number;
  /** Directions in which each side varies; with fewer than units its covariance is singular. */
  readonly rank: readonly [a: number, b: number];
}

/**
 * The moments of `features` [samples, units], in two passes: every sum is one chain over the samples
 * in their order.
 *
 * @throws {RangeError} when the features are not whole samples, fewer than two, or not finite.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { moments } from "./frechet.ts";
 *
 * const { mean, covariance } = moments(Float32Array.of(0, 1, 4, 3), 2);
 * assert.deepEqual([...mean], [2, 2]);
 * assert.deepEqual([...covariance], [8, 4, 4, 2]);
 * ```
 */
export function moments(features: Float32Array, units: number): Moments {
  const samples = features.length / units;
  if (!Number.isInteger(units) || !Number.isInteger(samples) || samples < 2) {
    throw new RangeError(
      `moments: expected at least two whole samples of ${units} units, found ${features.length} numbers`,
    );
  }
  const odd = features.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    throw new RangeError(
      `moments: expected finite features, found ${features[odd]} in sample ` +
        `${Math.floor(odd / units)}, unit ${odd % units}; the net or its input has diverged`,
    );
  }
  const mean = new Float64Array(units);
  for (let at = 0; at < features.length; at += units) {
    for (let i = 0; i < units; i++) mean[i]! += features[at + i]!;
  }
  for (let i = 0; i < units; i++) mean[i]! /= samples;
  const covariance = new Float64Array(units * units);
  const deviation = new Float64Array(units);
  for (let at = 0; at < features.length; at += units) {
    for (let i = 0; i < units; i++) deviation[i] = features[at + i]! - mean[i]!;
    for (let i = 0; i < units; i++) {
      for (let j = 0; j <= i; j++) covariance[i * units + j]! += deviation[i]! * deviation[j]!;
    }
  }
  for (let i = 0; i < units; i++) {
    for (let j = 0; j <= i; j++) {
      const value = covariance[i * units + j]! / (samples - 1);
      covariance[i * units + j] = covariance[j * units + i] = value;
    }
  }
  return { mean, covariance };
}

/**
 * The Frechet distance between two sets of features by their moments.
 *
 * @throws {RangeError} when they are not of equally many units.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { frechetDistance, moments } from "./frechet.ts";
 *
 * const a = moments(Float32Array.of(-1, 1), 1);
 * const b = moments(Float32Array.of(4, 8), 1);
 * const { distance, rank } = frechetDistance(a, b);
 * assert.ok(Math.abs(distance - (6 ** 2 + 2)) < 1e-12); // (sqrt 8 - sqrt 2)^2 = 2
 * assert.deepEqual(rank, [1, 1]);
 * ```
 */
export function frechetDistance(a: Moments, b: Moments): FrechetDistance {
  const units = a.mean.length;
  if (b.mean.length !== units) {
    throw new RangeError(
      `frechetDistance: expected features of equally many units, found ${units} and ` +
        `${b.mean.length}; take both from one layer of one net`,
    );
  }
  let distance = 0;
  for (let i = 0; i < units; i++) {
    const difference = a.mean[i]! - b.mean[i]!;
    distance += difference * difference;
  }
  for (const { covariance } of [a, b]) {
    for (let i = 0; i < units; i++) distance += covariance[i * units + i]!;
  }
  const [rootA, rootB] = [scaledAxes(a), scaledAxes(b)];
  for (const value of singularValues(rootA, rootB)) distance -= 2 * value;
  return { distance: Math.max(0, distance), rank: [rootA.length, rootB.length] };
}

/**
 * The axes of a covariance: its eigenvectors, each as long as the standard deviation along it.
 * Eigenvalues that are no more than rounding, negative ones among them, have none.
 */
function scaledAxes({ mean: { length: units }, covariance }: Moments): number[][] {
  const rows = Array.from(
    { length: units },
    (_, i) => covariance.subarray(i * units, (i + 1) * units),
  );
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    rows,
    { assumeSymmetric: true },
  );
  const rounding = units * Number.EPSILON * Math.max(...values);
  return values.flatMap((value, j) => {
    if (!(value > rounding)) return [];
    const deviation = Math.sqrt(value);
    return [Array.from({ length: units }, (_, i) => deviation * vectors.get(i, j))];
  });
}

/** Of the products of all axes of one side with all of the other; none where a side has no axis. */
function singularValues(a: number[][], b: number[][]): number[] {
  if (a.length === 0 || b.length === 0) return [];
  const products = new Matrix(a).mmul(new Matrix(b).transpose());
  return new SingularValueDecomposition(products, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  }).diagonal;
}
