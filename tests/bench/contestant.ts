/** What can be timed: this project, or a peer. */
import type { Task } from "./task.ts";

/** A task that is ready to run: built, compiled and warm. */
export interface Prepared {
  /** Runs the task `times` times and waits for the last result; wall seconds of it all. */
  run(times: number): Promise<number>;
  close(): void;
}

/** Somebody who can do the tasks. */
export interface Contestant {
  prepare(task: Task): Promise<Prepared>;
}

/** What a timed group should last, so that the wait at its end (10 ms in Deno) is small in it. */
const GROUP_SECONDS = 1;
/** A peer keeps the results of a whole group, and our training has tables of 64 steps. */
const MOST_RUNS = 64;

/** How many runs make a timed group. */
export async function runsPerGroup(prepared: Prepared): Promise<number> {
  const seconds = await prepared.run(1);
  return Math.max(1, Math.min(MOST_RUNS, Math.round(GROUP_SECONDS / seconds)));
}
