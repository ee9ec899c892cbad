/** Trains a cell again and compares its weights with a chain of digests on the way. */
import { DivergedError, runLoop } from "../train/loop.ts";
import type { Training } from "../train/training.ts";
import type { Point } from "./chains.ts";

/** Where a replay left the chain that it was to follow. */
export interface Strayed {
  readonly step: number;
  readonly expected: string;
  /** Left out where a loss or gradient was not finite before. */
  readonly found?: string;
}

/**
 * Trains on from step `from` to the last of `points`, as long as each point's digest comes out;
 * from step 0 the parameters are drawn.
 */
export async function replay(
  training: Training,
  from: number,
  points: readonly Point[],
  stepping: (step: number) => void,
): Promise<Strayed | undefined> {
  const expected = new Map(points);
  let strayed: Strayed | undefined;
  if (from === 0) training.initialise();
  try {
    await runLoop(training, { from, steps: points.at(-1)![0] }, {
      steps: (_, { end }) => stepping(end),
      digest(step, found) {
        const wanted = expected.get(step);
        if (wanted !== undefined && wanted !== found) strayed = { step, expected: wanted, found };
      },
      boundary() {},
      stop: () => strayed !== undefined,
    });
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    const [step, digest] = points.find(([step]) => step >= error.step)!;
    return { step, expected: digest };
  }
  return strayed;
}
