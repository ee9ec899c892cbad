/** The sweeps as grids of numbers, and the points at which arms were found to be at their best. */
import { bestValue, choicesOf } from "../core/experiment/measures/choices.ts";
import { NONE } from "../core/experiment/records/arm_summaries.ts";
import { formatNumber, unitIn } from "../core/experiment/records/format.ts";
import type { PointChoice } from "../core/experiment/records/record.ts";
import { summarizeSweeps } from "../core/experiment/records/sweep_summaries.ts";
import { pointText } from "../core/experiment/sweep.ts";
import { type Html, html } from "./html.ts";
import type { Reported } from "./reported.ts";
import { type Row, table } from "./table.ts";

/** The section; nothing where nothing was swept. */
export function sweepsSection(run: Reported): Html | "" {
  const { experiment, stored } = run;
  const grids = summarizeSweeps(experiment, stored.cells).map(({ title, columns, rows }) =>
    html`
      <h3>${title}</h3>
      ${table({
        label: `Sweep ${title}`,
        head: ["", ...columns],
        groups: rows.map(({ title, values }) => [[title, ...values]]),
        narrow: "scroll",
      })}
    `
  );
  const choices = choicesOf(experiment, stored.cells);
  if (grids.length + choices.length === 0) return "";
  return html`
    <section class="sweeps">
      <h2>Sweeps</h2>
      <p class="caption">Means over seeds; those that only choose are not among them.</p>
      ${grids} ${choices.length === 0 ? "" : choiceTable(run, choices)}
    </section>
  `;
}

function choiceTable({ experiment }: Reported, choices: readonly PointChoice[]): Html {
  const rows = choices.map(({ sweep, arm, by, seed, values, chosen }): Row => {
    const best = bestValue(values);
    return [
      arm,
      chosen === null ? "none: all diverged" : pointText(chosen),
      best === undefined ? NONE : formatNumber(best, unitIn(experiment.measures, by)),
      by,
      seed,
      `${values.length} of ${sweep}`,
    ];
  });
  return html`
    <h3>Arms at their best</h3>
    ${table({
      label: "Arms at their best",
      head: ["Arm", "Chosen", "Value", "By", "On seed", "Of points"],
      groups: rows.map((row) => [row]),
      narrow: "scroll",
    })}
  `;
}
