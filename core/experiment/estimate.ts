/** How long a run will take and what it will write, before it starts. */
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import { buildSearch, SEARCH_BATCH } from "../train/nearest_neighbour.ts";
import { buildSupervised } from "../train/supervised.ts";
import { imageShape, stepsPerEpoch, type Supervised } from "./arm.ts";
import { parameterCount } from "../nn/describe.ts";
import type { Experiment } from "./define.ts";
import { searchedStore } from "./nearest_cell.ts";
import type { NearestCell } from "./nearest_neighbour.ts";
import type { Cell } from "./plan.ts";
import { storesFor } from "./supervised_cell.ts";
import { readingsOf } from "./take_measures.ts";

/** An evaluation's forward pass takes about a third of a training step of as many images. */
const EVALUATION_SHARE = 1 / 3;

/** Training images in the timed batch of a search; among more it takes that much longer. */
const TIMED_IMAGES = 2_000;

/**
 * Seconds that each cell but computations will take, by its id, from one timed step of each distinct
 * net, or batch of each search, on the device; the programs are built on the way, so a net that does
 * not fit is found before anything runs.
 *
 * @throws {ShapeError} naming the layer that does not fit.
 */
export async function estimateSeconds(
  device: Device,
  experiment: Experiment,
  cells: readonly Cell[],
  datasets: ReadonlyMap<string, Dataset>,
): Promise<ReadonlyMap<string, number>> {
  const timed = new Map<string, number>();
  const seconds = new Map<string, number>();
  for (const cell of cells) {
    const { id, config } = cell;
    if (config.kind === "computation") continue;
    const supervised = config.kind === "supervised";
    const key = JSON.stringify(
      supervised
        ? [config.net, config.batch, config.optimiser, imageShape(config)]
        : [config.data, config.metric],
    );
    const perStep = timed.get(key) ?? await timeStep(device, config);
    timed.set(key, perStep);
    const data = datasets.get(config.data)!;
    const inSteps = supervised
      ? trainingSteps(config, cell.steps, data) +
        readingSteps(experiment, { ...cell, config }, data)
      : searchBatches(config, data);
    seconds.set(id, perStep * inSteps);
  }
  return seconds;
}

/** Steps at most, and the evaluations as if they were some. */
function trainingSteps(arm: Supervised, steps: number, { train, test }: Dataset): number {
  const { validationImages = Infinity, testImages = Infinity, subset = arm.trainImages } = arm;
  const watched = arm.level ? subset : 0;
  const all = watched + Math.min(validationImages, train.count - arm.trainImages) +
    Math.min(testImages, test.count);
  const epochs = Math.ceil(steps / stepsPerEpoch(arm));
  const evaluated = arm.evaluations === "every epoch" ? epochs * all : epochs * watched + all;
  return steps + evaluated / arm.batch * EVALUATION_SHARE;
}

/** What the finished net is asked, as if it were steps. */
function readingSteps(
  experiment: Experiment,
  cell: Cell & { readonly config: Supervised },
  { test }: Dataset,
): number {
  const { testImages = Infinity, batch } = cell.config;
  const images = readingsOf(experiment, cell).map((reading) =>
    reading.reading === "accuracy" ? Math.min(reading.images, testImages, test.count) : 0
  );
  return images.reduce((sum, count) => sum + count, 0) / batch * EVALUATION_SHARE;
}

/** Batches among {@link TIMED_IMAGES} training images. */
function searchBatches({ images, trainImages }: NearestCell, { train }: Dataset): number {
  const searched = Math.min(trainImages ?? Infinity, train.count);
  return (images.to - images.from) / SEARCH_BATCH * searched / TIMED_IMAGES;
}

async function timeStep(device: Device, arm: Supervised | NearestCell): Promise<number> {
  const [program, read] = arm.kind === "supervised"
    ? [buildSupervised(arm, storesFor(arm, { train: 1, test: 1 })).step, "ring"]
    : [buildSearch(arm.metric, searchedStore(arm.data, TIMED_IMAGES)), "nearest"];
  const memory = await device.load([program]);
  try {
    // The first run is slower: kernels are compiled and memory is touched.
    let seconds = 0;
    for (let i = 0; i < 2; i++) {
      const start = performance.now();
      memory.run(program);
      await memory.read(read, 0, 1);
      seconds = (performance.now() - start) / 1000;
    }
    return seconds;
  } finally {
    memory.close();
  }
}

/** Bytes that the cells will write: checkpoints, metrics and records. */
export function estimateDisk(cells: readonly Cell[]): number {
  return cells.reduce((sum, { config, steps }) => {
    if (config.kind !== "supervised") return sum + 4_000;
    const parameters = parameterCount(config.net, imageShape(config));
    return sum + 12 * parameters + 40 * steps + 8_000;
  }, 0);
}
