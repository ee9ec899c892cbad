/** The criterion of a claim's part and what was measured, for people. */
import { choiceOf, type Claim, describeCriterion, describePart, type Part } from "./claim.ts";
import type { Value } from "./criterion.ts";
import type { Experiment } from "../define.ts";
import { count, formatSummary, formatValue, type Unit, unitIn } from "../records/format.ts";
import type { PartJudgement } from "./judge.ts";

/** `test accuracy, reference minus dense: above 5.0 points, at least 3 seeds`. */
export function criterionText(experiment: Experiment, claim: Claim, part: Part): string {
  const unit = partUnit(experiment, part);
  const show = (value: Value) => formatValue(value, unit);
  // Five points off 38.6 % are no 5 % of it.
  const showTolerance = (value: Value) => formatValue(value, unit === "share" ? "points" : unit);
  // An arm that is there for one claim only bears its name.
  return part.pairing.arm === claim.id
    ? `${part.measure}: ${describeCriterion(part, show, showTolerance)}`
    : describePart(part, show, showTolerance);
}

/** `5.1 points [2.0, 8.1]`, then what is to know of it: `n = 5`; none where nothing was measured. */
export function measuredTexts(
  experiment: Experiment,
  part: Part,
  judgement: PartJudgement,
): string[] {
  const { compare, tolerance, minSeeds } = part;
  const { verdict, mean, measured, n, exact, interval, occurredIn, opponent, machines } = judgement;
  if (measured === undefined) return [];
  const unit = partUnit(experiment, part);
  const asExpected = compare === "exact" && tolerance === undefined && verdict === "supported";
  const value = asExpected && typeof measured !== "number"
    ? "the same"
    : mean === undefined
    ? formatValue(measured, unit)
    : formatSummary({ mean, exact, ...(interval && { interval }) }, unit);
  return [
    value,
    ...(n === 1 && minSeeds === 1 ? [] : [`n = ${n}`]),
    ...(occurredIn ? [`in ${occurredIn.length} of ${count(n, "seed")}`] : []),
    ...(choiceOf(part) ? [`the opponent is ${opponent}`] : []),
    ...(machines ? [`on ${machines.join(" and ")}`] : []),
  ];
}

function partUnit({ measures }: Experiment, { measure, pairing }: Part): Unit {
  return pairing.over !== undefined
    ? "plain"
    : unitIn(measures, measure, pairing.minus !== undefined);
}
