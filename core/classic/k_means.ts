/**
 * k-means with majority labels: images are clustered without their labels, and each cluster stands
 * for the label that most of its images bear.
 *
 * By ml-kmeans, whose rounds take sums and comparisons in one fixed order. Its own ways to choose the
 * first centres are not taken: they draw from a generator that is seeded by the clock unless told
 * otherwise, and k-means++ takes longer than all rounds together. The first images are the first
 * centres, since those of a shuffled set are a fair sample.
 */
import { kmeans } from "ml-kmeans";
import { imageAt, type Images } from "../data/dataset.ts";
import type { KMeans } from "./classic.ts";
import { type Classify, largest } from "./classify.ts";

/** A cluster's centre and its label. */
interface Cluster {
  readonly centre: Float64Array;
  readonly label: number;
}

/**
 * Fits it to images of `classes` classes.
 *
 * @throws {RangeError} when there are fewer images than clusters.
 */
export function fitKMeans(
  { clusters, rounds }: KMeans,
  images: Images,
  classes: number,
): Classify {
  if (images.count < clusters) {
    throw new RangeError(`k-means: ${images.count} images cannot make ${clusters} clusters`);
  }
  const points = Array.from({ length: images.count }, (_, i) => Array.from(imageAt(images, i)));
  const found = kmeans(points, clusters, {
    initialization: points.slice(0, clusters),
    maxIterations: rounds,
    tolerance: 0,
  });
  const counts = Array.from({ length: clusters }, () => new Uint32Array(classes));
  found.clusters.forEach((cluster, i) => counts[cluster]![images.labels[i]!]!++);
  // An empty cluster has no label to give.
  const labelled = found.centroids.flatMap((centre, cluster): Cluster[] => {
    const own = counts[cluster]!;
    if (own.every((count) => count === 0)) return [];
    return [{ centre: Float64Array.from(centre), label: largest(own) }];
  });
  return (shown) =>
    Uint8Array.from({ length: shown.count }, (_, i) => nearest(labelled, imageAt(shown, i)).label);
}

/** The first one among equals. */
function nearest(clusters: readonly Cluster[], image: Uint8Array): Cluster {
  let best = clusters[0]!, least = Infinity;
  for (const cluster of clusters) {
    const { centre } = cluster;
    let sum = 0;
    for (let p = 0; p < image.length; p++) {
      const off = image[p]! - centre[p]!;
      sum += off * off;
    }
    if (sum < least) [best, least] = [cluster, sum];
  }
  return best;
}
