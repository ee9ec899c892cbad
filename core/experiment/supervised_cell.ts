/** Runs one supervised cell in its folder, from its checkpoint if there is one. */
import { type BatchOrder, shuffledBatches } from "../data/batches.ts";
import { onCanvas } from "../data/canvas.ts";
import { type Dataset, DATASETS, firstImages } from "../data/dataset.ts";
import { trainValidationSplit } from "../data/split.ts";
import { drawSubset } from "../data/subset.ts";
import type { Device } from "../device/device.ts";
import { type Checkpoint, CheckpointError } from "../train/checkpoint.ts";
import { DivergedError, type LoopPlan, runLoop } from "../train/loop.ts";
import { buildSupervised, type Stores } from "../train/supervised.ts";
import { openTrainer, type Trainer } from "../train/trainer.ts";
import { imageShape, type Supervised } from "./arm.ts";
import { fitting, readCheckpoint, saveCheckpoint } from "./checkpoint_file.ts";
import { DeclarationError, parse } from "./define.ts";
import { evaluationSets, firstAt, TRAINING } from "./evaluation_sets.ts";
import type { Host } from "./host_interface.ts";
import type { Cell } from "./plan.ts";
import { FILES, type Progress, progressSchema } from "./record.ts";
import type { Reporter } from "./reporter.ts";

/** What a cell came to. */
export interface CellOutcome {
  readonly status: "running" | "finished" | "diverged";
  readonly reason?: string;
  readonly progress: Progress;
  readonly memory: { readonly all: number; readonly besidesData: number };
}

/** The form of an arm's images on the device. */
export function storesFor(arm: Supervised, counts: { train: number; test: number }): Stores {
  const image = imageShape(arm);
  return {
    train: { name: "train", count: counts.train, image },
    test: { name: "test", count: counts.test, image },
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

/** Opens a trainer for a cell: training images by the fixed split, of these the seed's subset. */
export async function openCell(
  device: Device,
  arm: Supervised,
  seed: number,
  published: Dataset,
): Promise<{ trainer: Trainer; training: Uint32Array; validation: Uint32Array }> {
  requireTrainImages(arm, published);
  const { training, validation } = trainingImages(arm, seed, published);
  const order = shuffledBatches(seed, training, arm.batch);
  return { trainer: await openOn(device, arm, seed, published, order), training, validation };
}

/** The training images of a cell among those published, and those that validate. */
export function trainingImages(
  { trainImages, subset }: Supervised,
  seed: number,
  { train: { count } }: Dataset,
): { training: Uint32Array; validation: Uint32Array } {
  const { train, validation } = trainValidationSplit(count, trainImages);
  return {
    training: subset === undefined ? train : drawSubset(seed, train, subset),
    validation,
  };
}

/** Opens a trainer that sees the published images in an order. */
export function openOn(
  device: Device,
  arm: Supervised,
  seed: number,
  published: Dataset,
  order: BatchOrder,
): Promise<Trainer> {
  const stores = storesFor(arm, { train: published.train.count, test: published.test.count });
  const programs = buildSupervised(arm, stores);
  const data = seenBy(arm, published);
  return openTrainer(device, { programs, config: arm, stores, data, seed, order });
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
  { host, device, reporter, stop, profile, saveSeconds }: {
    readonly host: Host;
    readonly device: Device;
    readonly reporter: Reporter;
    readonly stop: () => boolean;
    readonly profile: boolean;
    readonly saveSeconds: number;
  },
  cell: Cell & { readonly config: Supervised },
  data: Dataset,
  folder: string,
): Promise<CellOutcome> {
  const arm = cell.config;
  const { trainer, training, validation } = await openCell(device, arm, cell.seed, data);
  try {
    const run = await takeUp(host, folder, trainer, cell);
    if (profile) reporter.profiled(cell, await profiled(trainer, run));
    const log = new Log(host, folder, trainer, run, cell, reporter, saveSeconds);
    const plan: LoopPlan = {
      from: run.step,
      steps: cell.steps,
      evaluations: evaluationSets(arm, training, validation, data.test.count),
      everyEpoch: arm.evaluations === "every epoch",
      ...(arm.level && {
        level: {
          set: TRAINING,
          accuracy: arm.level.trainAccuracy,
          stop: arm.level.stop,
          reached: firstAt(run.evaluations, arm.level.trainAccuracy) !== undefined,
        },
      }),
    };
    const memory = { all: trainer.bytes, besidesData: trainer.bytesBesidesData };
    try {
      const { ended } = await runLoop(trainer, plan, { ...log.events(), stop });
      await log.save();
      return { status: ended ? "finished" : "running", progress: run, memory };
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      // The checkpoint stays as it was: the weights may be some steps further, and not finite.
      await log.saveMetrics();
      return { status: "diverged", reason: error.message, progress: run, memory };
    }
  } finally {
    trainer.close();
  }
}

/**
 * The step that the checkpoint in a cell's folder goes on from, if there is one.
 *
 * @throws {CheckpointError} when it is damaged.
 */
export async function savedStep(host: Host, folder: string): Promise<number | undefined> {
  const saved = await readSaved(host, `${folder}/${FILES.checkpoint}`);
  return saved?.progress.step;
}

/** A checkpoint with the progress that it carries, if there is one. */
async function readSaved(
  host: Host,
  path: string,
): Promise<Checkpoint & { readonly progress: Progress } | undefined> {
  if (!await host.exists(path)) return undefined;
  const { tensors, metadata } = await readCheckpoint(host, path);
  let saved: unknown;
  try {
    saved = JSON.parse(metadata["progress"] ?? "");
  } catch {
    throw new DeclarationError(`${path} carries no progress; it is no checkpoint of a cell`);
  }
  return { tensors, metadata, progress: parse(progressSchema, saved, path) };
}

/** The progress to go on from: a checkpoint's, with the trainer restored, or none. */
async function takeUp(
  host: Host,
  folder: string,
  trainer: Trainer,
  cell: Cell,
): Promise<Progress> {
  const path = `${folder}/${FILES.checkpoint}`;
  const metrics = `${folder}/${FILES.metrics}`;
  const saved = await readSaved(host, path);
  if (!saved) {
    trainer.initialise();
    const header = "step,set,metric,value\n";
    await host.writeAtomic(metrics, header);
    return { step: 0, chain: [], evaluations: [], metricsBytes: header.length, seconds: 0 };
  }
  const { tensors, metadata, progress } = saved;
  if (metadata["config"] !== cell.digest || progress.step > cell.steps) {
    throw new CheckpointError(
      `${path} is not of this cell: it was saved at step ${progress.step} under config digest ` +
        `${metadata["config"]?.slice(0, 12)}, expected ${
          cell.digest.slice(0, 12)
        } and at most step ` +
        `${cell.steps}; put its own checkpoint back, or remove it to train the cell anew`,
    );
  }
  fitting(path, () => trainer.restore(tensors));
  await host.truncateTo(metrics, progress.metricsBytes);
  return progress;
}

/** Times the dispatches of one step and puts the state back as it was. */
async function profiled(trainer: Trainer, { step }: Progress) {
  const before = await trainer.state();
  await trainer.train(step, step + 1);
  const times = await trainer.profile();
  trainer.restore(new Map(before.map(({ name, ...tensor }) => [name, tensor])));
  return times;
}

/** Keeps a cell's progress and writes it down. */
class Log {
  #pending = "";
  #lastSave = performance.now();
  #lastTick = performance.now();
  readonly #firstStep: number;
  readonly #start = performance.now();

  constructor(
    readonly host: Host,
    readonly folder: string,
    readonly trainer: Trainer,
    readonly run: Progress,
    readonly cell: Cell & { readonly config: Supervised },
    readonly reporter: Reporter,
    readonly saveSeconds: number,
  ) {
    this.#firstStep = run.step;
  }

  events(): Omit<Parameters<typeof runLoop>[2], "stop"> {
    const { run, cell, reporter, trainer } = this;
    return {
      steps: (from, { end, losses }) => {
        losses.forEach((loss, i) => this.#row(from + i + 1, "train", "loss", loss));
        run.step = end;
        const perStep = (performance.now() - this.#start) / (end - this.#firstStep) / 1000;
        reporter.progress({
          cell,
          step: end,
          epoch: end / trainer.stepsPerEpoch,
          loss: losses.at(-1)!,
          accuracy: run.evaluations.at(-1)?.accuracy ?? undefined,
          imagesPerSecond: cell.config.batch / perStep,
          secondsLeft: perStep * (cell.steps - end),
        });
      },
      digest: (step, digest) => {
        if (run.chain.at(-1)?.[0] !== step) run.chain.push([step, digest]);
      },
      evaluated: (step, set, { accuracy, loss, count }) => {
        const record = { step, set, accuracy: finite(accuracy), loss: finite(loss), count };
        run.evaluations.push(record);
        this.#row(step, set, "accuracy", accuracy);
        this.#row(step, set, "loss", loss);
        reporter.evaluated(cell, record);
      },
      boundary: async () => {
        if (performance.now() - this.#lastSave >= this.saveSeconds * 1000) await this.save();
      },
    };
  }

  /** Metrics first, then the checkpoint that says how much of them counts. */
  async save(): Promise<void> {
    const { host, folder, run, trainer } = this;
    await this.saveMetrics();
    const metadata = { config: this.cell.digest, progress: JSON.stringify(run) };
    await saveCheckpoint(host, `${folder}/${FILES.checkpoint}`, await trainer.state(), metadata);
    this.#lastSave = performance.now();
  }

  /** Adds what was measured since the last time to metrics.csv. */
  async saveMetrics(): Promise<void> {
    const { host, folder, run } = this;
    const now = performance.now();
    run.seconds += (now - this.#lastTick) / 1000;
    this.#lastTick = now;
    await host.appendText(`${folder}/${FILES.metrics}`, this.#pending);
    run.metricsBytes += this.#pending.length;
    this.#pending = "";
  }

  #row(step: number, set: string, metric: string, value: number): void {
    this.#pending += `${step},${set},${metric},${value}\n`;
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
