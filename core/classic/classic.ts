/**
 * Classical models, as data: what classified images before deep nets did. They learn on the host from
 * bytes, in whole numbers and + - * / on f64 in one fixed order, so that they too come out the same
 * everywhere. Each is fitted in a file of its own, apart from here, where a report reads too.
 */
import { z } from "zod";

const naiveBayesSchema = z.strictObject({
  classic: z.literal("naive Bayes"),
  /**
   * Added to all variances, as a share of the largest variance of any pixel over all images; without
   * it a pixel that never varies in a class would decide alone.
   */
  smoothing: z.number().positive().max(1).default(0.1),
});

const decisionTreeSchema = z.strictObject({
  classic: z.literal("decision tree"),
  /** Questions on the way to a leaf, at most. */
  depth: z.int().min(1).max(64).default(12),
  /** A leaf holds at least so many training images. */
  leaf: z.int().min(1).default(5),
});

const kMeansSchema = z.strictObject({
  classic: z.literal("k-means"),
  clusters: z.int().min(2).max(10_000).default(100),
  /** In each, images go to the nearest centre, and centres to the mean of their images. */
  rounds: z.int().min(1).max(1_000).default(10),
});

const nearestSchema = z.strictObject({
  classic: z.literal("nearest neighbour"),
  /** `l1`: the sum of |a - b| over all bytes; `l2`: that of (a - b)^2. */
  metric: z.enum(["l1", "l2"]).default("l2"),
});

/** The schema of a classical model. */
export const classicSchema = z.discriminatedUnion("classic", [
  naiveBayesSchema,
  decisionTreeSchema,
  kMeansSchema,
  nearestSchema,
]);

/** A classical model, defaults filled in. */
export type Classic = z.output<typeof classicSchema>;

/** Gaussian naive Bayes. */
export type NaiveBayes = z.output<typeof naiveBayesSchema>;
/** A decision tree. */
export type DecisionTree = z.output<typeof decisionTreeSchema>;
/** k-means with majority labels. */
export type KMeans = z.output<typeof kMeansSchema>;
/** The nearest neighbour. */
export type NearestNeighbour = z.output<typeof nearestSchema>;
