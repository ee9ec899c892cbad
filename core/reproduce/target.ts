/** What is to be reproduced: the lock, and those of its cells that are asked for. */
import type { Dataset } from "../data/dataset.ts";
import { isTrained } from "../experiment/arms/arm.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Host } from "../experiment/host_interface.ts";
import { type DataSources, loadData } from "../experiment/load_data.ts";
import { type Cell, planCells, type PlanOptions, presetSeeds } from "../experiment/plan.ts";
import { type CellRecord, hangsOnSeed, wasTimed } from "../experiment/records/record.ts";
import { type Lock, lockFolder, readLock } from "./lock.ts";
import {
  matchCells,
  type Pair,
  refuseOtherData,
  refuseUndeclared,
  some,
  type TrainedPair,
} from "./out_of_date.ts";
import { provenanceNotes } from "./provenance_notes.ts";

/** An experiment, and the folder of all experiments, which has its lock. */
export interface Source {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly experiments: string;
}

/** A lock and what is asked of it. */
export interface Target {
  readonly lock: Lock;
  /** The lock's. */
  readonly folder: string;
  /** Those that are planned with. */
  readonly seeds: readonly number[];
  /** In the order of running. */
  readonly pairs: readonly Pair[];
  /** What was locked of cells that are not compared, since their times are their machine's own. */
  readonly times: readonly CellRecord[];
  /** What should be known beside the answer. */
  readonly notes: readonly string[];
}

/** What is asked of a lock. */
export type Asked = PlanOptions & DataSources;

/**
 * The cells of the lock that are asked for; all, where nothing is. Seeds that the lock has count as
 * declared whatever the preset runs today.
 *
 * @throws {DeclarationError} when there is no lock, it is damaged, or lacks a seed that is asked for.
 * @throws {OutOfDateError} when another experiment was locked than is declared now.
 */
export async function findTarget(source: Source, asked: PlanOptions): Promise<Target> {
  const { experiment } = source;
  const { lock, folder, seeds: all } = await openLock(source, asked);
  const seeds = asked.seeds ?? all;
  const cells = await planCells(experiment, { ...asked, seeds });
  const byName = asked.arms !== undefined || asked.claim !== undefined;
  if (!byName) {
    const whole = await planCells(experiment, { ...asked, seeds: all });
    refuseUndeclared(lock, folder, [...cells, ...whole]);
  }
  const { pairs: matched, added } = matchCells(lock, folder, cells, byName);
  const times = matched.flatMap(({ locked }) => wasTimed(locked) ? [locked] : []);
  const pairs = matched.filter(({ locked }) => !times.includes(locked));
  const notes = await provenanceNotes(source.host, lock);
  if (added.length > 0) {
    notes.push(`not locked, so not reproduced: ${some(added.map(({ id }) => id))}`);
  }
  if (times.length > 0) {
    notes.push(
      `times are their machine's own, so not compared, nor taken again: ` +
        some(times.map(({ id }) => id)),
    );
  }
  return { lock, folder, seeds, pairs, times, notes };
}

/**
 * The first of the cells that are asked for and locked: the main arm's first seed.
 *
 * @throws {DeclarationError} when there is no lock, it is damaged, lacks a seed that is asked for, or
 * that arm trains nothing.
 * @throws {OutOfDateError} when another cell was locked than is declared now.
 */
export async function firstTarget(
  source: Source,
  asked: PlanOptions,
): Promise<Target & { readonly pair: TrainedPair }> {
  const { host, experiment } = source;
  const { lock, folder } = await openLock(source, asked);
  const planned = await planCells(experiment, asked);
  const first = planned.find(({ id }) => lock.cells.some((cell) => cell.id === id)) ?? planned[0]!;
  const { config } = first;
  if (!isTrained(config)) {
    throw new DeclarationError(
      `"${first.arm}", the first arm of ${experiment.name}, trains nothing, so it has no steps to ` +
        "check; reproduce it whole, without --steps and batches",
    );
  }
  const { pairs } = matchCells(lock, folder, [first], true);
  const { locked } = pairs[0]!;
  const pair = { cell: { ...first, config }, locked };
  const notes = await provenanceNotes(host, lock);
  return { lock, folder, seeds: [first.seed], pairs, times: [], pair, notes };
}

/**
 * The published data of the cells.
 *
 * @throws {DataError} when they are missing; there is no stand-in for them here.
 * @throws {OutOfDateError} when they are others than the locked cells'.
 */
export async function loadTargetData(
  { host }: Source,
  { lock, folder, pairs }: Target,
  sources: Omit<Asked, "preset">,
): Promise<ReadonlyMap<string, Dataset>> {
  const cells: Cell[] = pairs.map(({ cell }) => cell);
  const datasets = await loadData(host, cells, { ...sources, preset: lock.preset }, false);
  refuseOtherData(lock, folder, pairs, datasets);
  return datasets;
}

/** The lock, its folder, and the seeds that it can be asked for. */
async function openLock(
  { host, experiment, experiments }: Source,
  { preset, seeds: asked = [] }: PlanOptions,
): Promise<{ lock: Lock; folder: string; seeds: readonly number[] }> {
  const { name } = experiment;
  const folder = lockFolder(experiments, name, preset);
  const lock = await readLock(host, folder);
  if (lock.experiment !== name || lock.preset !== preset) {
    throw new DeclarationError(
      `${folder} is the lock of ${lock.experiment} at ${lock.preset}, expected that of ${name} at ` +
        `${preset}; put its own back`,
    );
  }
  const seeds = declaredSeeds(experiment, lock);
  const locked = lockedSeeds(lock);
  const other = asked.find((seed) => !seeds.includes(seed));
  if (other !== undefined && locked.length > 0) {
    throw new DeclarationError(
      `seed ${other} is not locked; ${locked.join(", ")} are. To judge the claims on others: ` +
        "--fresh-seeds N",
    );
  }
  return { lock, folder, seeds };
}

/** Those of the preset and those of the lock. */
function declaredSeeds({ presets }: Experiment, { preset, cells }: Lock): number[] {
  return [...new Set([...presetSeeds(presets[preset]), ...lockedSeeds({ cells })])]
    .sort((a, b) => a - b);
}

/** The seeds that claims are judged on. */
export function lockedSeeds({ cells }: Pick<Lock, "cells">): number[] {
  const main = cells.filter(({ tuning, config }) => !tuning && hangsOnSeed(config["kind"]));
  return [...new Set(main.map(({ seed }) => seed))].sort((a, b) => a - b);
}
