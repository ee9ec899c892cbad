/** How many steps a training takes to an accuracy. */
import type { Arm } from "../arms/arm.ts";
import { VALIDATION } from "../cells/evaluation_sets.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { EvaluationRecord } from "../records/record.ts";

/** What is to be reached. */
export interface Goal {
  readonly set: string;
  readonly accuracy: number;
  /** So many evaluations in a row count by their mean. */
  readonly averaged: number;
}

/**
 * Steps to the first evaluation with which the mean accuracy on a set over the last few reaches the
 * goal; `whole`, the length of the training, where none does, and `undefined` where the set is not
 * evaluated at all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stepsTo } from "./steps_to.ts";
 *
 * const evaluations = [0.5, 0.9, 0.7, 0.9].map((accuracy, i) => (
 *   { step: 10 * (i + 1), set: "test", accuracy, loss: 1, count: 100 }
 * ));
 * assert.equal(stepsTo(evaluations, { set: "test", accuracy: 0.75, averaged: 1 }, 40), 20);
 * assert.equal(stepsTo(evaluations, { set: "test", accuracy: 0.75, averaged: 2 }, 40), 30);
 * assert.equal(stepsTo(evaluations, { set: "test", accuracy: 0.95, averaged: 1 }, 40), 40);
 * ```
 */
export function stepsTo(
  evaluations: readonly EvaluationRecord[],
  { set, accuracy, averaged }: Goal,
  whole: number,
): number | undefined {
  const own = evaluations.filter((evaluation) => evaluation.set === set);
  if (own.length === 0) return undefined;
  const reached = own.find((_, i) => {
    if (i + 1 < averaged) return false;
    const last = own.slice(i + 1 - averaged, i + 1);
    // An accuracy that is not finite is null, and reaches nothing.
    return last.reduce((sum, { accuracy }) => sum + (accuracy ?? NaN), 0) / averaged >= accuracy;
  });
  return reached?.step ?? whole;
}

/**
 * Refuses to count the steps to an accuracy that an arm is only asked for at its end.
 *
 * @throws {DeclarationError} naming the first such arm among those that a measure names.
 */
export function requireOnTheWay(
  measure: {
    readonly measure: string;
    readonly set?: string;
    readonly arms?: readonly string[] | undefined;
  },
  arms: Readonly<Record<string, Arm>>,
): void {
  const { measure: kind, set, arms: named = [] } = measure;
  if (kind !== "stepsTo" && kind !== "stepsAtBest") return;
  const late = named.find((name) => {
    const arm = arms[name]!;
    if (arm.kind !== "supervised" || arm.evaluations === "every epoch") return false;
    return arm.evaluations === "at the end" || set !== VALIDATION;
  });
  if (late === undefined) return;
  throw new DeclarationError(
    `arm "${late}" evaluates its ${set} images at the end alone, so it cannot be seen when they ` +
      'reach an accuracy; let it evaluate "every epoch"' +
      (set === VALIDATION ? ", or { every: steps }" : `, or take the ${VALIDATION} images`),
  );
}
