/**
 * Gaussian naive Bayes: each pixel of each class is taken for a normal distribution of its own,
 * whatever the other pixels are, and an image for the class under which it is most likely.
 *
 * Ours, since the library for it (ml-naivebayes 4.0.0) has no number for a pixel that never varies in
 * a class, as an image's corners do, and multiplies likelihoods that underflow at this many pixels;
 * besides, it takes `Math.log` and `Math.exp`, which differ between engines. Sums over bytes are whole
 * numbers here, so they are exact in any order, and the rest is + - * / and `log64`.
 */
import { imageAt, type Images } from "../data/dataset.ts";
import { log64 } from "../numerics/log64.ts";
import type { NaiveBayes } from "./classic.ts";
import { type Classify, largest } from "./classify.ts";

/** One class: its share of the images, and each pixel's mean and variance. */
interface Normal {
  /** Logarithm of its prior, less half of that of all its variances. */
  readonly constant: number;
  readonly mean: Float64Array;
  /** One over twice the variance. */
  readonly precision: Float64Array;
}

/** Fits it to images of `classes` classes; a class without images is never answered. */
export function fitNaiveBayes(
  { smoothing }: NaiveBayes,
  images: Images,
  classes: number,
): Classify {
  const moments = Array.from({ length: classes }, (_, label) => momentsOf(images, label));
  const all = momentsOf(images);
  const added = smoothing * all.variance.reduce((most, variance) => Math.max(most, variance), 0);
  if (added === 0) throw new RangeError("naive Bayes: no pixel of the images varies");
  const normals = moments.map(({ count, mean, variance }): Normal => {
    const smoothed = variance.map((own) => own + added);
    return {
      constant: log64(count / images.count) -
        smoothed.reduce((sum, own) => sum + log64(own), 0) / 2,
      mean,
      precision: smoothed.map((own) => 1 / (2 * own)),
    };
  });
  return (shown) =>
    Uint8Array.from({ length: shown.count }, (_, i) => {
      const image = imageAt(shown, i);
      return largest(normals.map((normal) => logLikelihood(normal, image)));
    });
}

function logLikelihood({ constant, mean, precision }: Normal, image: Uint8Array): number {
  let sum = constant;
  for (let p = 0; p < image.length; p++) {
    const off = image[p]! - mean[p]!;
    sum -= off * off * precision[p]!;
  }
  return sum;
}

/** Of each pixel over the images of one class, or over all. */
function momentsOf(images: Images, label?: number) {
  const size = images.pixels.length / images.count;
  const sum = new Float64Array(size), squares = new Float64Array(size);
  let count = 0;
  for (let i = 0; i < images.count; i++) {
    if (label !== undefined && images.labels[i] !== label) continue;
    count++;
    const image = imageAt(images, i);
    for (let p = 0; p < size; p++) {
      const byte = image[p]!;
      sum[p]! += byte;
      squares[p]! += byte * byte;
    }
  }
  // Of no images, anything but NaN: the logarithm of the prior, -Infinity, speaks for the class.
  const n = Math.max(count, 1);
  return {
    count,
    mean: sum.map((own) => own / n),
    // Numerator and denominator are whole numbers that f64 holds, so nothing cancels.
    variance: sum.map((own, p) => (n * squares[p]! - own * own) / (n * n)),
  };
}
