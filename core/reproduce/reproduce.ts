/** Runs the cells of a lock again, as an ordinary run, and holds each against its locked record. */
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Host } from "../experiment/host_interface.ts";
import { meaningsOf } from "../experiment/measures/measure_digest.ts";
import { readRecord, runRecordSchema } from "../experiment/records/record.ts";
import type { Reporter } from "../experiment/reporter.ts";
import { resumeOptions } from "../experiment/resume.ts";
import { optionWords } from "../experiment/run_command.ts";
import { runExperiment, type RunOptions, type RunResult } from "../experiment/run.ts";
import { compareCell, type Comparison, sharedMeasures } from "./compare.ts";
import { comparedCells, type Lock } from "./lock.ts";
import { otherVerdicts, unexpected } from "./expected.ts";
import { some } from "./out_of_date.ts";
import { findTarget, loadTargetData, type Source, type Target } from "./target.ts";
import { type Answer, answerOf } from "./tier.ts";

/** What a reproduction may be asked: what a run may, but for what changes the cells. */
export type ReproduceOptions = Omit<
  RunOptions,
  "set" | "steps" | "profile" | "only" | "datasets" | "experiments" | "kept"
>;

/** Listens to a reproduction. */
export interface Watcher {
  readonly run: Reporter;
  /** Once, before the first cell. */
  found(target: Target): void;
  /** Each cell, as it ends. */
  compared(comparison: Comparison): void;
}

/** How a reproduction ended; without an answer where it was stopped. */
export interface Reproduction {
  readonly target: Target;
  readonly run: RunResult;
  /** Those that are finished. */
  readonly cells: readonly Comparison[];
  readonly answer?: Answer;
}

/**
 * Reruns the cells that are asked for.
 *
 * @throws {DeclarationError} when the run to go on with is the one that was locked, or only times are
 * asked for.
 * @throws {OutOfDateError} when another experiment, or other data, were locked than there are now;
 * what {@link runExperiment} throws besides.
 */
export async function reproduce(
  source: Source,
  options: ReproduceOptions,
  { run: reporter, found, compared }: Watcher,
): Promise<Reproduction> {
  const { host, experiment, experiments } = source;
  const asked = await whatIsAsked(source, options);
  const target = await findTarget(source, asked);
  const { lock, pairs, seeds } = target;
  refuseTimesOnly(target);
  if (options.resume !== undefined) await refuseLockedRun(host, options.resume, lock);
  const datasets = await loadTargetData(source, target, options);
  found(target);
  const meanings = await meaningsOf(experiment);
  const locked = new Map(pairs.map((pair) => [pair.cell.id, pair.locked]));
  const cells: Comparison[] = [];
  const wrong: string[] = [];
  const run = await runExperiment(host, experiment, {
    ...options,
    ...{ experiments, seeds, datasets, profile: false, only: ({ id }) => locked.has(id) },
    kept(record) {
      if (record.status === "running") return;
      const before = locked.get(record.id)!;
      const measures = sharedMeasures(experiment, meanings, before);
      const comparison = compareCell(record, before, measures);
      if (comparison.bits !== "same") {
        wrong.push(...unexpected(record, before, measures, lock.cells));
      }
      cells.push(comparison);
      compared(comparison);
    },
  }, reporter);
  if (!run.complete) return { target, run, cells };
  const all = comparedCells(lock);
  const verdicts = await otherVerdicts(experiment, run.cells, all);
  const answer = answerOf(cells, {
    lockedCells: all.length,
    whole: cells.length === all.length,
    unexpected: [...new Set(wrong), ...verdicts],
  });
  return { target, run, cells, answer };
}

/** Without a cell to compare, the answer would be A. */
function refuseTimesOnly({ lock: { experiment, preset }, pairs, times }: Target): void {
  const [first] = times;
  if (pairs.length > 0 || first === undefined) return;
  throw new DeclarationError(
    `${
      some(times.map(({ id }) => id))
    } have times only, which are their machine's own and are not ` +
      `compared; to take them on this one: deno task experiment ${experiment} --preset ${preset} ` +
      `--arms ${first.arm}`,
  );
}

/** It would agree with itself, and nothing be reproduced. */
async function refuseLockedRun(host: Host, folder: string, { created }: Lock): Promise<void> {
  const run = await readRecord(host, `${folder}/run.json`, runRecordSchema);
  if (run.created !== created) return;
  throw new DeclarationError(
    `${folder} is the run that was locked; leave --resume out to run its cells again`,
  );
}

/**
 * What a run was asked for that is gone on with, and what is asked for besides.
 *
 * @throws {DeclarationError} when its cells are others than the preset's.
 */
export async function whatIsAsked<Options extends Omit<ReproduceOptions, "device">>(
  { host, experiment }: Source,
  options: Options,
): Promise<Options> {
  const { resume } = options;
  if (resume === undefined) return options;
  const run = await readRecord(host, `${resume}/run.json`, runRecordSchema);
  const { steps, set } = run.options;
  const words = optionWords({ options: { steps, set } });
  if (words.length > 0) {
    throw new DeclarationError(
      `${resume} was run with ${
        words.join(" ")
      }, so its cells are not those that are locked; leave ` +
        "--resume out",
    );
  }
  return resumeOptions(experiment, run, resume, options);
}
