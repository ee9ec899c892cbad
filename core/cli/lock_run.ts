/** `--lock`: what it refuses before anything is run, and the lock that it writes in the end. */
import type { Experiment } from "../experiment/define.ts";
import { denoHost } from "../experiment/host.ts";
import { readRun } from "../experiment/records/read_run.ts";
import type { RunResult } from "../experiment/run.ts";
import { lockFolder } from "../reproduce/lock.ts";
import { refuseCells, refuseChangedTree, refuseReduced } from "../reproduce/lockable.ts";
import { type Locked, writeLock } from "../reproduce/write_lock.ts";
import type { Options } from "./experiment_options.ts";
import { readTree } from "./git.ts";

/**
 * Finds before a run, which may take hours, why its end could not be locked.
 *
 * @throws {DeclarationError} saying why not, and what to do.
 */
export async function refuseToLock(
  experiments: string,
  experiment: Experiment,
  { preset = "quick", seed, seeds = seed, arms, claim, steps, set, resume }: Options,
): Promise<void> {
  const before = resume === undefined ? undefined : await readRun(denoHost, resume);
  const asked = JSON.parse(JSON.stringify({ seeds, arms, claim, steps, set }));
  refuseReduced({
    experiment: experiment.name,
    preset: before?.run.preset ?? preset,
    options: { ...before?.run.options, ...asked },
  });
  refuseChangedTree(await readTree(experiments));
  if (before?.run.experiment === experiment.name) await refuseCells(experiment, before.cells);
}

/**
 * Locks a run that is complete.
 *
 * @throws {DeclarationError} when it may not be locked.
 * @throws {HostError} when a file cannot be written.
 */
export async function lockRun(
  experiments: string,
  experiment: Experiment,
  { folder, cells }: RunResult,
): Promise<Locked> {
  const { run } = await readRun(denoHost, folder);
  return await writeLock(
    denoHost,
    experiment,
    { folder, run, cells },
    await readTree(experiments),
    lockFolder(experiments, experiment.name, run.preset),
  );
}
