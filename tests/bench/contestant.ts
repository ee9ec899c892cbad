/** What can be timed: this project on one of its devices, or a peer. */
import type { Task } from "./task.ts";

/** A task that is ready to run. */
export interface Prepared {
  /** Runs the task `times` times and waits for the last result; wall seconds of it all. */
  run(times: number): Promise<number>;
  close(): void;
}

/** Somebody who can do the tasks. */
export interface Contestant {
  readonly version: string;
  /** What it runs on. */
  readonly adapter: string;
  prepare(task: Task): Promise<Prepared>;
}

/** What a timed group should last, so that the wait at its end (10 ms in Deno) is small in it. */
const GROUP_SECONDS = 0.4;
/** Our runs of a group are encoded into one list of commands. */
const MOST_RUNS = 4096;
/** A task whose run takes longer is run once, without turns: it would hold up all others. */
const MOST_SECONDS = 10;

/** Warms a task up and finds how many runs make a timed group; `slow`: what its only run took. */
export async function plan(prepared: Prepared): Promise<{ runs: number; slow?: number }> {
  const first = await prepared.run(1);
  if (first > MOST_SECONDS) return { runs: 1, slow: first };
  for (let runs = 1;; runs *= 8) {
    const seconds = await prepared.run(runs);
    // A shorter group says little of a run: the wait at its end is most of it.
    if (seconds >= GROUP_SECONDS / 4 || runs === MOST_RUNS) {
      const fitting = Math.round(runs * GROUP_SECONDS / seconds);
      return { runs: Math.max(1, Math.min(MOST_RUNS, fitting)) };
    }
  }
}
