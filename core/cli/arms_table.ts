/** The measures of every arm over its seeds, for people. */
import type { Experiment } from "../experiment/define.ts";
import type { ArmResult } from "../experiment/pool.ts";
import { summarize } from "../experiment/statistics.ts";
import { formatSummary, formatValue, type Unit, unitOf } from "./format.ts";
import { table } from "./table.ts";

/** The results of arms without a net, then measures by trained arms, as many side by side as fit. */
export function armsTable(
  experiment: Experiment,
  all: readonly ArmResult[],
  width: number,
): string[] {
  const finished = all.filter(({ status, tuning }) => status === "finished" && !tuning);
  const isTrained = ({ arm }: ArmResult) => experiment.arms[arm]!.kind === "supervised";
  const others = finished.filter((result) => !isTrained(result));
  const trained = Map.groupBy(finished.filter(isTrained), title);
  const columns = [...trained].map(([title, cells]) => column(experiment, title, cells));
  return [
    ...(others.length > 0 ? ["", "Results", ...results(experiment, others, width)] : []),
    ...(columns.length > 0
      ? ["", "Arms (mean over n seeds, 95 % interval)", ...sideBySide(columns, experiment, width)]
      : []),
  ];
}

/** Where an arm lacks a measure. */
const NONE = "-";

function results(
  { measures: declared }: Experiment,
  found: readonly ArmResult[],
  width: number,
): string[] {
  const rows = found.flatMap((result) =>
    Object.entries(result.measures).map(([name, value], i) => [
      i === 0 ? title(result) : "",
      name,
      formatValue(value, unitOf(declared[name])),
    ])
  );
  return table(rows, width);
}

function title({ arm, point }: ArmResult): string {
  return [arm, ...Object.entries(point).map(([path, value]) => `${path}=${JSON.stringify(value)}`)]
    .join(" ");
}

/** An arm's title, n, and its measures in the order of declaration. */
function column(
  { measures }: Experiment,
  title: string,
  cells: readonly ArmResult[],
): string[] {
  const values = Object.entries(measures).map(([name, measure]) =>
    describe(cells, name, unitOf(measure))
  );
  return [title, String(cells.length), ...values];
}

function describe(cells: readonly ArmResult[], name: string, unit: Unit): string {
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
