/** What each target of a transfer loses by the images that were made on each of its sources. */
import { summarize } from "../../core/experiment/claims/statistics.ts";
import type { Transfer } from "../../core/experiment/arms/transfer.ts";
import { sourceName, targetName } from "../../core/experiment/arms/transfer_names.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import {
  cleanName,
  lostName,
  transferMeasures,
} from "../../core/experiment/measures/transfer_measures.ts";
import { count, formatNumber, formatSummary } from "../../core/experiment/records/format.ts";
import { html } from "../html.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import { table } from "../table.ts";
import type { Drawn } from "./drawn.ts";
import { numbersOf, withoutMeasures } from "./measures.ts";
import { type Range, type Tile, tileChart, tileLegend } from "./tile_chart.ts";

/** Draws it from the measures in the records; the declaration says what they are called. */
export async function transferMatrix(
  run: Reported,
  { title = "Accuracy lost to images made on other models", arm }: FigureOf<"transfer matrix">,
): Promise<Drawn> {
  const declared = run.experiment.arms[arm] as Transfer;
  const sources = declared.sources.map(sourceName);
  const targets = declared.targets.map(targetName);
  const cells = cellsOf(run, arm);
  const notes = [
    ...leftOut(run, [arm]),
    ...withoutMeasures(run, [arm], transferMeasures(declared)),
  ];
  const tiles = sources.flatMap((source, row) =>
    targets.flatMap((target, column): Tile[] => {
      const lost = numbersOf(run, arm, lostName(target, source));
      if (lost.length === 0) return [];
      const { mean: value } = summarize(lost);
      const plain = { diverged: 0, declared: false, chosen: false };
      return [{ row, column, value, seeds: lost.length, ...plain }];
    })
  );
  if (tiles.length === 0) return { title, content: undefined, caption: "", notes };
  const values = tiles.map(({ value }) => value!);
  const range: Range = [Math.min(...values), Math.max(...values)];
  const said = tiles.map(({ row, column, value }) =>
    `${targets[column]} by ${sources[row]} ${formatNumber(value!, "points")}`
  );
  const drawing = {
    label: `${title}. ${said.join("; ")}.`,
    columns: { title: "shown to", names: targets },
    rows: { title: "made on", names: sources },
    unit: "points" as const,
    range,
  };
  const summary = (measure: string, unit: "share" | "points") => {
    const numbers = numbersOf(run, arm, measure);
    return numbers.length === 0 ? "" : formatSummary(summarize(numbers), unit);
  };
  const rows = targets.map((target) => [
    target,
    summary(cleanName(target), "share"),
    ...sources.map((source) => summary(lostName(target, source), "points")),
  ]);
  return {
    title,
    content: html`
      ${tileLegend(tiles, "points", range)} ${await tileChart(tiles, drawing)} ${table({
        label: "Accuracy of each target, and what it loses by each source",
        head: ["Target", "Accuracy", ...sources.map((source) => `Lost by ${source}`)],
        groups: rows.map((row) => [row]),
        narrow: "scroll",
      })}
    `,
    caption: `Percentage points of accuracy lost, means over ${count(cells.length, "seed")}. The ` +
      "images of a row were made on one net, whose weights and gradients the attack saw; of the " +
      "others it knew nothing, unless they bear the same name. Each column was shown the images of " +
      "all rows, as the bytes of pictures. In the table: means with the 95 % interval over the seeds.",
    notes,
  };
}
