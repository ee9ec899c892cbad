/** Asks a finished cell's net the readings that its record does not have yet. */
import { shuffledBatches } from "../../data/batches.ts";
import { changeImages } from "../../data/change.ts";
import { chosenImages, type Dataset, firstImages, type Images } from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { Checkpoint } from "../../train/checkpoint.ts";
import { savedPixels } from "../../train/pixel_tensors.ts";
import { buildSupervised } from "../../train/supervised.ts";
import { openTrainer, type Trainer } from "../../train/trainer.ts";
import type { Supervised } from "../arms/arm.ts";
import { fitting, readCheckpoint } from "../cells/checkpoint_file.ts";
import { AttackedNet } from "./attack_readings.ts";
import { edgeFilterShare } from "./edge_filters.ts";
import { foldingDifference } from "./folding_difference.ts";
import type { Host } from "../host_interface.ts";
import type { Cell } from "../plan.ts";
import { type Reading, readingKey } from "./reading.ts";
import { type CellRecord, FILES, finite } from "../records/record.ts";
import type { Reporter } from "../reporter.ts";
import { firstSeen, seenInTraining, storesFor } from "../cells/supervised_cell.ts";

/** What taking readings needs. */
export interface ReadingTools {
  readonly host: Host;
  readonly device: Device;
  readonly reporter: Reporter;
  /** Asked between two readings; true leaves the rest to a resume. */
  readonly stop: () => boolean;
}

/**
 * The readings by their keys, from the checkpoint in `folder`; those before `stop` answered true.
 *
 * @throws {CheckpointError} when the checkpoint is damaged or does not fit.
 */
export async function takeReadings(
  { host, device, reporter, stop }: ReadingTools,
  cell: Cell & { readonly config: Supervised },
  published: Dataset,
  folder: string,
  wanted: readonly Reading[],
): Promise<CellRecord["readings"]> {
  const { config: arm, seed } = cell;
  const path = `${folder}/${FILES.checkpoint}`;
  const { tensors } = await readCheckpoint(host, path);
  const data = firstSeen(arm, published);
  const stores = storesFor(arm, { train: data.train.count, test: data.test.count });
  const programs = buildSupervised(arm, stores);
  const pixels = fitting(path, () => savedPixels(tensors, arm.pixels, data.shape[2]));
  const trainer = await openTrainer(device, {
    ...{ programs, config: arm, stores, data, seed, pixels },
    order: shuffledBatches(seed, new Uint32Array(1), arm.batch),
  });
  const attacked = new AttackedNet(device, arm, tensors, data, seed);
  const take = async (reading: Reading): Promise<number> => {
    switch (reading.reading) {
      case "accuracy":
        return await accuracy(trainer, data, reading);
      case "training accuracy":
        return await accuracyOn(trainer, seenInTraining(arm, seed, published), data.test.count);
      case "edge filters":
        return await edgeFilters(trainer, tensors, reading);
      case "folding":
        return await foldingDifference(device, arm, tensors, data, pixels, reading.images);
      case "attack":
      case "linearity":
        return await attacked.take(reading);
    }
  };
  try {
    fitting(path, () => trainer.restore(tensors));
    const readings: CellRecord["readings"] = {};
    for (const [i, reading] of wanted.entries()) {
      if (stop()) break;
      reporter.reading(cell, i + 1, wanted.length);
      readings[readingKey(reading)] = finite(await take(reading));
    }
    return readings;
  } finally {
    attacked.close();
    trainer.close();
  }
}

async function accuracy(
  trainer: Trainer,
  { test, shape }: Dataset,
  { change, images }: Extract<Reading, { reading: "accuracy" }>,
): Promise<number> {
  const count = Math.min(images, test.count);
  const first = firstImages(test, count);
  trainer.showTest(change === null ? first : changeImages(first, shape, change));
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  return (await trainer.evaluate("test", indices)).accuracy;
}

/** Images take the place of the test images, in pieces of as many. */
async function accuracyOn(trainer: Trainer, images: Images, piece: number): Promise<number> {
  let correct = 0;
  for (let first = 0; first < images.count; first += piece) {
    const count = Math.min(piece, images.count - first);
    const indices = Uint32Array.from({ length: count }, (_, i) => i);
    trainer.showTest(chosenImages(images, indices.map((i) => first + i)));
    const { accuracy } = await trainer.evaluate("test", indices);
    correct += Math.round(accuracy * count);
  }
  return correct / images.count;
}

async function edgeFilters(
  trainer: Trainer,
  tensors: Checkpoint["tensors"],
  { layer, at }: Extract<Reading, { reading: "edge filters" }>,
): Promise<number> {
  if (at === "start") trainer.initialise();
  const state = await trainer.state();
  if (at === "start") trainer.restore(tensors);
  const weights = state.find(({ name }) => name === `${layer}/weights`)!;
  return edgeFilterShare(weights.data as Float32Array, weights.shape);
}
