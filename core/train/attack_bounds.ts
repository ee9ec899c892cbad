/** The bounds of an attack, held against every image that it gives. */
import type { Attack } from "./attack.ts";

/** What rounding may add to the distance of a pixel in 0..1 from another. */
const ROUNDING = 2 ** -24;

/**
 * Checks that attacked images lie in the range of pixels and as near to the images they are made from
 * as their attack must stay, up to rounding: in the max norm each pixel within epsilon + 2^-24; in
 * the Euclidean one an image of n pixels within epsilon * (1 + (n / 256 + 256) * 2^-25), where a ball's
 * radius is rounded, + sqrt(n) * 2^-24.
 *
 * @param attacked [images, features]. @param origins of the same shape. @param features of an image.
 * @throws {RangeError} naming the first image that does not, by its place.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireWithin } from "./attack_bounds.ts";
 *
 * const [near, far] = [Float32Array.of(0.5, 0.1), Float32Array.of(0.5, 0.3)];
 * requireWithin({ attack: "noise", epsilon: 0.1 }, near, Float32Array.of(0.5, 0), 1);
 * assert.throws(
 *   () => requireWithin({ attack: "noise", epsilon: 0.1 }, far, Float32Array.of(0.5, 0), 1),
 *   /image 1 .* 0.3/,
 * );
 * ```
 */
export function requireWithin(
  attack: Attack,
  attacked: Float32Array,
  origins: Float32Array,
  features: number,
): void {
  const { epsilon } = attack;
  const euclidean = attack.attack === "pgd" && attack.norm === "l2";
  const most = euclidean
    ? epsilon * (1 + (features / 256 + 256) * 2 ** -25) + Math.sqrt(features) * ROUNDING
    : epsilon + ROUNDING;
  for (let first = 0; first < attacked.length; first += features) {
    let [squares, largest] = [0, 0];
    for (let i = first; i < first + features; i++) {
      const pixel = attacked[i]!;
      if (!(pixel >= 0 && pixel <= 1)) {
        throw new RangeError(
          `image ${
            first / features
          } under ${attack.attack} has a pixel of ${pixel}, outside 0..1; ` +
            "the attack is broken",
        );
      }
      const apart = Math.abs(pixel - origins[i]!);
      squares += apart * apart;
      if (apart > largest) largest = apart;
    }
    const distance = euclidean ? Math.sqrt(squares) : largest;
    if (!(distance <= most)) {
      throw new RangeError(
        `image ${
          first / features
        } under ${attack.attack} lies ${distance} from where it came from, ` +
          `and epsilon is ${epsilon}; the attack is broken`,
      );
    }
  }
}
