/** The claims: counted, in a table, and what its numbers cover. */
import type { Claim, Part } from "../core/experiment/claims/claim.ts";
import { count, formatNumber } from "../core/experiment/records/format.ts";
import type { Judgement, PartJudgement } from "../core/experiment/claims/judge.ts";
import { criterionText, measuredTexts } from "../core/experiment/claims/part_text.ts";
import type { CellRecord } from "../core/experiment/records/record.ts";
import { type Content, type Html, html } from "./html.ts";
import { lecturesIn, NOT_TESTABLE } from "./lectures.ts";
import type { Reported } from "./reported.ts";
import { type Row, table } from "./table.ts";
import { verdictBadge, VERDICTS } from "./verdict.ts";

/** A claim with its verdict. */
interface Judged {
  readonly claim: Claim;
  readonly judgement: Judgement;
}

/** The section; claims that cannot fail are counted apart. */
export function claimsSection(run: Reported): Html {
  const judged = judgedClaims(run);
  if (judged.length === 0) {
    return html`
      <section>
        <h2>Claims</h2>
        <p>It declares none.</p>
      </section>
    `;
  }
  const all = table({
    label: "Claims with their verdicts",
    head: ["Verdict", "What the lecture says", "Criterion", "Measured"],
    groups: judged.map((each) => rows(run, each)),
    narrow: "stack",
  });
  return html`
    <section class="claims">
      <h2>Claims</h2>
      ${tally(run)} ${misses(run.judgements)} ${all} ${intervals(run)} ${sources(judged)}
    </section>
  `;
}

/** How many claims of each verdict, those by construction apart. */
export function tally(run: Reported): Html {
  const judged = judgedClaims(run);
  if (judged.length === 0) {
    return html`
      <p class="tally">It declares no claims.</p>
    `;
  }
  const forced = judged.filter(({ claim }) => claim.marks?.includes("by construction"));
  const others = judged.filter((each) => !forced.includes(each));
  const apart = html`
    <p class="tally apart">
      <span>${forced.length} by construction, which a correct framework cannot fail:</span>
      ${counts(forced)}
    </p>
  `;
  return html`
    <p class="tally"><span>${count(others.length, "claim")}:</span> ${counts(others)}</p>
    ${forced.length > 0 ? apart : ""}
  `;
}

function judgedClaims({ experiment, judgements }: Reported): Judged[] {
  return experiment.claims.map((claim, i) => ({ claim, judgement: judgements[i]! }));
}

function counts(judged: readonly Judged[]): Content {
  return VERDICTS.map((verdict) => {
    const { length } = judged.filter(({ judgement }) => judgement.verdict === verdict);
    return length === 0 ? "" : html`
      <span><b>${length}</b> ${verdictBadge(verdict)}</span>
    `;
  });
}

/** A row for each part; verdict and claim stand once. */
function rows(run: Reported, { claim, judgement }: Judged): Row[] {
  return claim.parts.map((part, i) => {
    const judged = judgement.parts[i]!;
    // Where the part goes by its measure's name, the criterion begins with it.
    const named = claim.parts.length > 1 && part.part !== part.measure
      ? html`
        <b class="part">${part.part}</b>
      `
      : "";
    return [
      i === 0 ? verdictBadge(judgement.verdict) : undefined,
      i === 0 ? says(claim, judgement) : undefined,
      html`${named}${criterionText(run.experiment, claim, part)}`,
      measured(run, part, judged, judgement),
    ];
  });
}

function says({ id, lecture, paraphrase, marks = [], note }: Claim, { reason }: Judgement): Html {
  const marked = marks.map((mark) =>
    html`
      <span class="mark">${mark}</span>
    `
  );
  return html`
    <p class="paraphrase">${paraphrase}</p>
    <p class="source">${lecture}</p>
    <p class="source">
      <code>${id}</code> ${marked}
    </p>
    ${reason === undefined ? "" : html`<p class="aside">Because: ${reason}</p>`}
    ${note === undefined ? "" : html`<p class="aside">Note: ${note}</p>`}
  `;
}

function measured(run: Reported, part: Part, judged: PartJudgement, whole: Judgement): Html {
  const [value, ...rest] = measuredTexts(run.experiment, part, judged);
  const verdict = judged.verdict === whole.verdict ? "" : verdictBadge(judged.verdict);
  if (value === undefined) return html`<span class="quiet">nothing</span> ${verdict}`;
  const more = [...(judged.exact && judged.n > 1 ? ["exact"] : []), ...rest].join(", ");
  return html`<b class="value">${value}</b> <span class="quiet">${more}</span> ${verdict}`;
}

/** How many intervals the table shows, a value that is exact being none. */
function intervalsShown(judgements: readonly Judgement[]): number {
  return judgements.flatMap(({ parts }) => parts)
    .filter(({ interval, exact }) => interval !== undefined && !exact).length;
}

/** How many of them are wrong, were everything else right. */
function misses(judgements: readonly Judgement[]): Html | "" {
  const shown = intervalsShown(judgements);
  if (shown === 0) return "";
  return html`
    <p class="aside">
      ${formatNumber(0.05 * shown)} of ${count(shown, "interval")} would miss by chance (5 %).
    </p>
  `;
}

/** What an interval covers. */
function intervals({ judgements, stored }: Reported): Html | "" {
  if (intervalsShown(judgements) === 0) return "";
  return html`
    <p class="aside">
      In brackets stands the 95 % interval of the mean over n seeds (Student's t). It covers
      initialisation, the order of the data and, where one is drawn, the subset; not the test set's
      own sampling error${samplingError(stored.cells)}${swaying(judgements)}. Where all seeds agree
      to the bit, the value is exact.
    </p>
  `;
}

/** What an interval of times covers, if there is one. */
function swaying(judgements: readonly Judgement[]): string {
  const timed = judgements.some(({ parts }) => parts.some(({ machines }) => machines));
  return timed ? "; of times, how the machine's speed swayed between seeds" : "";
}

/** Of the accuracy that a test set leaves least certain, if there is a test set. */
function samplingError(cells: readonly CellRecord[]): string {
  const last = cells.map(({ progress }) =>
    progress.evaluations.findLast(({ set }) => set === "test")
  );
  const errors = last.flatMap((evaluation) => {
    const { accuracy, count } = evaluation ?? {};
    if (!count || typeof accuracy !== "number") return [];
    return { count, error: 1.96 * Math.sqrt(accuracy * (1 - accuracy) / count) };
  });
  if (errors.length === 0) return "";
  const largest = errors.reduce((a, b) => b.error > a.error ? b : a);
  return `, about ${formatNumber(largest.error, "points")} at ${count(largest.count, "image")}`;
}

/** The lectures in full, and what no claim speaks of. */
function sources(judged: readonly Judged[]): Html {
  const lectures = lecturesIn(judged.map(({ claim }) => claim.lecture));
  return html`
    ${lectures.map(([short, lecture]) => html`<p class="aside"><b>${short}</b> ${lecture}</p>`)}
    ${notTestable()}
  `;
}

/** What the lectures say besides, that nothing here decides. */
export function notTestable(): Html {
  return html`<p class="aside"><b>Not testable here:</b> ${NOT_TESTABLE.join("; ")}.</p>`;
}
