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

/**
 * Images as tiles of one picture, row by row; what is left of the last row is black.
 *
 * @param images of `shape` [height, width, channels], a byte a number.
 */
export function tiled(
  images: readonly Uint8Array[],
  [height, width, channels]: readonly [number, number, number],
  columns: number,
): Uint8Array<ArrayBuffer> {
  const rowBytes = width * channels;
  const sheetRow = columns * rowBytes;
  const rows = Math.ceil(images.length / columns);
  const sheet = new Uint8Array(rows * height * sheetRow);
  for (const [i, image] of images.entries()) {
    const first = Math.floor(i / columns) * height * sheetRow + (i % columns) * rowBytes;
    for (let y = 0; y < height; y++) {
      sheet.set(image.subarray(y * rowBytes, (y + 1) * rowBytes), first + y * sheetRow);
    }
  }
  return encodePng(sheet, columns * width, rows * height, channels as 1 | 3);
}
