/** A run that may be locked, made once for the tests of a file, and ways to lock it. */
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import { readRun, type StoredRun } from "../../core/experiment/records/read_run.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import type { Tree } from "../../core/reproduce/lockable.ts";
import { type Locked, writeLock } from "../../core/reproduce/write_lock.ts";
import { copyFolder } from "../folders.ts";
import { DECLARATION, runTiny } from "../experiment/tiny.ts";

/** Past the first hundred steps, and with figures that read files. */
export const LOCKABLE = {
  ...DECLARATION,
  presets: { ...DECLARATION.presets, standard: { seeds: 2, steps: 104 } },
  figures: [
    { figure: "learning curves", arms: ["narrow", "linear"], set: "test" },
    { figure: "filters", arm: "narrow", layer: "dense1" },
    { figure: "predictions", arm: "linear" },
  ],
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link LOCKABLE}, checked. */
export const lockable: Experiment = defineExperiment(LOCKABLE);

/** A tree as committed. */
export const TREE: Tree = { commit: "1".repeat(40), changed: [] };

let made: Promise<StoredRun> | undefined;

/** The run at standard, of which tests change nothing. */
export function standardRun(): Promise<StoredRun> {
  return made ??= makeRun();
}

async function makeRun(): Promise<StoredRun> {
  await Deno.mkdir(".cache", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "lock_test_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const { folder: run } = await runTiny(folder, {
    experiment: lockable,
    preset: "standard",
    // What stands for the published data here.
    download: async () => ({ ...await mnistStandIn(), source: "published" }),
  });
  return await readRun(denoHost, run);
}

/** A copy of the run below `folder`, to be changed. */
export async function copyRun(folder: string): Promise<StoredRun> {
  const run = await standardRun();
  const copy = `${folder}/run`;
  await copyFolder(run.folder, copy);
  return { ...run, folder: copy };
}

/** A run whose n-th record is another. */
export function withCell(
  run: StoredRun,
  n: number,
  change: (cell: CellRecord) => CellRecord,
): StoredRun {
  return { ...run, cells: run.cells.map((cell, i) => i === n ? change(cell) : cell) };
}

/** Where the tests lock. */
export function lockedIn(folder: string): string {
  return `${folder}/experiments/tiny/locked`;
}

/** Locks a run below `folder`. */
export async function lock(
  folder: string,
  { run, experiment = lockable, tree = TREE, host = denoHost }: {
    readonly run?: StoredRun;
    readonly experiment?: Experiment;
    readonly tree?: Tree;
    readonly host?: Host;
  } = {},
): Promise<Locked> {
  return await writeLock(
    host,
    experiment,
    run ?? await standardRun(),
    tree,
    lockedIn(folder),
  );
}
