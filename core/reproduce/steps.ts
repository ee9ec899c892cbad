/**
 * The first steps of the main arm's first seed, on the data set or on batches from a file: what can
 * be checked in minutes, and where the data cannot go.
 */
import { readyBatches } from "../data/batches.ts";
import { type Dataset, DATASETS, firstImages } from "../data/dataset.ts";
import { type Device, DeviceError } from "../device/device.ts";
import { imagesOfStep } from "../experiment/arms/arm.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { chooseDevice, type Chosen, type DeviceChoice } from "../experiment/device_choice.ts";
import type { CellRecord } from "../experiment/records/record.ts";
import { openShown, openTraining } from "../experiment/cells/open_training.ts";
import type { Training } from "../train/training.ts";
import { type Batches, readBatches, writeBatches } from "./batches.ts";
import type { Point } from "./chains.ts";
import type { Comparison } from "./compare.ts";
import { comparedCells } from "./lock.ts";
import type { TrainedPair } from "./out_of_date.ts";
import { replay } from "./replay.ts";
import { type Asked, firstTarget, loadTargetData, type Source, type Target } from "./target.ts";
import { type Answer, answerOf } from "./tier.ts";

/** What is asked about first steps. */
export type StepsOptions = Asked & { readonly device: DeviceChoice };

/** Listens. */
export interface StepsWatcher {
  /** Once, before the first step; `last` is the last one that is compared. */
  found(target: Target, last: number): void;
  chosen(chosen: Chosen): void;
  stepped(step: number): void;
}

/** How it ended. */
export interface StepsResult {
  readonly target: Target;
  readonly comparison: Comparison;
  readonly answer: Answer;
}

/**
 * Trains the first `steps` steps, as far as weight digests were locked, and compares.
 *
 * @throws {DeclarationError} naming the smallest useful number of steps when it is smaller.
 * @throws {OutOfDateError} when the cell or its data are others now.
 * @throws {DeviceError} where no spelling of the arithmetic contract holds: bits are not compared.
 */
export async function reproduceSteps(
  source: Source,
  options: StepsOptions,
  steps: number,
  watcher: StepsWatcher,
): Promise<StepsResult> {
  const target = await firstTarget(source, options);
  const { pair } = target;
  const { config, seed } = pair.cell;
  const points = pointsUpTo(pair.locked, steps);
  const data = await dataOf(source, target, options);
  watcher.found(target, lastOf(points));
  const open = (device: Device) => openTraining(device, config, seed, data);
  return await compareOn(source, options, target, points, open, watcher);
}

/**
 * Trains on the batches in `file` and compares.
 *
 * @throws as {@link readBatches} does, and for the device as {@link reproduceSteps}.
 */
export async function reproduceBatches(
  source: Source,
  options: StepsOptions,
  file: string,
  watcher: StepsWatcher,
): Promise<StepsResult> {
  const target = await firstTarget(source, options);
  const { lock, pair } = target;
  const batches = await readBatches(source.host, file, lock, pair);
  watcher.found(target, lastOf(batches.points));
  const open = (device: Device) => openOnBatches(device, pair, batches);
  return await compareOn(source, options, target, batches.points, open, watcher, {
    only: "for these batches",
  });
}

/** What {@link packBatches} wrote. */
export interface Packed {
  readonly target: Target;
  readonly cell: string;
  readonly steps: number;
  readonly bytes: number;
}

/**
 * Writes the batches of the first `steps` steps into a file, up to the first weight digest after the
 * start if it is left out.
 *
 * @throws as {@link writeBatches} does, and as {@link reproduceSteps}.
 */
export async function packBatches(
  source: Source,
  options: Asked,
  file: string,
  steps: number | undefined,
): Promise<Packed> {
  const target = await firstTarget(source, options);
  const { lock, pair } = target;
  const { chain } = pair.locked.progress;
  const points = pointsUpTo(pair.locked, steps ?? chain[1]?.[0] ?? 0);
  const data = await dataOf(source, target, options);
  const bytes = await writeBatches(source.host, file, lock, pair, data, points);
  return { target, cell: pair.cell.id, steps: lastOf(points), bytes };
}

/**
 * The points of a locked chain up to `steps`; of a shorter cell all of them.
 *
 * @throws {DeclarationError} naming the smallest useful number when there is none but step 0.
 */
function pointsUpTo(
  { id, progress: { chain } }: CellRecord,
  steps: number,
): readonly Point[] {
  const points = chain.filter(([step]) => step <= steps);
  if (points.length > 1) return points;
  const [, first] = chain;
  throw new DeclarationError(
    first === undefined
      ? `${id} was locked without a step; there is nothing to check`
      : `the first ${steps} steps of ${id} end before its first locked weight digest, at step ` +
        `${first[0]}; ask for at least --steps ${first[0]}`,
  );
}

async function dataOf(
  source: Source,
  target: Target & { readonly pair: TrainedPair },
  options: Asked,
): Promise<Dataset> {
  return (await loadTargetData(source, target, options)).get(target.pair.cell.config.data)!;
}

async function compareOn(
  { host }: Source,
  { device: choice }: StepsOptions,
  target: Target & { readonly pair: TrainedPair },
  points: readonly Point[],
  open: (device: Device) => Promise<Training>,
  { chosen: took, stepped }: StepsWatcher,
  limits: { readonly only?: string } = {},
): Promise<StepsResult> {
  const { lock, pair: { locked } } = target;
  const chosen = await chooseDevice(host, choice);
  try {
    requireComparable(chosen.device, locked);
    took(chosen);
    const training = await open(chosen.device);
    try {
      const comparison = await follow(training, locked, points, stepped);
      const answer = answerOf([comparison], {
        lockedCells: comparedCells(lock).length,
        unexpected: comparison.bits === "same" ? [] : ["of first steps only bits are compared"],
        ...limits,
      });
      return { target, comparison, answer };
    } finally {
      training.close();
    }
  } finally {
    chosen.device.close();
    chosen.spare?.close();
  }
}

function requireComparable({ info }: Device, locked: CellRecord): void {
  const none = [info, locked.device].find(({ spelling }) => spelling === "none");
  if (none === undefined) return;
  throw new DeviceError(
    `on ${none.name} no spelling of the arithmetic contract holds, so its bits are not compared; ` +
      (none === info
        ? "take another device (--device cpu), or run whole cells, whose metrics are compared " +
          "(leave --steps and batches out)"
        : "the lock was made there, so only the metrics of whole cells can be compared with it"),
  );
}

async function follow(
  training: Training,
  { id, progress }: CellRecord,
  points: readonly Point[],
  stepped: (step: number) => void,
): Promise<Comparison> {
  const common = { id, steps: lastOf(points), of: progress.step, others: [] };
  const strayed = await replay(training, 0, points, stepped);
  if (strayed === undefined) return { ...common, bits: "same" };
  const { step } = strayed;
  const sameAt = points.findLast(([at]) => at < step)?.[0];
  const weights = { step, ...(sameAt !== undefined && { sameAt }) };
  return { ...common, bits: "other", weights };
}

/** A training that has the batches in the place of the data set. */
function openOnBatches(
  device: Device,
  { cell: { config, seed }, locked }: TrainedPair,
  { images, pixels }: Batches,
): Promise<Training> {
  const { data: name } = config;
  const data: Dataset = {
    name,
    source: "published",
    digest: locked.digests.data!,
    shape: DATASETS[name].shape,
    // Their names are not in the file, and no step asks for them.
    classes: [],
    train: images,
    // A program needs some test image, and none of them is asked about.
    test: firstImages(images, 1),
    description: `batches of ${locked.id}`,
  };
  const order = readyBatches(images.count, imagesOfStep(config));
  return openShown(device, config, seed, { data, order, pixels });
}

function lastOf(points: readonly Point[]): number {
  return points.at(-1)![0];
}
