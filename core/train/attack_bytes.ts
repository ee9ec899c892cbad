/** Attacked images as the bytes of a picture, as which they reach somebody who takes only pictures. */

/**
 * The nearest byte to 255 times each pixel, halves up.
 *
 * @param pixels in 0..1.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asBytes } from "./attack_bytes.ts";
 *
 * assert.deepEqual([...asBytes(Float32Array.of(0, 7 / 255, 0.999, 1))], [0, 7, 255, 255]);
 * ```
 */
export function asBytes(pixels: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pixels, (pixel) => Math.floor(255 * pixel + 0.5));
}
