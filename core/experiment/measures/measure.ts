/**
 * Measures: the numbers of a finished cell that claims and tables speak of. They are taken from the
 * declaration, of what was recorded on the way (evaluations, looks into a net or at a pair) and of the
 * readings of the finished net (take_readings.ts), so a measure of these that is added later needs no
 * training again.
 */
import { z } from "zod";
import { changeSchema } from "../../data/change.ts";
import { DATASETS } from "../../data/dataset.ts";
import { describeNet } from "../../nn/describe.ts";
import { canFold } from "../../nn/fold.ts";
import { size } from "../../ops/op.ts";
import { storedBytesOf } from "../../train/supervised.ts";
import { imageShape, stepsPerEpoch, type Supervised, type Trained } from "../arms/arm.ts";
import { firstAt } from "../cells/evaluation_sets.ts";
import { netsOf, parametersOf } from "../arms/nets.ts";
import {
  type AttackMeasure,
  attackMeasureSchemas,
  attackReadings,
  isOfAttacks,
  takeAttackMeasure,
} from "./attack_measure.ts";
import {
  type InspectionMeasure,
  inspectionMeasureSchemas,
  isOfInspections,
  takeInspectionMeasure,
} from "./inspection_measure.ts";
import {
  isOfPairs,
  type PairMeasure,
  pairMeasureSchemas,
  takePairMeasure,
} from "./pair_measure.ts";
import { type AcrossMeasure, acrossSchemas, isAcross } from "./across.ts";
import { type Reading, readingKey } from "./reading.ts";
import { stepsTo } from "./steps_to.ts";
import type { CellRecord, EvaluationRecord, Progress } from "../records/record.ts";

const set = z.enum(["test", "validation"]);
const count = z.number().int().min(1);
/** The first so many test images. */
const images = count;
const changes = z.array(changeSchema).min(1);

/** Of every trained arm, or only of some. */
const common = { arms: z.array(z.string()).min(1).optional() };

/** The schema of a declared measure. */
export const measureSchema = z.discriminatedUnion("measure", [
  /** Share of images classified correctly at the last step, 0..1. */
  z.strictObject({ measure: z.literal("accuracy"), set, ...common }),
  /** Mean loss at the last step: the cross-entropy in nats, or what the arm has in its place. */
  z.strictObject({ measure: z.literal("loss"), set, ...common }),
  /**
   * Accuracy on the training images minus that on the test images, both in inference mode, at the
   * first evaluation that finds the former at `trainAccuracy` or above; absent where no evaluation
   * within `epochs` does. The arm watches for that level (`level` of a supervised arm).
   */
  z.strictObject({
    measure: z.literal("gap"),
    trainAccuracy: z.number().gt(0).max(1),
    epochs: count,
    ...common,
  }),
  /**
   * Accuracy on the training images minus that on the test images, both of the finished net in
   * inference mode; the training images are all that it learned from, under the labels that it was
   * told: a poison is among them.
   */
  z.strictObject({ measure: z.literal("finalGap"), ...common }),
  /** Accuracy on changed test images, the mean over `changes`. */
  z.strictObject({ measure: z.literal("accuracyUnder"), changes, images, ...common }),
  /** Accuracy on test images minus the accuracy on them changed. */
  z.strictObject({ measure: z.literal("drop"), changes, images, ...common }),
  /** (Accuracy on changed images - chance) / (accuracy on the same unchanged - chance). */
  z.strictObject({ measure: z.literal("retention"), changes, images, ...common }),
  /** Share of a 3x3 convolution's filters that are edge detectors (edge_filters.ts). */
  z.strictObject({
    measure: z.literal("edgeFilters"),
    layer: z.string(),
    at: z.enum(["start", "end"]).default("end"),
    ...common,
  }),
  /**
   * Largest difference of a logit between the net and its folded form (nn/fold.ts), over the largest
   * logit of the two, on test images; absent where nothing can be folded.
   */
  z.strictObject({ measure: z.literal("foldingDifference"), images, ...common }),
  /** Trainable numbers of the net, or of one layer by its name (`conv2d1`). */
  z.strictObject({ measure: z.literal("parameters"), layer: z.string().optional(), ...common }),
  /** Elements of a layer's output over those of its input. */
  z.strictObject({ measure: z.literal("shrinkage"), layer: z.string(), ...common }),
  /** Bytes of forward values, the batch included, that the backward pass of a step reads. */
  z.strictObject({ measure: z.literal("storedActivationBytes"), batch: count, ...common }),
  /** Those bytes over the bytes of the parameters. */
  z.strictObject({ measure: z.literal("activationsPerParameter"), batch: count, ...common }),
  /**
   * How far the weights turn back: minus the mean cosine of their successive displacements of 100
   * steps, which an arm keeps with `displacements`.
   */
  z.strictObject({ measure: z.literal("reversal"), ...common }),
  ...inspectionMeasureSchemas,
  ...attackMeasureSchemas,
  /**
   * Steps to the first evaluation at which the mean accuracy over the last `averaged` evaluations is
   * at least `accuracy`; the whole length of the training where none is.
   */
  z.strictObject({
    measure: z.literal("stepsTo"),
    set,
    accuracy: z.number().gt(0).max(1),
    averaged: count.default(1),
    ...common,
  }),
  ...pairMeasureSchemas,
  ...acrossSchemas,
]);

/** A declared measure. */
export type Measure = z.output<typeof measureSchema>;

/** A measure as it is declared. */
export type MeasureDeclaration = z.input<typeof measureSchema>;

/** What is known of a finished cell. */
export interface Facts
  extends Pick<Progress, "evaluations" | "inspections" | "looks" | "range" | "cosines"> {
  /** By {@link readingKey}. */
  readonly readings: CellRecord["readings"];
}

/** Whether an arm has a measure at all. */
export function isOf({ arms }: Measure, arm: string): boolean {
  return arms?.includes(arm) ?? true;
}

/** The readings of a finished net that a measure is made from; none where it does not apply. */
export function readingsFor(measure: Measure, arm: Trained): Reading[] {
  if (arm.kind !== "supervised") return [];
  switch (measure.measure) {
    case "finalGap":
      return [TRAINING_ACCURACY];
    case "accuracyUnder":
      return changedAccuracies(measure);
    case "drop":
    case "retention":
      return [unchangedAccuracy(measure), ...changedAccuracies(measure)];
    case "edgeFilters": {
      const layer = layerOf(arm, measure.layer)?.layer;
      const applies = layer?.layer === "conv2d" &&
        [layer.kernel].flat().every((side) => side === 3);
      return applies ? [edgeFilters(measure)] : [];
    }
    case "foldingDifference":
      return canFold(arm.net) ? [folding(measure)] : [];
    default:
      return isOfAttacks(measure) ? attackReadings(measure, arm) : [];
  }
}

/**
 * The value of a measure for a trained cell; `undefined` when the arm has no such layer or is of a
 * kind that has no such measure, the cell has no such evaluation, look or reading, or the measure is
 * not of one cell (across.ts).
 */
export function takeMeasure(measure: Measure, arm: Trained, facts: Facts): number | undefined {
  if (isAcross(measure)) return undefined;
  switch (measure.measure) {
    case "parameters":
      return measure.layer === undefined
        ? parametersOf(arm)
        : layerOf(arm, measure.layer)?.parameters;
    case "shrinkage": {
      const layer = layerOf(arm, measure.layer);
      return layer && size(layer.output) / size(layer.input);
    }
    case "reversal":
      return reversal(facts.cosines ?? []);
    default:
      if (arm.kind === "adversarial") {
        return isOfPairs(measure) ? takePairMeasure(measure, arm, facts) : undefined;
      }
      if (isOfInspections(measure)) return takeInspectionMeasure(measure, arm, facts);
      if (isOfAttacks(measure)) return takeAttackMeasure(measure, facts);
      return isOfPairs(measure) ? undefined : takeOfNet(measure, arm, facts);
  }
}

function takeOfNet(
  measure: Exclude<
    Measure,
    | (AttackMeasure | InspectionMeasure | PairMeasure | AcrossMeasure)
    | Of<"parameters" | "shrinkage" | "reversal">
  >,
  arm: Supervised,
  { evaluations, readings }: Facts,
): number | undefined {
  const read = (reading: Reading) => readings[readingKey(reading)] ?? undefined;
  const meanUnder = (under: Parameters<typeof changedAccuracies>[0]) => {
    const accuracies = changedAccuracies(under).map(read);
    return accuracies.reduce<number>((sum, accuracy) => sum + (accuracy ?? NaN), 0) /
      accuracies.length;
  };
  switch (measure.measure) {
    case "accuracy":
    case "loss":
      return last(measure.set, evaluations)?.[measure.measure] ?? undefined;
    case "gap":
      return gap(measure, arm, evaluations);
    case "finalGap":
      return (read(TRAINING_ACCURACY) ?? NaN) - (last("test", evaluations)?.accuracy ?? NaN);
    case "accuracyUnder":
      return meanUnder(measure);
    case "drop":
      return (read(unchangedAccuracy(measure)) ?? NaN) - meanUnder(measure);
    case "retention": {
      const chance = 1 / DATASETS[arm.data].classes;
      const plain = read(unchangedAccuracy(measure)) ?? NaN;
      return (meanUnder(measure) - chance) / (plain - chance);
    }
    case "edgeFilters":
      return read(edgeFilters(measure));
    case "foldingDifference":
      return read(folding(measure));
    case "stepsTo":
      return stepsTo(evaluations, measure, arm.steps!);
    case "storedActivationBytes":
      return storedBytes(arm, measure.batch);
    case "activationsPerParameter":
      return storedBytes(arm, measure.batch) / (4 * parametersOf(arm));
  }
}

type Of<Kind extends Measure["measure"]> = Extract<Measure, { measure: Kind }>;

const TRAINING_ACCURACY: Reading = { reading: "training accuracy" };

function unchangedAccuracy({ images }: Of<"drop" | "retention">): Reading {
  return { reading: "accuracy", change: null, images };
}

function changedAccuracies(
  { changes, images }: Of<"accuracyUnder" | "drop" | "retention">,
): Reading[] {
  return changes.map((change) => ({ reading: "accuracy", change, images }));
}

function edgeFilters({ layer, at }: Of<"edgeFilters">): Reading {
  return { reading: "edge filters", layer, at };
}

function folding({ images }: Of<"foldingDifference">): Reading {
  return { reading: "folding", images };
}

function last(set: string, evaluations: readonly EvaluationRecord[]): EvaluationRecord | undefined {
  return evaluations.findLast((found) => found.set === set);
}

function gap(
  { trainAccuracy, epochs }: Of<"gap">,
  arm: Supervised,
  evaluations: readonly EvaluationRecord[],
): number | undefined {
  const training = firstAt(evaluations, trainAccuracy);
  if (training === undefined || training.step > epochs * stepsPerEpoch(arm)) return undefined;
  const test = evaluations.find(({ set, step }) => set === "test" && step === training.step);
  if (test === undefined || test.accuracy === null) return undefined;
  return training.accuracy! - test.accuracy;
}

/** Of a pair by its net too: `generator/conv2dTranspose1`. */
function layerOf(arm: Trained, name: string) {
  for (const { owner, layers, input } of netsOf(arm)) {
    const found = describeNet(layers, input)
      .find((layer) => (owner ? `${owner}/${layer.name}` : layer.name) === name);
    if (found) return found;
  }
}

function reversal(cosines: NonNullable<Facts["cosines"]>): number | undefined {
  if (cosines.length === 0) return undefined;
  return -cosines.reduce((sum, [, cosine]) => sum + cosine, 0) / cosines.length;
}

function storedBytes(arm: Supervised, batch: number): number {
  const store = { count: 1, image: imageShape(arm) };
  const stores = {
    train: { name: "train", ...store },
    test: { name: "test", ...store },
    classes: DATASETS[arm.data].classes,
  };
  return storedBytesOf({ ...arm, batch }, stores);
}
