/** Keeps the progress of a cell in training and writes it down; takes it up again from there. */
import { type Checkpoint, CheckpointError } from "../../train/checkpoint.ts";
import { CHAIN_STEPS } from "../../train/chain_steps.ts";
import { DivergedError, type Looks, type LoopEvents, runLoop } from "../../train/loop.ts";
import type { Training } from "../../train/training.ts";
import type { Trained } from "../arms/arm.ts";
import { fitting, readCheckpoint, saveCheckpoint } from "./checkpoint_file.ts";
import { DeclarationError } from "../declaration_error.ts";
import { parse } from "../parse.ts";
import { displacementCosine } from "../measures/displacement.ts";
import type { Host } from "../host_interface.ts";
import type { Cell } from "../plan.ts";
import { FILES, type Progress, progressSchema } from "../records/record.ts";
import type { Reporter } from "../reporter.ts";

/** What a cell came to. */
export interface CellOutcome {
  readonly status: "running" | "finished" | "diverged";
  readonly reason?: string;
  readonly progress: Progress;
  readonly memory: { readonly all: number; readonly besidesData: number };
}

/** What training a cell needs. */
export interface CellTools {
  readonly host: Host;
  readonly reporter: Reporter;
  readonly stop: () => boolean;
  readonly profile: boolean;
  readonly saveSeconds: number;
}

/** A cell that is trained. */
export type TrainedCell = Cell & { readonly config: Trained };

/**
 * Trains a cell to its last step, or until `stop` answers true, from where its checkpoint left it.
 *
 * @param looksOf what is looked at on the way.
 * @throws {CheckpointError} when its checkpoint is damaged.
 */
export async function trainCell(
  { host, reporter, stop, profile, saveSeconds }: CellTools,
  training: Training,
  cell: TrainedCell,
  folder: string,
  looksOf: (log: CellLog) => readonly Looks[],
): Promise<CellOutcome> {
  const { run, trail } = await takeUp(host, folder, training, cell);
  if (profile) reporter.profiled(cell, await profiled(training, run));
  const log = new CellLog({ host, reporter, saveSeconds }, folder, training, run, trail, cell);
  const memory = { all: training.bytes, besidesData: training.bytesBesidesData };
  try {
    const plan = { from: run.step, steps: cell.steps, looks: looksOf(log) };
    const { ended } = await runLoop(training, plan, { ...log.events(), stop });
    await log.save();
    return { status: ended ? "finished" : "running", progress: run, memory };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    // The checkpoint stays as it was: the weights may be some steps further, and not finite.
    await log.saveMetrics();
    return { status: "diverged", reason: error.message, progress: run, memory };
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

/** Parameters at the last two points of the chain, the later one last. */
type Trail = Float32Array[];

/** Names of the trail's tensors in a checkpoint. */
const TRAIL = ["trail/before", "trail/last"];

/** The progress to go on from: a checkpoint's, with the training restored, or none. */
async function takeUp(
  host: Host,
  folder: string,
  training: Training,
  cell: Cell,
): Promise<{ readonly run: Progress; readonly trail: Trail }> {
  const path = `${folder}/${FILES.checkpoint}`;
  const metrics = `${folder}/${FILES.metrics}`;
  const saved = await readSaved(host, path);
  if (!saved) {
    training.initialise();
    const header = "step,set,metric,value\n";
    await host.writeAtomic(metrics, header);
    const run = { step: 0, chain: [], evaluations: [], metricsBytes: header.length, seconds: 0 };
    return { run, trail: [] };
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
  fitting(path, () => training.restore(tensors));
  await host.truncateTo(metrics, progress.metricsBytes);
  return { run: progress, trail: await readTrail(path, training, tensors) };
}

async function readTrail(
  path: string,
  training: Training,
  tensors: Checkpoint["tensors"],
): Promise<Trail> {
  const { length } = await training.parameters();
  return fitting(path, () =>
    TRAIL.flatMap((name) => {
      const data = tensors.get(name)?.data;
      if (data === undefined) return [];
      if (data instanceof Float32Array && data.length === length) return [data];
      throw new TypeError(`"${name}" must be f32 [${length}], as the parameters are`);
    }));
}

/** Times the dispatches of one step and puts the state back as it was. */
async function profiled(training: Training, { step }: Progress) {
  const before = await training.state();
  await training.train(step, step + 1);
  const times = await training.profile();
  training.restore(new Map(before.map(({ name, ...tensor }) => [name, tensor])));
  return times;
}

/** See the top of this file. */
export class CellLog {
  #pending = "";
  #lastSave = performance.now();
  #lastTick = performance.now();
  readonly #firstStep: number;
  readonly #start = performance.now();

  constructor(
    readonly tools: Pick<CellTools, "host" | "reporter" | "saveSeconds">,
    readonly folder: string,
    readonly training: Training,
    readonly run: Progress,
    readonly trail: Trail,
    readonly cell: TrainedCell,
  ) {
    this.#firstStep = run.step;
  }

  events(): Omit<LoopEvents, "stop"> {
    const { run, cell, training, tools: { reporter, saveSeconds } } = this;
    return {
      steps: (from, { end, losses }) => {
        for (let step = from; step < end; step++) {
          for (const [set, values] of Object.entries(losses)) {
            this.row(step + 1, set, "loss", values[step - from]!);
          }
        }
        run.step = end;
        const perStep = (performance.now() - this.#start) / (end - this.#firstStep) / 1000;
        reporter.progress({
          cell,
          step: end,
          epoch: end / training.stepsPerEpoch,
          losses: Object.fromEntries(
            Object.entries(losses).map(([name, values]) => [name, values.at(-1)!]),
          ),
          found: run,
          imagesPerSecond: cell.config.batch / perStep,
          secondsLeft: perStep * (cell.steps - end),
        });
      },
      digest: async (step, digest) => {
        if (run.chain.at(-1)?.[0] === step) return;
        run.chain.push([step, digest]);
        if (cell.config.displacements && step % CHAIN_STEPS === 0) await this.#displaced(step);
      },
      boundary: async () => {
        if (performance.now() - this.#lastSave >= saveSeconds * 1000) await this.save();
      },
    };
  }

  /** Metrics first, then the checkpoint that says how much of them counts. */
  async save(): Promise<void> {
    const { folder, run, training, trail, tools: { host } } = this;
    await this.saveMetrics();
    const metadata = { config: this.cell.digest, progress: JSON.stringify(run) };
    const tensors = [
      ...await training.state(),
      ...trail.map((data, i) => (
        { name: TRAIL.at(i - trail.length)!, shape: [data.length], data }
      )),
    ];
    await saveCheckpoint(host, `${folder}/${FILES.checkpoint}`, tensors, metadata);
    this.#lastSave = performance.now();
  }

  /** Adds what was measured since the last time to metrics.csv. */
  async saveMetrics(): Promise<void> {
    const { folder, run, tools: { host } } = this;
    const now = performance.now();
    run.seconds += (now - this.#lastTick) / 1000;
    this.#lastTick = now;
    await host.appendText(`${folder}/${FILES.metrics}`, this.#pending);
    run.metricsBytes += this.#pending.length;
    this.#pending = "";
  }

  /** Adds a number to metrics.csv. */
  row(step: number, set: string, metric: string, value: number): void {
    this.#pending += `${step},${set},${metric},${value}\n`;
  }

  async #displaced(step: number): Promise<void> {
    const { run, trail, training } = this;
    const parameters = await training.parameters();
    if (trail.length === 2) {
      const cosine = displacementCosine(trail[0]!, trail[1]!, parameters);
      if (cosine !== undefined) (run.cosines ??= []).push([step, cosine]);
      trail.shift();
    }
    trail.push(parameters);
  }
}
