/** Runs one cell of a timing: rounds in which each of its arms takes one step, timed on the device. */
import { imagesOf, readyBatches } from "../../data/batches.ts";
import { chosenImages, type Dataset, firstImages } from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { Training } from "../../train/training.ts";
import { imagesOfStep, type Supervised } from "../arms/arm.ts";
import type { TimingCell } from "../arms/seeded.ts";
import { takeTimings } from "../measures/timings.ts";
import type { Cell } from "../plan.ts";
import type { Reporter } from "../reporter.ts";
import type { CellOutcome } from "./cell_log.ts";
import { openShown, shownIn } from "./open_training.ts";

/** What a cell came to; without measures where it was stopped. */
export interface TimingOutcome extends CellOutcome {
  readonly measures: Readonly<Record<string, number>>;
}

/** Digits of a time that are kept; no two runs agree in more. */
const DIGITS = 4;

/**
 * Times a cell's arms, until `stop` answers true between two rounds; a stopped cell starts anew,
 * since its rounds belong to one stretch of time.
 *
 * @throws {DeviceError} when the device cannot time its work.
 */
export async function runTimingCell(
  { device, reporter, stop }: {
    readonly device: Device;
    readonly reporter: Reporter;
    readonly stop: () => boolean;
  },
  cell: Cell & { readonly config: TimingCell },
  data: Dataset,
): Promise<TimingOutcome> {
  const start = performance.now();
  const { timed, rounds } = cell.config;
  using opened = new DisposableStack();
  const runners: { readonly training: Training; readonly times: number[] }[] = [];
  for (const { config } of timed) {
    const training = await openOnBatch(device, config, cell.seed, data);
    opened.defer(() => training.close());
    training.initialise();
    // The first step is slower: memory is touched, and kernels may be compiled.
    await training.train(0, 1);
    runners.push({ training, times: [] });
  }
  const firstRound = performance.now();
  let round = 0;
  while (round < rounds && !stop()) {
    // There and back, so that a machine that grows slower or faster does so for all alike.
    for (const { training, times } of round % 2 === 0 ? runners : runners.toReversed()) {
      times.push(await stepTime(training));
    }
    round++;
    const secondsLeft = (performance.now() - firstRound) / 1000 / round * (rounds - round);
    reporter.timed({ cell, round, of: rounds, secondsLeft });
  }
  const arms = timed.map(({ arm }) => arm);
  const timings = Object.fromEntries(arms.map((arm, i) => [arm, runners[i]!.times]));
  const bytes = (of: "bytes" | "bytesBesidesData") =>
    runners.reduce((sum, { training }) => sum + training[of], 0);
  return {
    ...round === rounds
      ? { status: "finished", measures: takeTimings(arms, timings) }
      : { status: "running", measures: {} },
    progress: {
      ...{ step: 0, chain: [], evaluations: [], metricsBytes: 0 },
      ...(round === rounds && { timings }),
      seconds: (performance.now() - start) / 1000,
    },
    memory: { all: bytes("bytes"), besidesData: bytes("bytesBesidesData") },
  };
}

/** A training that has nothing but the images of its first step, which every timed step sees. */
function openOnBatch(
  device: Device,
  arm: Supervised,
  seed: number,
  published: Dataset,
): Promise<Training> {
  const { data, order, pixels } = shownIn(arm, seed, published);
  const train = chosenImages(data.train, imagesOf(order, 0));
  // A program needs some test image, and none of them is asked about.
  const test = firstImages(data.test, 1);
  const first = {
    data: { ...data, train, test },
    order: readyBatches(train.count, imagesOfStep(arm)),
    pixels,
  };
  return openShown(device, arm, seed, first);
}

/** Milliseconds of a step on the device: what passes between two dispatches is not the net's. */
async function stepTime(training: Training): Promise<number> {
  const dispatches = await training.profile();
  const time = dispatches.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return Number(time.toPrecision(DIGITS));
}
