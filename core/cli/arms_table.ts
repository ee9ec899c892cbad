/** The measures of every arm over its seeds, for people. */
import type { Experiment } from "../experiment/define.ts";
import type { CellRecord } from "../experiment/record.ts";
import { summarize } from "../experiment/statistics.ts";
import { formatSummary, formatValue, type Unit, unitOf } from "./format.ts";
import { table } from "./table.ts";

interface Column {
  readonly title: string;
  readonly cells: readonly CellRecord[];
}

/** Tables of measures by arms: arms with the same measures share one, as far as the width goes. */
export function armsTable(
  experiment: Experiment,
  records: readonly CellRecord[],
  width: number,
): string[] {
  const finished = records.filter(({ status, tuning }) => status === "finished" && !tuning);
  const columns = [...Map.groupBy(finished, title)].map(([title, cells]) => ({ title, cells }));
  const groups = Map.groupBy(columns, ({ cells }) => Object.keys(cells[0]!.measures).join("\n"));
  return [...groups.values()].flatMap((group) => groupTable(experiment, group, width)).slice(1);
}

function title({ arm, point }: CellRecord): string {
  return [arm, ...Object.entries(point).map(([path, value]) => `${path}=${JSON.stringify(value)}`)]
    .join(" ");
}

function groupTable(experiment: Experiment, columns: readonly Column[], width: number): string[] {
  const measures = Object.keys(columns[0]!.cells[0]!.measures);
  if (measures.length === 0) return [];
  const left = ["", "n", ...measures];
  const filled = columns.map((column) => fill(experiment, column, measures));
  const widthOf = (cells: readonly string[]) => Math.max(...cells.map((cell) => cell.length));
  const lines: string[] = [];
  for (let from = 0; from < filled.length;) {
    let used = 2 + widthOf(left);
    let to = from;
    while (to < filled.length && (to === from || used + 2 + widthOf(filled[to]!) <= width)) {
      used += 2 + widthOf(filled[to++]!);
    }
    const shown = filled.slice(from, to);
    lines.push("", ...table(left.map((name, row) => [name, ...shown.map((c) => c[row]!)]), width));
    from = to;
  }
  return lines;
}

/** One column: title, n, then the measures. */
function fill({ measures }: Experiment, { title, cells }: Column, names: readonly string[]) {
  return [
    title,
    String(cells.length),
    ...names.map((name) => describe(cells, name, unitOf(measures[name]))),
  ];
}

function describe(cells: readonly CellRecord[], name: string, unit: Unit): string {
  const values = cells.map(({ measures }) => measures[name]).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === "number");
  if (values.length === 0) return "-";
  if (numbers.length < values.length) return formatValue(values[0]!, unit);
  const text = formatSummary(summarize(numbers), unit);
  return values.length === cells.length ? text : `${text}, n = ${values.length}`;
}
