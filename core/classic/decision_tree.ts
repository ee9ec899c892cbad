/**
 * A decision tree (CART, Breiman et al. 1984): each node asks whether one pixel is at most some value,
 * and is split where that leaves the labels of the two halves the least mixed by Gini's measure.
 *
 * Ours, since the library for it (ml-cart 2.1.1) copies a node's labels for every value that it might
 * be split at, which on 10,000 images of 784 pixels is 10^11 copies for the first node. Bytes have few
 * values, so here one histogram of a pixel holds all its splits. Counts are whole numbers; what is
 * divided, is so once per split, in f64.
 */
import { imageAt, type Images } from "../data/dataset.ts";
import type { DecisionTree } from "./classic.ts";
import { type Classify, largest } from "./classify.ts";

/** Either half of a question, down to a leaf's label. */
type Node = number | {
  readonly pixel: number;
  /** Images whose pixel is at most this go to `low`. */
  readonly threshold: number;
  readonly low: Node;
  readonly high: Node;
};

const BYTES = 256;

/** Fits it to images of `classes` classes. */
export function fitDecisionTree(
  { depth, leaf }: DecisionTree,
  images: Images,
  classes: number,
): Classify {
  const grow = (chosen: Uint32Array, left: number): Node => {
    const split = left === 0 ? undefined : bestSplit(images, chosen, classes, leaf);
    if (!split) return largest(labelCounts(images, chosen, classes));
    const goesLow = (index: number) => imageAt(images, index)[split.pixel]! <= split.threshold;
    return {
      ...split,
      low: grow(chosen.filter(goesLow), left - 1),
      high: grow(chosen.filter((index) => !goesLow(index)), left - 1),
    };
  };
  const root = grow(Uint32Array.from({ length: images.count }, (_, i) => i), depth);
  return (shown) =>
    Uint8Array.from({ length: shown.count }, (_, i) => {
      const image = imageAt(shown, i);
      let node = root;
      while (typeof node !== "number") {
        node = image[node.pixel]! <= node.threshold ? node.low : node.high;
      }
      return node;
    });
}

/**
 * The question that leaves the labels the least mixed, the first one among equals; none where no
 * question leaves them less mixed than they are.
 */
function bestSplit(
  { pixels, labels, count }: Images,
  chosen: Uint32Array,
  classes: number,
  leaf: number,
): { readonly pixel: number; readonly threshold: number } | undefined {
  const size = pixels.length / count;
  const all = labelCounts({ labels }, chosen, classes);
  // The larger the sum of squared counts over the number of images, the less mixed are labels.
  const squares = all.reduce((sum, own) => sum + own * own, 0);
  let best: { pixel: number; threshold: number } | undefined;
  let purest = squares / chosen.length;
  const histogram = new Uint32Array(BYTES * classes);
  const low = new Float64Array(classes);
  for (let pixel = 0; pixel < size; pixel++) {
    histogram.fill(0);
    let first = BYTES, last = 0;
    for (const index of chosen) {
      const byte = pixels[index * size + pixel]!;
      histogram[byte * classes + labels[index]!]!++;
      if (byte < first) first = byte;
      if (byte > last) last = byte;
    }
    low.fill(0);
    let lowCount = 0, lowSquares = 0, highSquares = squares, before = first;
    for (let byte = first; byte <= last; byte++) {
      const highCount = chosen.length - lowCount;
      const at = byte * classes;
      let here = 0;
      for (let label = 0; label < classes; label++) here += histogram[at + label]!;
      if (here === 0) continue;
      if (lowCount >= leaf && highCount >= leaf) {
        const purity = lowSquares / lowCount + highSquares / highCount;
        if (purity > purest) {
          purest = purity;
          best = { pixel, threshold: (before + byte) / 2 };
        }
      }
      for (let label = 0; label < classes; label++) {
        const moved = histogram[at + label]!;
        const high = all[label]! - low[label]!;
        lowSquares += moved * (2 * low[label]! + moved);
        highSquares -= moved * (2 * high - moved);
        low[label]! += moved;
      }
      lowCount += here;
      before = byte;
    }
  }
  return best;
}

function labelCounts(
  { labels }: Pick<Images, "labels">,
  chosen: Uint32Array,
  classes: number,
): Float64Array {
  const counts = new Float64Array(classes);
  for (const index of chosen) counts[labels[index]!]!++;
  return counts;
}
