/**
 * The loop of a training: windows of steps, between points where the host must look. How many steps
 * share a submission follows the clock and never changes a bit.
 */
import { digestOfFloats } from "../numerics/digest.ts";
import { CHAIN_STEPS } from "./chain_steps.ts";
import type { Training, WindowResult } from "./training.ts";
import { WINDOW } from "./window.ts";

/** Milliseconds of work that one submission should hold, so that a stop is not waited for. */
const SUBMISSION_MS = 500;

/** A run of steps. */
export interface LoopPlan {
  /** Steps done already; 0 for a fresh cell. */
  readonly from: number;
  readonly steps: number;
  /** Looks at the nets on the way; where one ends the training, those after it look too. */
  readonly looks?: readonly Looks[];
}

/** Looks at nets in training. */
export interface Looks {
  /** Steps between two of them; there is one at the end too. */
  readonly every: number;
  /** Whether there is one before the first step too. */
  readonly fromStart?: boolean;
  /** Whether one before the loop began ended the training. */
  readonly ended: boolean;
  /** Looks, and answers whether the training ends here. */
  at(step: number, isLast: boolean): Promise<boolean>;
}

/** What the loop tells as it goes; each is awaited before the next step. */
export interface LoopEvents {
  /** After every window of steps. */
  steps(from: number, result: WindowResult): Promise<void> | void;
  /** At step 0, every {@link CHAIN_STEPS} steps and at the end, after a look there. */
  digest(step: number, digest: string): Promise<void> | void;
  /** At a step boundary where everything before is recorded: the place to save. */
  boundary(step: number): Promise<void> | void;
  /** Asked at every boundary; true ends the loop there. */
  stop(): boolean;
}

/** A loss or a gradient that is not a finite number. */
export class DivergedError extends Error {
  override name = "DivergedError";

  /** @param step counted from 1, as in metrics.csv. */
  constructor(readonly step: number, what: string) {
    super(`${what} at step ${step} is not finite; lower the learning rate`);
  }
}

/**
 * Trains from `plan.from` to `plan.steps`, or to the look that ends it, and returns the step it
 * ended at and whether that is its end: not where `events.stop` ended it.
 *
 * @throws {DivergedError} when a loss or a gradient is NaN or infinite.
 */
export async function runLoop(
  training: Training,
  { from, steps, looks = [] }: LoopPlan,
  events: LoopEvents,
): Promise<{ readonly step: number; readonly ended: boolean }> {
  const digest = async (step: number) => {
    await events.digest(step, await digestOfFloats(await training.weights()));
  };
  let step = from;
  let ended = step === steps || looks.some((look) => look.ended);
  let window = 1;
  if (step === 0) {
    await digest(0);
    for (const look of looks) if (look.fromStart) await look.at(0, false);
  }
  while (!ended && !events.stop()) {
    const next = (every: number) => (Math.floor(step / every) + 1) * every;
    const stops = [step + window, next(CHAIN_STEPS), steps];
    const end = Math.min(...stops, ...looks.map(({ every }) => next(every)));
    const start = performance.now();
    const result = await training.train(step, end);
    const perStep = (performance.now() - start) / (end - step);
    window = Math.max(1, Math.min(WINDOW, Math.floor(SUBMISSION_MS / perStep)));
    const diverged = divergence(step, result);
    const finite = diverged ? firstSteps(result, diverged.step - 1 - step, step) : result;
    if (finite.end > step) await events.steps(step, finite);
    if (diverged) throw diverged;
    step = end;
    ended = step === steps;
    for (const look of looks) {
      if (ended || step % look.every === 0) ended = await look.at(step, ended) || ended;
    }
    if (step % CHAIN_STEPS === 0 || ended) await digest(step);
    await events.boundary(step);
  }
  return { step, ended };
}

function divergence(
  from: number,
  { end, losses, largestGradients }: WindowResult,
): DivergedError | undefined {
  for (let i = 0; i < end - from; i++) {
    for (const [name, values] of Object.entries(losses)) {
      if (Number.isFinite(values[i])) continue;
      return new DivergedError(from + i + 1, name === "train" ? "the loss" : `the ${name}'s loss`);
    }
    if (!Number.isFinite(largestGradients[i])) return new DivergedError(from + i + 1, "a gradient");
  }
}

function firstSteps({ losses, largestGradients }: WindowResult, count: number, from: number) {
  return {
    end: from + count,
    losses: Object.fromEntries(
      Object.entries(losses).map(([name, values]) => [name, values.slice(0, count)]),
    ),
    largestGradients: largestGradients.slice(0, count),
  };
}
