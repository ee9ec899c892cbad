/**
 * Changes of images that should not change what is in them: shifts, rotations, scalings. They are
 * made on the host from + - * / of f64, floor() and this project's own sine and cosine, which are the
 * same on every engine, and give bytes again. Pixels from outside an image are those of its nearest
 * edge.
 */
import { z } from "zod";
import { cos, sin } from "../numerics/trig.ts";
import type { Images } from "./dataset.ts";

/** The schema of a change. */
export const changeSchema = z.discriminatedUnion("change", [
  /** By whole pixels; negative is to the left, or up. */
  z.strictObject({ change: z.literal("shift"), right: z.int(), down: z.int() }),
  /** About the centre, clockwise as the image is seen; bilinear. */
  z.strictObject({ change: z.literal("rotate"), degrees: z.number().min(-180).max(180) }),
  /** About the centre, larger by a factor above 1; bilinear. */
  z.strictObject({ change: z.literal("scale"), factor: z.number().min(0.1).max(10) }),
]);

/** A change of images. */
export type Change = z.output<typeof changeSchema>;

/**
 * The images after a change, labels kept.
 *
 * @param shape [height, width, channels] of an image.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { changeImages } from "./change.ts";
 *
 * const images = { pixels: Uint8Array.of(1, 2, 3), labels: Uint8Array.of(7), count: 1 };
 * const shifted = changeImages(images, [1, 3, 1], { change: "shift", right: 1, down: 0 });
 * assert.deepEqual([...shifted.pixels], [1, 1, 2]);
 * ```
 */
export function changeImages(
  images: Images,
  shape: readonly [number, number, number],
  change: Change,
): Images {
  const [height, width, channels] = shape;
  const pixels = new Uint8Array(images.count * height * width * channels);
  const taps = tapsOf(height, width, change);
  for (let i = 0; i < images.count; i++) {
    const first = i * height * width * channels;
    for (const [at, { pixel, weight }] of taps.entries()) {
      for (let c = 0; c < channels; c++) {
        // Always four taps, in their order: of a shift three weigh nothing.
        let value = 0.5;
        for (let tap = 0; tap < 4; tap++) {
          value += weight[tap]! * images.pixels[first + pixel[tap]! * channels + c]!;
        }
        pixels[first + at * channels + c] = Math.floor(value);
      }
    }
  }
  return { ...images, pixels };
}

/** The four source pixels of a pixel, row by row, and how much each weighs. */
interface Taps {
  readonly pixel: readonly number[];
  readonly weight: readonly number[];
}

function tapsOf(height: number, width: number, change: Change): Taps[] {
  const source = sourceOf(height, width, change);
  return Array.from({ length: height * width }, (_, at) => {
    const [x, y] = source(at % width, Math.floor(at / width));
    const [left, right, across] = neighbours(x, width);
    const [top, bottom, down] = neighbours(y, height);
    return {
      pixel: [
        top * width + left,
        top * width + right,
        bottom * width + left,
        bottom * width + right,
      ],
      weight: [
        (1 - down) * (1 - across),
        (1 - down) * across,
        down * (1 - across),
        down * across,
      ],
    };
  });
}

/** Where a pixel of the changed image comes from, before the edges are minded. */
function sourceOf(
  height: number,
  width: number,
  change: Change,
): (x: number, y: number) => readonly [number, number] {
  if (change.change === "shift") return (x, y) => [x - change.right, y - change.down];
  // A turn by an angle is undone by a turn back, a scaling by its reciprocal.
  const [a, b] = change.change === "scale"
    ? [1 / change.factor, 0]
    : [cos(Math.fround(RADIANS * change.degrees)), sin(Math.fround(RADIANS * change.degrees))];
  const centreX = (width - 1) * 0.5, centreY = (height - 1) * 0.5;
  return (x, y) => [
    centreX + a * (x - centreX) + b * (y - centreY),
    centreY - b * (x - centreX) + a * (y - centreY),
  ];
}

const RADIANS = 0.017453292519943295;

/** The two pixels that a place lies between, and how far from the first. */
function neighbours(place: number, length: number): readonly [number, number, number] {
  const inside = Math.min(Math.max(place, 0), length - 1);
  const first = Math.floor(inside);
  return [first, Math.min(first + 1, length - 1), inside - first];
}
