/** The measures of every arm, for those who want the numbers behind the figures. */
import { summarizeArms } from "../core/experiment/arm_summaries.ts";
import { type Html, html } from "./html.ts";
import type { Reported } from "./reported.ts";
import { table } from "./table.ts";

/** Trained arms side by side, then the results of computations. */
export function armsSection({ experiment, stored }: Reported): Html | "" {
  const { trained, results } = summarizeArms(experiment, stored.cells);
  if (trained.length + results.length === 0) return "";
  const measures = Object.keys(experiment.measures);
  const arms = trained.length === 0 ? "" : html`
    <p class="caption">Mean over n seeds, with the 95 % interval.</p>
    ${table({
      label: "Measures of the arms",
      head: ["", ...trained.map(({ title }) => title)],
      groups: [
        ["n", ...trained.map(({ n }) => n)],
        ...measures.map((name, i) => [name, ...trained.map(({ values }) => values[i]!)]),
      ].map((row) => [row]),
      narrow: "scroll",
    })}
  `;
  const computed = results.length === 0 ? "" : table({
    label: "Results of the computations",
    head: ["Arm", "Result", "Value"],
    groups: [...Map.groupBy(results, ([arm]) => arm).values()].map((group) =>
      group.map(([arm, name, value], i) => [i === 0 ? arm : undefined, name, value])
    ),
    narrow: "scroll",
  });
  return html`
    <section class="arms">
      <h2>${trained.length > 0 ? "Arms" : "Results"}</h2>
      ${arms} ${computed}
    </section>
  `;
}
