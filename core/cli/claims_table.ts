/** Claims with their verdicts, for people. */
import { type Claim, describePart, type Part } from "../experiment/claim.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Judgement, PartJudgement } from "../experiment/judge.ts";
import { count, formatNumber, formatSummary, formatValue, type Unit, unitOf } from "./format.ts";
import { table } from "./table.ts";

/** Rows of verdict, what, text: all of a claim stand below its id. */
export function claimsTable(
  experiment: Experiment,
  judgements: readonly Judgement[],
  width: number,
  more = false,
): string[] {
  const rows = experiment.claims.flatMap((claim) => {
    const judgement = judgements.find(({ id }) => id === claim.id);
    return judgement ? claimRows(experiment, claim, judgement, more) : [];
  });
  return table(rows, width);
}

function claimRows(
  experiment: Experiment,
  claim: Claim,
  judgement: Judgement,
  more: boolean,
): string[][] {
  const { marks = [], parts } = claim;
  return [
    [judgement.verdict, claim.id, marks.length > 0 ? `(${marks.join(", ")})` : ""],
    ["", "  lecture", claim.lecture],
    ...(more ? [["", "  says", claim.paraphrase]] : []),
    ...parts.flatMap((part, i) =>
      partRows(experiment, part, judgement.parts[i]!, parts.length > 1)
    ),
    ...(judgement.reason === undefined ? [] : [["", "  because", judgement.reason]]),
    ...(more && claim.note !== undefined ? [["", "  note", claim.note]] : []),
    ["", "", ""],
  ];
}

function partRows(
  experiment: Experiment,
  part: Part,
  judgement: PartJudgement,
  several: boolean,
): string[][] {
  const unit = partUnit(experiment, part);
  const rows = [["", "  criterion", describePart(part, (value) => formatNumber(value, unit))]];
  const measured = describeMeasured(judgement, unit);
  if (measured !== "") {
    rows.push(["", "  measured", several ? `${measured}: ${judgement.verdict}` : measured]);
  }
  return rows;
}

function partUnit({ measures }: Experiment, { measure, pairing }: Part): Unit {
  return pairing.over !== undefined
    ? "plain"
    : unitOf(measures[measure], pairing.minus !== undefined);
}

/** `5.1 points [2.0, 8.1], n = 5`; empty where nothing was measured. */
function describeMeasured(judgement: PartJudgement, unit: Unit): string {
  const { mean, measured, n, exact, interval, occurredIn, opponent } = judgement;
  if (measured === undefined) return "";
  const value = mean === undefined
    ? formatValue(measured, unit)
    : formatSummary({ mean, exact, ...(interval && { interval }) }, unit);
  return [
    value,
    `n = ${n}`,
    ...(occurredIn ? [`in ${occurredIn.length} of ${count(n, "seed")}`] : []),
    ...(opponent === undefined ? [] : [`opponent ${opponent}`]),
  ].join(", ");
}
