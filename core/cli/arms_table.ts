/** The measures of every arm over its seeds, on a terminal. */
import { NONE, summarizeArms } from "../experiment/records/arm_summaries.ts";
import type { Experiment } from "../experiment/define.ts";
import type { ArmResult } from "../experiment/claims/pool.ts";
import { table } from "./table.ts";

/** The results of arms without a net, then measures by trained arms, as many side by side as fit. */
export function armsTable(
  experiment: Experiment,
  all: readonly ArmResult[],
  width: number,
): string[] {
  const { results, trained } = summarizeArms(experiment, all);
  const rows = results.map(([arm, name, value], i) => [
    results[i - 1]?.[0] === arm ? "" : arm,
    name,
    value,
  ]);
  const columns = trained.map(({ title, n, values }) => [title, String(n), ...values]);
  return [
    ...(rows.length > 0 ? ["", "Results", ...table(rows, width)] : []),
    ...(columns.length > 0
      ? ["", "Arms (mean over n seeds, 95 % interval)", ...sideBySide(columns, experiment, width)]
      : []),
  ];
}

function sideBySide(
  columns: readonly (readonly string[])[],
  { measures }: Experiment,
  width: number,
): string[] {
  const widthOf = (cells: readonly string[]) => Math.max(...cells.map((cell) => cell.length)) + 2;
  const names = ["", "n", ...Object.keys(measures)];
  const lines: string[] = [];
  for (let from = 0; from < columns.length;) {
    let to = from;
    let used = 2 + widthOf(names);
    while (to < columns.length && (to === from || used + widthOf(columns[to]!) <= width + 2)) {
      used += widthOf(columns[to++]!);
    }
    const shown = columns.slice(from, to);
    if (from > 0) lines.push("");
    const rows = names.map((name, row) => [name, ...shown.map((column) => column[row]!)]);
    // A measure that none of these arms has says nothing here.
    lines.push(...table(rows.filter(([, ...values]) => values.some((v) => v !== NONE)), width));
    from = to;
  }
  return lines;
}
