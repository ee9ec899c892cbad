/** Claims with their verdicts, for people. */
import { type Claim, describeCriterion, describePart, type Part } from "../experiment/claim.ts";
import type { Value } from "../experiment/criterion.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Judgement, PartJudgement } from "../experiment/judge.ts";
import { count, formatSummary, formatValue, type Unit, unitOf } from "./format.ts";
import { table, wrap } from "./table.ts";

const INDENT = "    ";

/** Each claim on a line (verdict, id, lecture), its criteria with what was measured below it. */
export function claimsTable(
  experiment: Experiment,
  judgements: readonly Judgement[],
  { width, prose }: { readonly width: number; readonly prose: boolean },
): string[] {
  const claims = experiment.claims.flatMap((claim) => {
    const judgement = judgements.find(({ id }) => id === claim.id);
    return judgement ? [{ claim, judgement }] : [];
  });
  const heads = claims.map(({ claim, judgement }) => [
    judgement.verdict,
    claim.id,
    [claim.lecture, ...(claim.marks ?? []).map((mark) => `(${mark})`)].join(" "),
  ]);
  const widths = [0, 1].map((column) => Math.max(...heads.map((head) => head[column]!.length)));
  return claims.flatMap(({ claim, judgement }, i) => {
    const head = heads[i]!.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const below = [
      ...(prose ? [`Says: ${claim.paraphrase}`] : []),
      ...claim.parts.map((part, i) =>
        describe(experiment, claim, part, judgement.parts[i]!, judgement)
      ),
      ...(judgement.reason === undefined || judgement.verdict === "not run"
        ? []
        : [`Because: ${judgement.reason}`]),
      ...(prose && claim.note !== undefined ? [`Note: ${claim.note}`] : []),
    ];
    return [
      ...table([head], width),
      ...below.flatMap((text) => wrap(text, width - INDENT.length).map((line) => INDENT + line)),
      ...(prose ? [""] : []),
    ];
  });
}

function describe(
  experiment: Experiment,
  claim: Claim,
  part: Part,
  judgement: PartJudgement,
  { verdict }: Judgement,
): string {
  const unit = partUnit(experiment, part);
  const show = (value: Value) => formatValue(value, unit);
  // An arm that is there for one claim only bears its name.
  const criterion = part.pairing.arm === claim.id
    ? `${part.measure}: ${describeCriterion(part, show)}`
    : describePart(part, show);
  const measured = describeMeasured(part, judgement, unit);
  return criterion +
    (measured === undefined ? "" : `; measured ${measured}`) +
    (judgement.verdict === verdict ? "" : ` (${judgement.verdict})`);
}

function partUnit({ measures }: Experiment, { measure, pairing }: Part): Unit {
  return pairing.over !== undefined
    ? "plain"
    : unitOf(measures[measure], pairing.minus !== undefined);
}

/** `5.1 points [2.0, 8.1], n = 5`; nothing where nothing was measured. */
function describeMeasured(
  { compare, tolerance, minSeeds, pairing }: Part,
  { verdict, mean, measured, n, exact, interval, occurredIn, opponent }: PartJudgement,
  unit: Unit,
): string | undefined {
  if (measured === undefined) return undefined;
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
    ...(typeof (pairing.minus ?? pairing.over) === "object" ? [`the opponent is ${opponent}`] : []),
  ].join(", ");
}
