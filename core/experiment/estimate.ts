/** How long a run will take and what it will write, before it starts. */
import type { Device } from "../device/device.ts";
import type { Dataset } from "../data/dataset.ts";
import { buildSupervised } from "../train/supervised.ts";
import { imageShape, stepsPerEpoch, type Supervised } from "./arm.ts";
import { parameterCount } from "../nn/describe.ts";
import type { Cell } from "./plan.ts";
import { storesFor } from "./supervised_cell.ts";

/** An evaluation's forward pass takes about a third of a training step of as many images. */
const EVALUATION_SHARE = 1 / 3;

/**
 * Seconds that each training cell will take, by its id, from one timed step of each distinct net on
 * the device; the programs are built on the way, so a net that does not fit is found before anything
 * runs.
 *
 * @throws {ShapeError} naming the layer that does not fit.
 */
export async function estimateSeconds(
  device: Device,
  cells: readonly Cell[],
  datasets: ReadonlyMap<string, Dataset>,
): Promise<ReadonlyMap<string, number>> {
  const timed = new Map<string, number>();
  const seconds = new Map<string, number>();
  for (const { id, config, steps } of cells) {
    if (config.kind !== "supervised") continue;
    const key = JSON.stringify([config.net, config.batch, config.optimiser, imageShape(config)]);
    const perStep = timed.get(key) ?? await timeStep(device, config);
    timed.set(key, perStep);
    const { train, test } = datasets.get(config.data)!;
    const validation = train.count - config.trainImages;
    const evaluated = Math.min(config.validationImages ?? validation, validation) +
      Math.min(config.testImages ?? test.count, test.count);
    const evaluations = config.evaluations === "at the end"
      ? 1
      : Math.ceil(steps / stepsPerEpoch(config));
    const inSteps = steps + evaluations * evaluated / config.batch * EVALUATION_SHARE;
    seconds.set(id, perStep * inSteps);
  }
  return seconds;
}

async function timeStep(device: Device, arm: Supervised): Promise<number> {
  const programs = buildSupervised(arm, storesFor(arm, { train: 1, test: 1 }));
  const memory = await device.load([programs.step]);
  try {
    // The first run is slower: kernels are compiled and memory is touched.
    let seconds = 0;
    for (let i = 0; i < 2; i++) {
      const start = performance.now();
      memory.run(programs.step);
      await memory.read("ring", 0, 1);
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
