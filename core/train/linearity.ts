/**
 * How nearly linear a net's logits are along one direction: Goodfellow, Shlens and Szegedy (2015)
 * explain adversarial examples by it, and show logits against epsilon along the gradient's sign.
 */
import type { Images } from "../data/dataset.ts";
import { unitPixels } from "../data/pixels.ts";
import { flush } from "../numerics/bits.ts";
import { strongestOther } from "../ops/margin.ts";
import { stream, word } from "../random/streams.ts";
import type { Attacker } from "./attacker.ts";

/** Which logit is looked at, and where. */
export interface Line {
  /** That of the label, or the greatest other one of the image as it is. */
  readonly logit: "true" | "strongest wrong";
  /** The sign of the cross-entropy's gradient at the image, where that is 0 none; or random signs. */
  readonly along: "gradient" | "noise";
  /** From the first to the last distance, each pixel's, in units of the pixel range. */
  readonly range: readonly [number, number];
  /** How many distances, evenly spread. */
  readonly points: number;
}

/**
 * R^2 of a straight line through a logit along a direction, by image: the squared correlation of the
 * logit at x + e * direction with e; NaN where the logit is the same throughout. Pixels are not cut to
 * 0..1, since a cut would bend any line. Random signs come from the stream "linearity" of `seed`, by
 * image and pixel.
 *
 * @throws {RangeError} when the images are of another form or labelled with other classes.
 */
export async function linearity(
  attacker: Attacker,
  images: Images,
  { logit, along, range: [from, to], points }: Line,
  seed: number,
): Promise<Float64Array> {
  const pixels = unitPixels(images);
  const direction = along === "noise"
    ? signs(seed, pixels.length)
    : await attacker.gradient(images);
  const clean = await attacker.logits(pixels);
  const classes = clean.length / images.count;
  const watched = Array.from(images.labels.subarray(0, images.count), (label, i) => {
    const own = clean.subarray(i * classes, (i + 1) * classes);
    return i * classes + (logit === "true" ? label : strongestOther(own, label));
  });
  const sizes: number[] = [];
  const values: number[][] = watched.map(() => []);
  for (let point = 0; point < points; point++) {
    const size = Math.fround(from + (to - from) * point / (points - 1));
    const moved = pixels.map((pixel, i) =>
      flush(Math.fround(pixel + size * Math.sign(direction[i]!)))
    );
    const logits = await attacker.logits(moved);
    sizes.push(size);
    watched.forEach((at, i) => values[i]!.push(logits[at]!));
  }
  return Float64Array.from(values, (own) => squaredCorrelation(sizes, own));
}

function signs(seed: number, length: number): Int8Array {
  const source = stream(seed, "linearity");
  return Int8Array.from({ length }, (_, i) => word(source, 0, i) & 1 ? 1 : -1);
}

function squaredCorrelation(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [xMean, yMean] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  x.forEach((value, i) => {
    const [across, up] = [value - xMean, y[i]! - yMean];
    xx += across * across;
    xy += across * up;
    yy += up * up;
  });
  return xy * xy / (xx * yy);
}
