/** Claims with their verdicts, for people. */
import type { Claim, Part } from "../experiment/claims/claim.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Judgement, PartJudgement } from "../experiment/claims/judge.ts";
import { criterionText, measuredTexts } from "../experiment/claims/part_text.ts";
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
  const measured = measuredTexts(experiment, part, judgement);
  return criterionText(experiment, claim, part) +
    (measured.length === 0 ? "" : `; measured ${measured.join(", ")}`) +
    (judgement.verdict === verdict ? "" : ` (${judgement.verdict})`);
}
