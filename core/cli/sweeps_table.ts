/** The sweeps of a run, a grid each, and the points that were chosen, on a terminal. */
import type { Experiment } from "../experiment/define.ts";
import { choicesOf, choiceText } from "../experiment/measures/choices.ts";
import { NONE } from "../experiment/records/arm_summaries.ts";
import type { CellRecord } from "../experiment/records/record.ts";
import { summarizeSweeps } from "../experiment/records/sweep_summaries.ts";
import { sideBySide, wrap } from "./table.ts";

/** The values of a field side by side, its arms below each other; as many tables as the width asks. */
export function sweepsTable(
  experiment: Experiment,
  records: readonly CellRecord[],
  width: number,
): string[] {
  return summarizeSweeps(experiment, records).flatMap(({ title, columns, rows }) => {
    const names = ["", ...rows.map(({ title }) => title)];
    const grid = columns.map((head, i) => [head, ...rows.map(({ values }) => values[i]!)]);
    const heading = wrap(`Sweep ${title} (mean over seeds)`, width);
    return ["", ...heading, ...sideBySide(names, grid, width, NONE)];
  });
}

/** A line for each choice of a point, below a heading; nothing where none was made. */
export function choiceLines(
  experiment: Experiment,
  records: readonly CellRecord[],
  width: number,
): string[] {
  const choices = choicesOf(experiment, records);
  if (choices.length === 0) return [];
  const lines = choices.flatMap((choice) => wrap(choiceText(experiment, choice), width - 2));
  return ["Chosen", ...lines.map((line) => `  ${line}`)];
}
