/** What a report is made from: a run's records, and the declaration as it stands. */
import type { Experiment } from "../core/experiment/define.ts";
import { armsShown, type Figure } from "../core/experiment/figure.ts";
import type { Host } from "../core/experiment/host_interface.ts";
import type { Judgement } from "../core/experiment/claims/judge.ts";
import { judgeRecords } from "../core/experiment/claims/judge_records.ts";
import type { StoredRun } from "../core/experiment/records/read_run.ts";
import { type Result, resultsFrom } from "../core/experiment/claims/results.ts";
import type { CellRecord } from "../core/experiment/records/record.ts";
import { isMain, mainCells } from "../core/experiment/records/main_cells.ts";
import { type Lock, LOCK_FILES } from "../core/reproduce/lock.ts";
import { type MeanLoss, meanLosses, readLosses } from "../core/reproduce/losses.ts";
import { type Series, series } from "./theme.ts";

/** A run with all that its report shows. */
export interface Reported {
  /** What reads the files that a cell left beside its record. */
  readonly host: Host;
  readonly experiment: Experiment;
  readonly stored: StoredRun;
  /** The lock that it comes from, if it does. */
  readonly lock?: Lock | undefined;
  /** What its arms came to, the points of sweeps and the cells that tune among them. */
  readonly results: readonly Result[];
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
    results: resultsFrom(experiment, stored.cells),
    judgements: await judgeRecords(experiment, stored.cells),
    figures: experiment.figures ?? trainings(experiment),
  };
}

/** How the trainings went, for an experiment that declares no figures. */
function trainings({ arms }: Experiment): Figure[] {
  const of = (kind: string) => Object.keys(arms).filter((arm) => arms[arm]!.kind === kind);
  const [supervised, adversarial] = [of("supervised"), of("adversarial")];
  const what = "discriminator accuracy";
  return [
    ...(supervised.length > 0
      ? [{ figure: "learning curves" as const, arms: supervised, set: "test" as const }]
      : []),
    ...(adversarial.length > 0
      ? [{ figure: "over time" as const, arms: adversarial, what } as const]
      : []),
  ];
}

/** The finished cells of an arm itself, by seed: not those that tune, nor the points of a sweep. */
export function cellsOf({ stored }: Reported, arm: string): readonly CellRecord[] {
  return mainCells(stored.cells, arm);
}

/**
 * The mean training losses of some cells by hundreds of steps, as they are locked or in the metrics.
 *
 * @throws {DeclarationError} when the file is damaged.
 */
export async function lossesOf(
  { host, stored: { folder }, lock }: Reported,
  cells: readonly CellRecord[],
): Promise<readonly MeanLoss[]> {
  if (!lock) return meanLosses(host, folder, cells);
  const locked = Object.hasOwn(lock.files, LOCK_FILES.losses);
  return locked ? await readLosses(host, `${folder}/${LOCK_FILES.losses}`) : [];
}

/** What an arm itself came to, by seed; one result where its images were shared out to cells. */
export function resultsOf({ results }: Reported, arm: string): readonly Result[] {
  return mainCells(results, arm);
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
export function seriesOf(run: Reported, arm: string): Series {
  return series(armsOf(run).indexOf(arm));
}

/** The n-th looks that no arm has. */
export function otherSeries(run: Reported, n: number): Series {
  return series(armsOf(run).length + n);
}

function armsOf({ figures }: Reported): string[] {
  return [...new Set(figures.flatMap(armsShown))];
}
