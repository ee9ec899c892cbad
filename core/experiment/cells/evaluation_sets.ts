/** The sets of images that a cell is evaluated on, and what their evaluations say. */
import type { EvaluationSet } from "../../train/evaluations.ts";
import type { Supervised } from "../arms/arm.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { EvaluationRecord } from "../records/record.ts";

/** The training images in inference mode; `train` in metrics.csv is the loss of a step's batch. */
export const TRAINING = "training";

/** Images that nothing is learned from, to see on the way how a training goes. */
export const VALIDATION = "validation";

/**
 * What an arm is evaluated on; the test images last, since progress shows the last one.
 *
 * @throws {DeclarationError} when it is to be on validation images as it trains, and none are left.
 */
export function evaluationSets(
  arm: Supervised,
  training: Uint32Array,
  validation: Uint32Array,
  testImages: number,
): Record<string, EvaluationSet> {
  const { evaluations, level } = arm;
  if (typeof evaluations === "object" && validation.length === 0 && !level) {
    throw new DeclarationError(
      `evaluations every ${evaluations.every} steps are on validation images, and all ` +
        `${arm.trainImages} images are there to train on; make trainImages fewer, or evaluations ` +
        '"every epoch"',
    );
  }
  const test = Math.min(arm.testImages ?? Infinity, testImages);
  return {
    ...(level && { [TRAINING]: { split: "train", indices: training } }),
    ...(validation.length > 0 && {
      [VALIDATION]: { split: "train", indices: validation.subarray(0, arm.validationImages) },
    }),
    test: { split: "test", indices: Uint32Array.from({ length: test }, (_, i) => i) },
  };
}

/** The first evaluation at which the training images reached an accuracy. */
export function firstAt(
  evaluations: readonly EvaluationRecord[],
  accuracy: number,
): EvaluationRecord | undefined {
  return evaluations.find((found) =>
    found.set === TRAINING && found.accuracy !== null && found.accuracy >= accuracy
  );
}
