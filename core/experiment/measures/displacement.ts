/**
 * Whether training goes on in one direction or turns back: the cosine of the angle between two
 * successive displacements of the parameters. Training that converges straight keeps it near 1;
 * nets that undo each other's steps bring it below 0.
 */

/**
 * The cosine between the displacement from `first` to `second` and that from `second` to `third`,
 * three times the same parameters; `undefined` when one of them is zero, which has no direction.
 * Sums in f64, each one chain in ascending order.
 *
 * @throws {RangeError} when the three are not of one length.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { displacementCosine } from "./displacement.ts";
 *
 * const [start, middle, end] = [[0, 0], [3, 0], [3, 2]].map((w) => Float32Array.from(w));
 * assert.equal(displacementCosine(start!, middle!, end!), 0);
 * assert.equal(displacementCosine(start!, middle!, start!), -1);
 * assert.equal(displacementCosine(start!, start!, end!), undefined);
 * ```
 */
export function displacementCosine(
  first: Float32Array,
  second: Float32Array,
  third: Float32Array,
): number | undefined {
  if (first.length !== second.length || second.length !== third.length) {
    throw new RangeError(
      `displacementCosine: expected the same parameters three times, found ${first.length}, ` +
        `${second.length} and ${third.length} numbers`,
    );
  }
  let [before, after, product] = [0, 0, 0];
  for (let i = 0; i < first.length; i++) {
    const came = second[i]! - first[i]!;
    const goes = third[i]! - second[i]!;
    before += came * came;
    after += goes * goes;
    product += came * goes;
  }
  if (before === 0 || after === 0) return undefined;
  return product / (Math.sqrt(before) * Math.sqrt(after));
}
