/**
 * The supervised loop: training in windows of steps, between points where the host must look. How
 * many steps share a submission follows the clock and never changes a bit.
 */
import { digestOfFloats } from "../numerics/digest.ts";
import type { Evaluation, Trainer, WindowResult } from "./trainer.ts";
import { WINDOW } from "./supervised.ts";

/** Steps between two weight digests of a cell's chain. */
export const CHAIN_STEPS = 100;

/** Milliseconds of work that one submission should hold, so that a stop is not waited for. */
const SUBMISSION_MS = 500;

/** Images to evaluate on. */
export interface EvaluationSet {
  readonly split: "train" | "test";
  readonly indices: Uint32Array;
}

/** A run of steps and what is asked of it. */
export interface LoopPlan {
  /** Steps done already; 0 for a fresh cell. */
  readonly from: number;
  readonly steps: number;
  /** What is evaluated at the end, by the name of the set. */
  readonly evaluations: Readonly<Record<string, EvaluationSet>>;
  /** Whether it is after each epoch too. */
  readonly everyEpoch: boolean;
  /**
   * An accuracy to watch for: until a set reaches it, that set is evaluated after each epoch, and all
   * sets where it does.
   */
  readonly level?: {
    /** A name among the evaluations. */
    readonly set: string;
    readonly accuracy: number;
    /** Whether the loop ends there. */
    readonly stop: boolean;
    /** Whether it was before the loop began. */
    readonly reached: boolean;
  };
}

/** What the loop tells as it goes; each is awaited before the next step. */
export interface LoopEvents {
  /** After every window of steps. */
  steps(from: number, result: WindowResult): Promise<void> | void;
  /** At step 0, every {@link CHAIN_STEPS} steps and at the end. */
  digest(step: number, digest: string): Promise<void> | void;
  evaluated(step: number, set: string, evaluation: Evaluation): Promise<void> | void;
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
 * Trains from `plan.from` to `plan.steps`, or to the level that ends it, and returns the step it
 * ended at and whether that is its end: not where `events.stop` ended it.
 *
 * @throws {DivergedError} when a loss or a gradient is NaN or infinite.
 */
export async function runLoop(
  trainer: Trainer,
  plan: LoopPlan,
  events: LoopEvents,
): Promise<{ readonly step: number; readonly ended: boolean }> {
  const { level } = plan;
  // The watched set first: the others wait for what it says.
  const sets = new Set([...level ? [level.set] : [], ...Object.keys(plan.evaluations)]);
  let step = plan.from;
  let reached = level?.reached ?? true;
  let window = 1;
  const ended = () => step === plan.steps || level?.stop === true && reached;
  if (step === 0) await digest(trainer, 0, events);
  while (!ended() && !events.stop()) {
    const end = Math.min(step + window, nextLook(trainer, step, plan.steps));
    const start = performance.now();
    const result = await trainer.train(step, end);
    const perStep = (performance.now() - start) / (end - step);
    window = Math.max(1, Math.min(WINDOW, Math.floor(SUBMISSION_MS / perStep)));
    const diverged = divergence(step, result);
    const finite = diverged ? firstSteps(result, diverged.step - 1 - step, step) : result;
    if (finite.end > step) await events.steps(step, finite);
    if (diverged) throw diverged;
    step = end;
    const epochEnds = step % trainer.stepsPerEpoch === 0;
    const watching = epochEnds && !reached;
    let all = step === plan.steps || epochEnds && plan.everyEpoch;
    for (const set of sets) {
      if (!all && !(watching && set === level?.set)) continue;
      const { split, indices } = plan.evaluations[set]!;
      const evaluation = await trainer.evaluate(split, indices);
      if (set === level?.set && evaluation.accuracy >= level.accuracy) reached = all = true;
      await events.evaluated(step, set, evaluation);
    }
    if (step % CHAIN_STEPS === 0 || ended()) await digest(trainer, step, events);
    await events.boundary(step);
  }
  return { step, ended: ended() };
}

async function digest(trainer: Trainer, step: number, events: LoopEvents): Promise<void> {
  await events.digest(step, await digestOfFloats(await trainer.weights()));
}

/** The next step after `step` at which the host must look. */
function nextLook({ stepsPerEpoch }: Trainer, step: number, steps: number): number {
  const next = (every: number) => (Math.floor(step / every) + 1) * every;
  return Math.min(next(CHAIN_STEPS), next(stepsPerEpoch), steps);
}

function divergence(
  from: number,
  { losses, largestGradients }: WindowResult,
): DivergedError | undefined {
  for (const [i, loss] of losses.entries()) {
    if (!Number.isFinite(loss)) return new DivergedError(from + i + 1, "the loss");
    if (!Number.isFinite(largestGradients[i])) return new DivergedError(from + i + 1, "a gradient");
  }
}

function firstSteps({ losses, largestGradients }: WindowResult, count: number, from: number) {
  return {
    end: from + count,
    losses: losses.slice(0, count),
    largestGradients: largestGradients.slice(0, count),
  };
}
