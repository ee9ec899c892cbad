/**
 * Classical models: what classified images before deep nets did, declared as data and fitted by one
 * function. They learn on the host from bytes, in whole numbers and + - * / on f64 in one fixed order,
 * so that they too come out the same everywhere.
 */
import { z } from "zod";
import type { Images } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import type { Classify } from "./classify.ts";
import { decisionTreeSchema, fitDecisionTree } from "./decision_tree.ts";
import { fitKMeans, kMeansSchema } from "./k_means.ts";
import { fitNaiveBayes, naiveBayesSchema } from "./naive_bayes.ts";
import { amongNeighbours, nearestSchema } from "./nearest_neighbour.ts";

/** The schema of a classical model. */
export const classicSchema = z.discriminatedUnion("classic", [
  naiveBayesSchema,
  decisionTreeSchema,
  kMeansSchema,
  nearestSchema,
]);

/** A classical model, defaults filled in. */
export type Classic = z.output<typeof classicSchema>;

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
 * import { classicSchema, fitClassic } from "./classic.ts";
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
