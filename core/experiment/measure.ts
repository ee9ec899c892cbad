/**
 * Measures: the numbers of a finished cell that claims and tables speak of. They are taken from the
 * declaration, the final evaluations and the checkpoint, never during training, so a measure that is
 * added later needs no training again.
 */
import { z } from "zod";
import { DATASETS } from "../data/dataset.ts";
import { describeNet, parameterCount } from "../nn/describe.ts";
import { size } from "../ops/op.ts";
import { storedBytesOf } from "../train/supervised.ts";
import type { Supervised } from "./arm.ts";

const set = z.enum(["test", "validation"]);
const batch = z.number().int().min(1);

/** The schema of a declared measure. */
export const measureSchema = z.discriminatedUnion("measure", [
  /** Share of images classified correctly at the last step, 0..1. */
  z.strictObject({ measure: z.literal("accuracy"), set }),
  /** Mean cross-entropy at the last step, in nats. */
  z.strictObject({ measure: z.literal("loss"), set }),
  /** Trainable numbers of the net, or of one layer by its name (`conv2d1`). */
  z.strictObject({ measure: z.literal("parameters"), layer: z.string().optional() }),
  /** Elements of a layer's output over those of its input. */
  z.strictObject({ measure: z.literal("shrinkage"), layer: z.string() }),
  /** Bytes of forward values, the batch included, that the backward pass of a step reads. */
  z.strictObject({ measure: z.literal("storedActivationBytes"), batch }),
  /** Those bytes over the bytes of the parameters. */
  z.strictObject({ measure: z.literal("activationsPerParameter"), batch }),
]);

/** A declared measure. */
export type Measure = z.output<typeof measureSchema>;

/** A final evaluation on one set of images. */
export interface FinalEvaluation {
  readonly accuracy: number;
  readonly loss: number;
}

/**
 * The value of a measure for a supervised cell; `undefined` when the arm has no such layer, or the
 * cell no such evaluation.
 */
export function takeMeasure(
  measure: Measure,
  arm: Supervised,
  evaluations: Readonly<Record<string, FinalEvaluation>>,
): number | undefined {
  const { shape } = DATASETS[arm.data];
  switch (measure.measure) {
    case "accuracy":
      return evaluations[measure.set]?.accuracy;
    case "loss":
      return evaluations[measure.set]?.loss;
    case "parameters":
      return measure.layer === undefined
        ? parameterCount(arm.net, shape)
        : layerOf(arm, measure.layer)?.parameters;
    case "shrinkage": {
      const layer = layerOf(arm, measure.layer);
      return layer && size(layer.output) / size(layer.input);
    }
    case "storedActivationBytes":
      return storedBytes(arm, measure.batch);
    case "activationsPerParameter":
      return storedBytes(arm, measure.batch) / (4 * parameterCount(arm.net, shape));
  }
}

function layerOf(arm: Supervised, name: string) {
  return describeNet(arm.net, DATASETS[arm.data].shape).find((layer) => layer.name === name);
}

function storedBytes(arm: Supervised, batch: number): number {
  const { shape, classes } = DATASETS[arm.data];
  const store = { count: 1, image: shape };
  const stores = {
    train: { name: "train", ...store },
    test: { name: "test", ...store },
    classes,
  };
  return storedBytesOf({ net: arm.net, optimiser: arm.optimiser, batch }, stores);
}
