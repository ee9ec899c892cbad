/** The measures of every arm, for those who want the numbers behind the figures. */
import { type ArmSummary, NONE, summarizeArms } from "../core/experiment/records/arm_summaries.ts";
import { type Html, html } from "./html.ts";
import type { Reported } from "./reported.ts";
import { table } from "./table.ts";

/** Arms side by side that a page is wide enough for. */
const SIDE_BY_SIDE = 3;

/** Trained arms side by side, then the results of arms without a net. */
export function armsSection({ experiment, results: all }: Reported): Html | "" {
  const { trained, results } = summarizeArms(experiment, all);
  if (trained.length + results.length === 0) return "";
  const names = Object.keys(experiment.measures);
  const tables = Array.from(
    { length: Math.ceil(trained.length / SIDE_BY_SIDE) },
    (_, i) => armsTable(names, trained.slice(i * SIDE_BY_SIDE, (i + 1) * SIDE_BY_SIDE)),
  );
  const others = results.length === 0 ? "" : table({
    label: "Results of arms without a net",
    head: ["Arm", "Result", "Value"],
    groups: [...Map.groupBy(results, ([arm]) => arm).values()].map((group) =>
      group.map(([arm, name, value], i) => [i === 0 ? arm : undefined, name, value])
    ),
    narrow: "scroll",
  });
  return html`
    <section class="arms">
      <h2>${trained.length > 0 ? "Arms" : "Results"}</h2>
      ${trained.length > 0
        ? html`<p class="caption">Mean over n seeds, with the 95 % interval.</p>`
        : ""} ${tables} ${others}
    </section>
  `;
}

/** A measure that none of the arms has is left out. */
function armsTable(names: readonly string[], arms: readonly ArmSummary[]): Html {
  const measured = names.map((name, i) => [name, ...arms.map(({ values }) => values[i]!)])
    .filter(([, ...values]) => values.some((value) => value !== NONE));
  return table({
    label: `Measures of ${arms.map(({ title }) => title).join(", ")}`,
    head: ["", ...arms.map(({ title }) => title)],
    groups: [["n", ...arms.map(({ n }) => n)], ...measured].map((row) => [row]),
    narrow: "scroll",
  });
}
