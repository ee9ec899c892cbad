/** What a run tells whoever watches it; the command line prints it. */
import type { DeviceInfo, StepTime } from "../device/device.ts";
import type { PresetName } from "./arms/presets.ts";
import type { Cell } from "./plan.ts";
import type { CellRecord, EvaluationRecord, LookRecord, Progress } from "./records/record.ts";

/** The plan, before the first step. */
export interface PlanReport {
  readonly experiment: string;
  readonly preset: PresetName;
  readonly folder: string;
  readonly cells: readonly Cell[];
  /** Of these cells, finished in an earlier run. */
  readonly finished: number;
  readonly steps: number;
  readonly device: DeviceInfo;
  /** Why this device, and what would be faster. */
  readonly deviceNote: string;
  readonly data: readonly string[];
  /** Estimated from timed steps, by the id of each cell that is to be run and is no computation. */
  readonly seconds: ReadonlyMap<string, number>;
  readonly diskBytes: number;
}

/** Where a cell is. */
export interface ProgressReport {
  readonly cell: Cell;
  readonly step: number;
  readonly epoch: number;
  /** Of the last step, by what is trained. */
  readonly losses: Readonly<Record<string, number>>;
  /** What was found so far. */
  readonly found: Pick<Progress, "evaluations" | "looks">;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Where a cell of nearest neighbours is. */
export interface ComparedReport {
  readonly cell: Cell;
  /** Of the cell's `of` images, those that were compared, and how many of them correctly. */
  readonly images: number;
  readonly of: number;
  readonly correct: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Where a cell that times others is. */
export interface TimedReport {
  readonly cell: Cell;
  /** Rounds that are done. */
  readonly round: number;
  readonly of: number;
  readonly secondsLeft: number;
}

/** Listens to a run. */
export interface Reporter {
  planned(report: PlanReport): void;
  cellStarted(cell: Cell, index: number, fromStep: number): void;
  progress(report: ProgressReport): void;
  compared(report: ComparedReport): void;
  timed(report: TimedReport): void;
  evaluated(cell: Cell, evaluation: EvaluationRecord): void;
  /** After a look at a pair of nets. */
  looked(cell: Cell, look: LookRecord): void;
  profiled(cell: Cell, times: readonly StepTime[]): void;
  /** Before each of `of` readings of a finished net, counted from 1. */
  reading(cell: Cell, number: number, of: number): void;
  cellEnded(cell: Cell, record: CellRecord): void;
}
