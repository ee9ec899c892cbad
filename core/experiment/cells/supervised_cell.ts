/** Runs one supervised cell in its folder, from its checkpoint if there is one. */
import { type BatchOrder, shuffledBatches } from "../../data/batches.ts";
import { onCanvas } from "../../data/canvas.ts";
import {
  chosenImages,
  type Dataset,
  DATASETS,
  firstImages,
  type Images,
} from "../../data/dataset.ts";
import { pixelMoments, type PixelScale } from "../../data/pixels.ts";
import { poisoned } from "../../data/poison.ts";
import { trainValidationSplit } from "../../data/split.ts";
import { drawSubset } from "../../data/subset.ts";
import type { Device } from "../../device/device.ts";
import { evaluationLooks, type EvaluationPlan } from "../../train/evaluations.ts";
import { buildInspection } from "../../train/inspection.ts";
import { buildSupervised } from "../../train/supervised.ts";
import type { Stores } from "../../train/supervised_config.ts";
import { openTrainer, type Trainer } from "../../train/trainer.ts";
import { imageShape, type Supervised } from "../arms/arm.ts";
import type { Inspect } from "../arms/inspect.ts";
import { type CellOutcome, type CellTools, trainCell } from "./cell_log.ts";
import { DeclarationError } from "../declaration_error.ts";
import { evaluationSets, firstAt, TRAINING, VALIDATION } from "./evaluation_sets.ts";
import { inspectionLooks } from "./inspect.ts";
import type { Cell } from "../plan.ts";
import { finite } from "../records/record.ts";

/** The form of an arm's images on the device. */
export function storesFor(arm: Supervised, counts: { train: number; test: number }): Stores {
  const image = imageShape(arm);
  const tables = arm.pixels === "standardised" ? image[2] : 1;
  return {
    train: { name: "train", count: counts.train, image, tables },
    test: { name: "test", count: counts.test, image, tables },
    classes: DATASETS[arm.data].classes,
  };
}

/** The data as an arm's net is given them. */
function seenBy({ canvas }: Supervised, data: Dataset): Dataset {
  return canvas === undefined ? data : onCanvas(data, canvas);
}

/** At most the first `count` of the test images that an arm is tested on, as its net is given them. */
export function firstSeen(arm: Supervised, published: Dataset, count = Infinity): Dataset {
  const tested = Math.min(count, arm.testImages ?? Infinity, published.test.count);
  // A program needs some training image, and none of them is asked about.
  const train = firstImages(published.train, 1);
  return seenBy(arm, { ...published, train, test: firstImages(published.test, tested) });
}

/** All images that a cell is trained on, as its net is given them. */
export function seenInTraining(arm: Supervised, seed: number, published: Dataset): Images {
  const { data, training } = trainingImages(arm, seed, published);
  const train = chosenImages(data.train, training);
  return seenBy(arm, { ...data, train, test: firstImages(data.test, 1) }).train;
}

/** What the trainer of a cell is opened on. */
export interface Shown {
  /** As published, but for the training images, which may be poisoned, or others altogether. */
  readonly data: Dataset;
  /** Which of the training images each step sees. */
  readonly order: BatchOrder;
  /** How the pixels of all images reach the net. */
  readonly pixels: PixelScale;
}

/** The images of a cell: the data with its poison, and which of them train and which validate. */
export interface CellImages {
  readonly data: Dataset;
  readonly training: Uint32Array;
  /** Those that were taken to train on before a subset was drawn of them. */
  readonly unlabelled: Uint32Array;
  readonly validation: Uint32Array;
}

/** Opens a trainer for a cell, to be inspected if its arm asks for it. */
export async function openCell(
  device: Device,
  arm: Supervised,
  seed: number,
  published: Dataset,
): Promise<CellImages & { readonly trainer: Trainer }> {
  requireTrainImages(arm, published);
  const images = trainingImages(arm, seed, published);
  const trainer = await openOn(device, arm, seed, shownTo(arm, seed, images), arm.inspect);
  return { trainer, ...images };
}

/** Training images by the fixed split, of these the seed's subset, and of that its poison. */
export function trainingImages(
  { data: name, trainImages, subset, poison }: Supervised,
  seed: number,
  published: Dataset,
): CellImages {
  const { train, validation } = trainValidationSplit(published.train.count, trainImages);
  const training = subset === undefined ? train : drawSubset(seed, train, subset);
  const rest = { unlabelled: train, validation };
  if (!poison) return { data: published, training, ...rest };
  const { classes } = DATASETS[name];
  const spoilt = poisoned({ images: published.train, training }, poison, { seed, classes });
  return { data: { ...published, train: spoilt.images }, training: spoilt.training, ...rest };
}

/** What a cell's net is shown. */
export function shownTo(
  arm: Supervised,
  seed: number,
  { data, training, unlabelled }: CellImages,
): Shown {
  const { batch, virtual } = arm;
  const besides = virtual && shuffledBatches(seed, unlabelled, virtual.batch, "unlabelled");
  const order = {
    ...shuffledBatches(seed, training, batch),
    ...(besides && { unlabelled: besides.batch }),
  };
  return { data, order, pixels: pixelsOf(arm, data, training) };
}

/** @throws {DataError} when a channel of images to be standardised is the same everywhere. */
function pixelsOf(arm: Supervised, data: Dataset, training: Uint32Array): PixelScale {
  if (arm.pixels !== "standardised") return arm.pixels;
  const { train, shape } = seenBy(arm, data);
  return pixelMoments(train, shape[2], training);
}

/** Opens a trainer that is shown some images. */
export function openOn(
  device: Device,
  arm: Supervised,
  seed: number,
  { data, order, pixels }: Shown,
  inspect?: Inspect,
): Promise<Trainer> {
  const stores = storesFor(arm, { train: data.train.count, test: data.test.count });
  const programs = buildSupervised(arm, stores);
  const inspection = inspect && buildInspection(arm, inspect, stores, programs.net);
  const built = { programs, inspection, config: arm, stores };
  return openTrainer(device, { ...built, data: seenBy(arm, data), seed, order, pixels });
}

/** @throws {DeclarationError} when there are fewer training images than the arm asks for. */
export function requireTrainImages(
  { trainImages = 0 }: { readonly trainImages?: number | undefined },
  data: Dataset,
): void {
  if (trainImages > data.train.count) {
    throw new DeclarationError(
      `${trainImages} training images were asked for, but ${data.description} has ` +
        `${data.train.count}; set trainImages to at most that`,
    );
  }
}

/**
 * Trains a cell to its last step, or until `stop` answers true.
 *
 * @throws {CheckpointError} when its checkpoint is damaged.
 */
export async function runSupervisedCell(
  { device, ...tools }: CellTools & { readonly device: Device },
  cell: Cell & { readonly config: Supervised },
  data: Dataset,
  folder: string,
): Promise<CellOutcome> {
  const arm = cell.config;
  const { trainer, training, validation } = await openCell(device, arm, cell.seed, data);
  try {
    return await trainCell(tools, trainer, cell, folder, (log) => {
      const { run } = log;
      const plan: EvaluationPlan = {
        evaluations: evaluationSets(arm, training, validation, data.test.count),
        when: typeof arm.evaluations === "string"
          ? arm.evaluations
          : { ...arm.evaluations, sets: [VALIDATION] },
        ...(arm.level && {
          level: {
            set: TRAINING,
            accuracy: arm.level.trainAccuracy,
            stop: arm.level.stop,
            reached: firstAt(run.evaluations, arm.level.trainAccuracy) !== undefined,
          },
        }),
      };
      const evaluated = evaluationLooks(trainer, plan, (step, set, { accuracy, loss, count }) => {
        const record = { step, set, accuracy: finite(accuracy), loss: finite(loss), count };
        run.evaluations.push(record);
        log.row(step, set, "accuracy", accuracy);
        log.row(step, set, "loss", loss);
        tools.reporter.evaluated(cell, record);
      });
      const { inspector } = trainer;
      return [
        evaluated,
        ...inspector && arm.inspect ? [inspectionLooks(inspector, arm.inspect, run)] : [],
      ];
    });
  } finally {
    trainer.close();
  }
}
