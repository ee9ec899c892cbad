/** Fits a declared classical model. */
import type { Images } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import type { Classic } from "./classic.ts";
import type { Classify } from "./classify.ts";
import { fitDecisionTree } from "./decision_tree.ts";
import { fitKMeans } from "./k_means.ts";
import { fitNaiveBayes } from "./naive_bayes.ts";
import { amongNeighbours } from "./nearest_neighbour.ts";

/**
 * Fits a model to images of a shape (height, width, channels); `device` is for the one that searches.
 *
 * @throws {RangeError} when the images are too few, or all the same.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mnistStandIn } from "../data/stand_in_mnist.ts";
 * import { openCpu } from "../device/cpu.ts";
 * import { classicSchema } from "./classic.ts";
 * import { fitClassic } from "./fit_classic.ts";
 *
 * const { train, test, shape, classes } = await mnistStandIn();
 * const device = openCpu("any", { threads: 1 });
 * const bayes = classicSchema.parse({ classic: "naive Bayes" });
 * const labels = await fitClassic(device, bayes, train, { shape, classes })(test);
 * const right = labels.filter((label, i) => label === test.labels[i]).length;
 * assert.ok(right > test.count / 2);
 * ```
 */
export function fitClassic(
  device: Device,
  classic: Classic,
  images: Images,
  { shape, classes }: {
    readonly shape: readonly [number, number, number];
    readonly classes: readonly string[];
  },
): Classify {
  switch (classic.classic) {
    case "naive Bayes":
      return fitNaiveBayes(classic, images, classes.length);
    case "decision tree":
      return fitDecisionTree(classic, images, classes.length);
    case "k-means":
      return fitKMeans(classic, images, classes.length);
    case "nearest neighbour":
      return amongNeighbours(device, classic, images, shape);
  }
}
