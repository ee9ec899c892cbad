/** A whole experiment small enough to be run in a test, the folder it runs in, and who watches it. */
import { supervised } from "../../core/experiment/arms/arm.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import type { Cell } from "../../core/experiment/plan.ts";
import type {
  CellRecord,
  EvaluationRecord,
  LookRecord,
} from "../../core/experiment/records/record.ts";
import type {
  ComparedReport,
  PlanReport,
  ProgressReport,
  Reporter,
  TimedReport,
} from "../../core/experiment/reporter.ts";
import { runExperiment, type RunOptions, type RunResult } from "../../core/experiment/run.ts";
import { decodeSafetensors } from "../../core/train/checkpoint.ts";

/** 4 steps an epoch: a run of 12 evaluates after 4, 8 and 12. */
const training = {
  data: "mnist",
  batch: 16,
  trainImages: 64,
  validationImages: 20,
  testImages: 30,
} as const;

/** Two dense arms on MNIST, of which a run at `quick` takes 12 steps with seeds 0 and 1. */
export const DECLARATION = {
  name: "tiny",
  title: "Tiny",
  summary: "Two dense nets on a handful of digits.",
  arms: {
    narrow: supervised({
      ...training,
      optimiser: { optimiser: "adam", learningRate: 1e-2 },
      net: [
        { layer: "flatten" },
        { layer: "dense", units: 8 },
        { layer: "relu" },
        { layer: "dense", units: 10 },
      ],
    }),
    linear: supervised({
      ...training,
      optimiser: { optimiser: "sgd", learningRate: 0.1 },
      net: [{ layer: "flatten" }, { layer: "dense", units: 10 }],
    }),
  },
  measures: {
    "test accuracy": { measure: "accuracy", set: "test" },
    "parameters": { measure: "parameters" },
  },
  claims: [
    {
      id: "tiny-fewer-parameters",
      lecture: "none",
      paraphrase: "A linear net has more parameters than a narrow one.",
      parts: [{
        part: "parameters",
        measure: "parameters",
        compare: "above",
        value: 1,
        pairing: { arm: "linear", over: "narrow" },
        minSeeds: 1,
      }],
      needsTraining: false,
    },
    {
      id: "tiny-learns",
      lecture: "none",
      paraphrase: "A linear net is better than chance.",
      parts: [{
        part: "accuracy",
        measure: "test accuracy",
        compare: "above",
        value: 0.1,
        pairing: { arm: "linear" },
        minSeeds: 1,
      }],
    },
  ],
  presets: {
    quick: { seeds: 2, steps: 12 },
    standard: { seeds: 3, epochs: 4 },
    lecture: { seeds: 5, epochs: 10 },
  },
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link DECLARATION}, checked. */
export const tiny: Experiment = defineExperiment(DECLARATION);

/** Listens to a run and counts; `stopAfter` steps, its `stop` answers true. */
export class Watch implements Reporter {
  plan: PlanReport | undefined;
  /** Ids of cells in the order of starting, and the step each started from. */
  readonly started: [string, number][] = [];
  readonly ended: CellRecord[] = [];
  readonly evaluations: EvaluationRecord[] = [];
  readonly looks: LookRecord[] = [];
  /** Training steps, batches of test images compared, and rounds of a timing, in this run. */
  steps = 0;
  /** How far the last compared batch came. */
  lastCompared: ComparedReport | undefined;
  profiles = 0;
  /** Readings of finished nets in this run; after `readingsBeforeStop` of them `stop` answers true. */
  readings = 0;
  /** By cell, or net that a cell needs. */
  readonly #at = new Map<string, number>();

  constructor(readonly stopAfter = Infinity, readonly readingsBeforeStop = Infinity) {}

  readonly stop = () => this.steps >= this.stopAfter || this.readings >= this.readingsBeforeStop;

  planned(report: PlanReport) {
    this.plan = report;
  }
  cellStarted({ id }: Cell, _index: number, fromStep: number) {
    this.started.push([id, fromStep]);
    this.#at.set(id, fromStep);
  }
  progress({ cell: { id }, step }: ProgressReport) {
    this.steps += step - (this.#at.get(id) ?? 0);
    this.#at.set(id, step);
  }
  compared(report: ComparedReport) {
    this.steps++;
    this.lastCompared = report;
  }
  timed(_report: TimedReport) {
    this.steps++;
  }
  evaluated(_cell: Cell, evaluation: EvaluationRecord) {
    this.evaluations.push(evaluation);
  }
  looked(_cell: Cell, look: LookRecord) {
    this.looks.push(look);
  }
  profiled() {
    this.profiles++;
  }
  reading() {
    this.readings++;
  }
  cellEnded(_cell: Cell, record: CellRecord) {
    this.ended.push(record);
  }
}

/** Runs an experiment below `folder` at `quick` on the cpu device, or as `options` say. */
export function runTiny(
  folder: string,
  { experiment = tiny, host = denoHost, watch = new Watch(), ...options }:
    & Partial<RunOptions>
    & { experiment?: Experiment; host?: Host; watch?: Watch } = {},
): Promise<RunResult> {
  return runExperiment(host, experiment, {
    preset: "quick",
    device: "cpu",
    dataDirectories: [],
    runsFolder: `${folder}/runs`,
    profile: false,
    stop: watch.stop,
    ...options,
  }, watch);
}

/** A test with an empty folder of its own. */
export function testInFolder(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(name, inFolder(body));
}

/** A test's body, with such a folder. */
export function inFolder(body: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    await Deno.mkdir(".cache", { recursive: true });
    const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "experiment_test_" });
    try {
      await body(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

/** Everything a cell left behind, times left out. */
export async function leftBehind(folder: string, id: string) {
  const record = JSON.parse(await Deno.readTextFile(`${folder}/${id}/cell.json`)) as CellRecord;
  const checkpoint = await Deno.readFile(`${folder}/${id}/checkpoint.safetensors`);
  const { tensors, metadata } = decodeSafetensors(checkpoint, id);
  return {
    record: timeless(record),
    metrics: await Deno.readTextFile(`${folder}/${id}/metrics.csv`),
    tensors,
    progress: { ...JSON.parse(metadata["progress"]!), seconds: 0 },
  };
}

/** A record without what differs from run to run. */
export function timeless(record: CellRecord) {
  return { ...record, started: "", progress: { ...record.progress, seconds: 0 } };
}
