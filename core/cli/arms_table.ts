/** The measures of every arm over its seeds, for people. */
import type { Experiment } from "../experiment/define.ts";
import type { CellRecord } from "../experiment/record.ts";
import { summarize } from "../experiment/statistics.ts";
import { formatSummary, formatValue, type Unit, unitOf } from "./format.ts";
import { table } from "./table.ts";

/** The results of computations, then measures by trained arms, as many side by side as fit. */
export function armsTable(
  experiment: Experiment,
  records: readonly CellRecord[],
  width: number,
): string[] {
  const finished = records.filter(({ status, tuning }) => status === "finished" && !tuning);
  const isComputed = ({ arm }: CellRecord) => experiment.arms[arm]!.kind === "computation";
  const computed = finished.filter(isComputed);
  const trained = Map.groupBy(finished.filter((record) => !isComputed(record)), title);
  const columns = [...trained].map(([title, cells]) => column(experiment, title, cells));
  return [
    ...(computed.length > 0 ? ["", "Results", ...results(computed, width)] : []),
    ...(columns.length > 0
      ? ["", "Arms (mean over n seeds, 95 % interval)", ...sideBySide(columns, experiment, width)]
      : []),
  ];
}

/** Where an arm lacks a measure. */
const NONE = "-";

function results(cells: readonly CellRecord[], width: number): string[] {
  const rows = cells.flatMap(({ arm, measures }) =>
    Object.entries(measures).map((
      [name, value],
      i,
    ) => [i === 0 ? arm : "", name, formatValue(value)])
  );
  return table(rows, width);
}

function title({ arm, point }: CellRecord): string {
  return [arm, ...Object.entries(point).map(([path, value]) => `${path}=${JSON.stringify(value)}`)]
    .join(" ");
}

/** An arm's title, n, and its measures in the order of declaration. */
function column(
  { measures }: Experiment,
  title: string,
  cells: readonly CellRecord[],
): string[] {
  const values = Object.entries(measures).map(([name, measure]) =>
    describe(cells, name, unitOf(measure))
  );
  return [title, String(cells.length), ...values];
}

function describe(cells: readonly CellRecord[], name: string, unit: Unit): string {
  const values = cells.map(({ measures }) => measures[name]).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === "number");
  if (values.length === 0) return NONE;
  if (numbers.length < values.length) return formatValue(values[0]!, unit);
  const text = formatSummary(summarize(numbers), unit);
  return values.length === cells.length ? text : `${text}, n = ${values.length}`;
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
