/** Runs one cell of an adversarial arm: trains the pair and looks at it on the way. */
import { type BatchOrder, shuffledBatches } from "../../data/batches.ts";
import {
  chosenImages,
  type Dataset,
  firstImages,
  type Images,
  joinedImages,
} from "../../data/dataset.ts";
import { trainValidationSplit } from "../../data/split.ts";
import type { Device } from "../../device/device.ts";
import { buildAdversarial } from "../../train/adversarial.ts";
import { buildLook } from "../../train/look.ts";
import type { Looks } from "../../train/loop.ts";
import { type OpenPair, openPair, type PairTrainer } from "../../train/pair.ts";
import type { Looked, PairLooker } from "../../train/pair_looker.ts";
import type { Adversarial } from "../arms/adversarial.ts";
import { imageShape } from "../arms/arm.ts";
import { fitting } from "./checkpoint_file.ts";
import { type CellLog, type CellOutcome, type CellTools, trainCell } from "./cell_log.ts";
import { DeclarationError } from "../declaration_error.ts";
import { leaveGrid } from "../samples/generated_samples.ts";
import { lookAt, rangeOf } from "./look_at_pair.ts";
import type { Cell } from "../plan.ts";
import { readYardstick, type YardstickWeights } from "../measures/yardstick.ts";

/** Opens the pair of a cell that sees some images in an order, only to be trained. */
export async function openPairOn(
  device: Device,
  arm: Adversarial,
  seed: number,
  images: Images,
  order: BatchOrder,
): Promise<PairTrainer> {
  const store = { name: "train", count: images.count, image: imageShape(arm) };
  const programs = buildAdversarial(arm, store);
  return (await openPair(device, { programs, config: arm, store, images, seed, order })).trainer;
}

/** The published training images that an arm is trained on. */
export function trainedOn({ trainImages }: Adversarial, { train }: Dataset): Uint32Array {
  return trainValidationSplit(train.count, trainImages).train;
}

/** Which of the published training images each step of a cell sees. */
export function pairOrder(arm: Adversarial, seed: number, data: Dataset): BatchOrder {
  return shuffledBatches(seed, trainedOn(arm, data), arm.batch);
}

/**
 * How many images of each kind a look takes.
 *
 * @throws {DeclarationError} when there are too few.
 */
export function lookCount(
  { trainImages, samples }: Pick<Adversarial, "trainImages" | "samples">,
  { train, test }: Dataset,
): number {
  const heldOut = train.count - trainImages;
  const count = Math.min(samples, test.count, heldOut);
  if (count < 2) {
    throw new DeclarationError(
      `${trainImages} of ${train.count} training images leave ${heldOut} held out, and a pair of ` +
        "nets is looked at with at least 2; set trainImages lower",
    );
  }
  return count;
}

/**
 * The real images that a look takes, and as many others to hold them against: test images, then
 * held-out training images.
 *
 * @throws {DeclarationError} when there are too few.
 */
export function lookImages(
  arm: Pick<Adversarial, "trainImages" | "samples">,
  data: Dataset,
): Images {
  const count = lookCount(arm, data);
  const { validation } = trainValidationSplit(data.train.count, arm.trainImages);
  const others = chosenImages(data.train, validation.subarray(0, count));
  return joinedImages(firstImages(data.test, count), others);
}

/**
 * Opens the pair of a cell to be trained and looked at.
 *
 * @throws {CheckpointError} when the yardstick's weights are not those of its declared net.
 */
export async function openPairCell(
  device: Device,
  arm: Adversarial,
  seed: number,
  published: Dataset,
  yardstick: YardstickWeights | undefined,
): Promise<Required<OpenPair>> {
  const image = imageShape(arm);
  const { train } = published;
  const images = lookImages(arm, published);
  const store = { name: "train", count: train.count, image };
  const heldOut = { name: "held out", count: images.count, image };
  const programs = buildAdversarial(arm, store);
  const look = buildLook(arm, heldOut, programs, yardstick && arm.yardstick, arm.activations);
  if (yardstick) {
    const { parameters, statistics } = look.yardstick!;
    fitting(yardstick.path, () => {
      for (const layout of [parameters, statistics]) layout.restore(yardstick.tensors, () => {});
    });
  }
  const pair = await openPair(device, {
    ...{ programs, config: arm, store, images: train, seed },
    order: pairOrder(arm, seed, published),
    look: {
      ...{ programs: look, store: heldOut, images },
      ...(yardstick && { yardstick: yardstick.tensors }),
    },
  });
  return pair as Required<OpenPair>;
}

/**
 * Trains a cell to its last step, or until `stop` answers true.
 *
 * @param experiments the folder of all experiments, where its yardstick's lock is.
 * @throws {CheckpointError} when its checkpoint or its yardstick's is damaged.
 * @throws {DeclarationError} when its yardstick is not there.
 */
export async function runAdversarialCell(
  { device, experiments, ...tools }: CellTools & {
    readonly device: Device;
    readonly experiments: string;
  },
  cell: Cell & { readonly config: Adversarial },
  data: Dataset,
  folder: string,
): Promise<CellOutcome> {
  const arm = cell.config;
  const weights = arm.yardstick && await readYardstick(tools.host, experiments, arm.yardstick);
  const { trainer, looker } = await openPairCell(device, arm, cell.seed, data, weights);
  try {
    const count = lookCount(arm, data);
    return await trainCell(
      tools,
      trainer,
      cell,
      folder,
      (log) => [looksOf(log, looker, arm, count, tools)],
    );
  } finally {
    trainer.close();
  }
}

function looksOf(
  log: CellLog,
  looker: PairLooker,
  arm: Adversarial,
  count: number,
  { host, reporter }: CellTools,
): Looks {
  const { run, cell } = log;
  // The same at every look, as the yardstick does not learn.
  let known: Looked | undefined;
  return {
    every: arm.lookEvery,
    ended: false,
    async at(step) {
      if (arm.yardstick) {
        known ??= await looker.look("known", 2 * count);
        run.range ??= await rangeOf(looker, known);
      }
      const { look, images } = await lookAt(looker, arm, count, step, known);
      (run.looks ??= []).push(look);
      log.row(step, "discriminator", "accuracy", look.discriminator.accuracy);
      if (look.yardstick) {
        const { frechetDistance, entropy } = look.yardstick;
        log.row(step, "generated", "frechet distance", frechetDistance ?? NaN);
        log.row(step, "generated", "class entropy", entropy);
      }
      await leaveGrid(host, log.folder, step, images, imageShape(arm));
      reporter.looked(cell, look);
      return false;
    },
  };
}
