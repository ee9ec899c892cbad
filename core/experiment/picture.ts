/** Pictures that a run and its report keep: PNG, the same bytes from the same pixels. */
import { encode } from "fast-png";

/**
 * Writes pixels, one byte a channel, row by row with channels last, as a PNG: grey for one channel,
 * RGB for three.
 *
 * @throws {RangeError} when there are more or fewer bytes than the size asks for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodePng } from "./picture.ts";
 *
 * const red = encodePng(Uint8Array.of(255, 0, 0), 1, 1, 3);
 * assert.equal(new TextDecoder("latin1").decode(red.subarray(1, 4)), "PNG");
 * ```
 */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3,
): Uint8Array<ArrayBuffer> {
  if (pixels.length !== width * height * channels) {
    throw new RangeError(
      `encodePng: expected ${width} x ${height} pixels of ${channels} bytes, found ` +
        `${pixels.length} bytes`,
    );
  }
  return encode({ data: pixels, width, height, channels, depth: 8 }) as Uint8Array<ArrayBuffer>;
}
