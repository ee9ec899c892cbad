/** What a report is made from: a run's records, and the declaration as it stands. */
import type { Experiment } from "../core/experiment/define.ts";
import { armsShown, type Figure } from "../core/experiment/figure.ts";
import type { Host } from "../core/experiment/host_interface.ts";
import type { Judgement } from "../core/experiment/judge.ts";
import { judgeRecords } from "../core/experiment/judge_records.ts";
import type { StoredRun } from "../core/experiment/read_run.ts";
import { type ArmResult, pool } from "../core/experiment/pool.ts";
import type { CellRecord } from "../core/experiment/record.ts";
import { isMain, mainCells } from "../core/experiment/main_cells.ts";
import type { Lock } from "../core/reproduce/lock.ts";
import { type Series, series } from "./theme.ts";

/** A run with all that its report shows. */
export interface Reported {
  /** What reads the files that a cell left beside its record. */
  readonly host: Host;
  readonly experiment: Experiment;
  readonly stored: StoredRun;
  /** The lock that it comes from, if it does. */
  readonly lock?: Lock | undefined;
  readonly judgements: readonly Judgement[];
  readonly figures: readonly Figure[];
}

/** A run, or what is locked of one, judged by the declaration as it stands. */
export async function reported(
  host: Host,
  experiment: Experiment,
  stored: StoredRun,
  lock?: Lock,
): Promise<Reported> {
  return {
    host,
    experiment,
    stored,
    lock,
    judgements: await judgeRecords(experiment, stored.cells),
    figures: experiment.figures ?? learningCurves(experiment),
  };
}

/** Of an experiment that declares no figures. */
function learningCurves({ arms }: Experiment): Figure[] {
  const trained = Object.keys(arms).filter((arm) => arms[arm]!.kind === "supervised");
  return trained.length > 0 ? [{ figure: "learning curves", arms: trained, set: "test" }] : [];
}

/** The finished cells of an arm itself, by seed: not those that tune, nor the points of a sweep. */
export function cellsOf({ stored }: Reported, arm: string): readonly CellRecord[] {
  return mainCells(stored.cells, arm);
}

/** What an arm itself came to, by seed; one result where its images were shared out to cells. */
export function resultsOf({ stored }: Reported, arm: string): readonly ArmResult[] {
  return mainCells(pool(stored.cells), arm);
}

/** Why a figure shows less of its arms than they were declared for; empty where it shows all. */
export function leftOut({ stored }: Reported, arms: readonly string[]): string[] {
  const cells = stored.cells.filter((cell) => arms.includes(cell.arm) && isMain(cell));
  const absent = arms.filter((arm) => !cells.some((cell) => cell.arm === arm));
  return [
    ...(absent.length > 0 ? [`Not in this run: ${absent.join(", ")}.`] : []),
    // Shares of one arm say the same.
    ...new Set(
      cells.filter(({ status }) => status !== "finished").map(({ arm, seed, status }) =>
        `${arm}, seed ${seed}, ${status === "diverged" ? "diverged" : "is not finished"}: left out.`
      ),
    ),
  ];
}

/** The looks of an arm, the same in all figures of a report. */
export function seriesOf({ figures }: Reported, arm: string): Series {
  return series([...new Set(figures.flatMap(armsShown))].indexOf(arm));
}
