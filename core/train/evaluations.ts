/** When a net in supervised training is evaluated, and on which images. */
import type { Looks } from "./loop.ts";
import type { Evaluation, Trainer } from "./trainer.ts";

/** Images to evaluate on. */
export interface EvaluationSet {
  readonly split: "train" | "test";
  readonly indices: Uint32Array;
}

/** What is asked of a net on the way. */
export interface EvaluationPlan {
  /** What is evaluated at the end, by the name of the set. */
  readonly evaluations: Readonly<Record<string, EvaluationSet>>;
  /** When it is besides: all after each epoch, some sets every so many steps, or nothing. */
  readonly when:
    | "every epoch"
    | "at the end"
    | { readonly every: number; readonly sets: readonly string[] };
  /**
   * An accuracy to watch for: until a set reaches it, that set is evaluated after each epoch, or every
   * so many steps where others are, and all sets where it does.
   */
  readonly level?: {
    /** A name among the evaluations. */
    readonly set: string;
    readonly accuracy: number;
    /** Whether the training ends there. */
    readonly stop: boolean;
    /** Whether it was before the loop began. */
    readonly reached: boolean;
  };
}

/** The looks of a supervised training; `evaluated` is told each evaluation. */
export function evaluationLooks(
  trainer: Trainer,
  { evaluations, when, level }: EvaluationPlan,
  evaluated: (step: number, set: string, evaluation: Evaluation) => Promise<void> | void,
): Looks {
  // The watched set first: the others wait for what it says.
  const sets = new Set([...level ? [level.set] : [], ...Object.keys(evaluations)]);
  let reached = level?.reached ?? true;
  const every = typeof when === "object" ? when.every : trainer.stepsPerEpoch;
  const ended = () => level?.stop === true && reached;
  return {
    every,
    ended: ended(),
    async at(step, isLast) {
      const due = step % every === 0;
      const watching = due && !reached;
      const some = due && typeof when === "object" ? when.sets : [];
      let all = isLast || due && when === "every epoch";
      for (const set of sets) {
        if (!all && !some.includes(set) && !(watching && set === level?.set)) continue;
        const { split, indices } = evaluations[set]!;
        const evaluation = await trainer.evaluate(split, indices);
        if (set === level?.set && evaluation.accuracy >= level.accuracy) reached = all = true;
        await evaluated(step, set, evaluation);
      }
      return ended();
    },
  };
}
