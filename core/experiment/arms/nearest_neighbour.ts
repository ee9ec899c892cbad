/**
 * The arm that learns nothing: a test image is taken for what the training image is that differs
 * least from it, pixel byte by pixel byte, the first one among equals. Its test images are shared out
 * to cells, so that a run can be stopped and gone on with; what the cells found is pooled afterwards.
 */
import { z } from "zod";
import { DATASETS } from "../../data/dataset.ts";
import type { Metric } from "../../ops/distances.ts";

const count = z.number().int().min(1);

/** Every field reaches the cells' programs or data. */
export const nearestNeighbourSchema = z.strictObject({
  kind: z.literal("nearestNeighbour"),
  data: z.enum(["mnist", "cifar10"]),
  /** `l1`: the sum of |a - b| over all bytes; `l2`: that of (a - b)^2. */
  metric: z.enum(["l1", "l2"] satisfies Metric[]),
  /** Search among only the first so many training images. */
  trainImages: count.optional(),
  /** Compare only the first so many test images. */
  testImages: count.optional(),
});

/** A nearest-neighbour arm. */
export type NearestNeighbour = z.output<typeof nearestNeighbourSchema>;

/** A nearest-neighbour arm as one cell runs it. */
export const nearestCellSchema = nearestNeighbourSchema.extend({
  /** Test images of all cells together. */
  testImages: count,
  /** The test images of this one: `from` to `to - 1`. */
  images: z.strictObject({ from: z.number().int().min(0), to: count }),
});

/** A nearest-neighbour arm as one cell runs it. */
export type NearestCell = z.output<typeof nearestCellSchema>;

/** What comes out of the arm. */
export const NEAREST_MEASURES = ["test accuracy", "correct", "images"] as const;

/** Test images of a cell: some seconds' work, which is what a kill can cost. */
const CELL_IMAGES = 1_000;

/** The shares of an arm's test images, in order. */
export function shareOut(arm: NearestNeighbour): NearestCell[] {
  const all = DATASETS[arm.data].testImages;
  const testImages = Math.min(arm.testImages ?? all, all);
  return Array.from({ length: Math.ceil(testImages / CELL_IMAGES) }, (_, i) => ({
    ...arm,
    testImages,
    images: { from: i * CELL_IMAGES, to: Math.min((i + 1) * CELL_IMAGES, testImages) },
  }));
}

/**
 * Declares an arm of nearest neighbours. Its measures are `test accuracy` in 0..1, `correct` and
 * `images`.
 *
 * @example
 * ```ts
 * import { nearestNeighbour } from "./nearest_neighbour.ts";
 * const arm = nearestNeighbour({ data: "cifar10", metric: "l1" });
 * console.assert(arm.kind === "nearestNeighbour");
 * ```
 */
export function nearestNeighbour(
  arm: Omit<z.input<typeof nearestNeighbourSchema>, "kind">,
): z.input<typeof nearestNeighbourSchema> {
  return { kind: "nearestNeighbour", ...arm };
}
