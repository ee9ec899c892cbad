/** The tables: our own figures, all contestants at every task, and the ratios between them. */
import { table } from "../../core/cli/table.ts";
import type { Figure } from "./figures.ts";
import { type Machine, machineLine } from "./machine.ts";
import { NAMES } from "./entrants.ts";
import type { Ratio } from "./ratios.ts";
import type { Row } from "./row.ts";
import type { Cell, Identity, Result } from "./turns.ts";

/** Everything that was measured. */
export interface Report {
  readonly machine: Machine;
  readonly rounds: number;
  readonly rows: readonly Row[];
  /** What our adapter can do at most, in GFLOP/s, where it was measured. */
  readonly ceiling: number | null;
  readonly contestants: readonly Identity[];
  readonly results: readonly Result[];
  /** Empty without `--peers`. */
  readonly ratios: readonly Ratio[];
}

/** A wrapped table of figures cannot be read. */
const WIDTH = Infinity;

/** The report for people. */
export function render(report: Report): string[] {
  const { machine, rounds, rows, contestants, results, ratios } = report;
  const notes = new Notes();
  const tables = [
    ...rows.length > 0 ? ["", ...table(rowTable(rows), WIDTH)] : [],
    ...results.length > 0
      ? [
        "",
        "± half the range in percent; x the runs in a timed group; once: a run took too long for turns",
        ...table(resultTable(report, notes), WIDTH),
        ...notes.lines,
      ]
      : [],
    ...ratios.length > 0 ? ["", "ratios of medians", ...table(ratioTable(report), WIDTH)] : [],
  ];
  return [
    machineLine(machine),
    ...contestants.map(({ name, version, adapter, error }) =>
      error === null
        ? `${name} ${version}`.trim() + `: ${adapter}`
        : `${name} did not start: ${error}`
    ),
    `medians of ${rounds}`,
    ...tables,
  ];
}

function rowTable(rows: readonly Row[]): string[][] {
  const head = ["what", "median", "unit", "range", "aim on 2-core lavapipe", "how"];
  return [
    head,
    ...rows.map(({ name, unit, how, aim, error, ...figure }) => [
      name,
      shown(figure.median),
      unit,
      range(figure),
      aim ?? "",
      error ?? how,
    ]),
  ];
}

function resultTable({ contestants, results, ceiling }: Report, notes: Notes): string[][] {
  const share = "of its ceiling";
  const head = contestants.flatMap(({ name }) => name === NAMES.webgpu ? [name, share] : [name]);
  return [
    ["what", "unit", ...head],
    ...results.map(({ name, unit, cells }) => [
      name,
      unit,
      ...cells.flatMap((cell) => {
        const text = cellText(cell, notes);
        if (cell.contestant !== NAMES.webgpu) return [text];
        const counts = ceiling !== null && cell.median !== null && unit === "GFLOP/s";
        return [text, counts ? `${Math.round(100 * cell.median / ceiling)}%` : "-"];
      }),
    ]),
  ];
}

function cellText({ contestant, runs, error, ...figure }: Cell, notes: Notes): string {
  if (error !== null) return `- [${notes.number(contestant, error)}]`;
  const { median, samples } = figure;
  if (samples.length === 1) return `${shown(median)} once`;
  const spread = 50 * (Math.max(...samples) - Math.min(...samples)) / median!;
  return `${shown(median)} ±${Math.round(spread)}% x${runs}`;
}

function ratioTable({ results, ratios }: Report): string[][] {
  return [
    ["what", ...ratios.map(({ ours, theirs }) => `${ours} / ${theirs}`)],
    ...results.map(({ name }, i) => [name, ...ratios.map(({ values }) => shown(values[i]!))])
      .filter(([, ...values]) => values.some((value) => value !== "-")),
  ];
}

/** Footnotes: each reason once, with all whom it concerns. */
class Notes {
  readonly #reasons = new Map<string, Set<string>>();

  number(who: string, why: string): number {
    const concerned = this.#reasons.get(why) ?? new Set();
    this.#reasons.set(why, concerned.add(who));
    return [...this.#reasons.keys()].indexOf(why) + 1;
  }

  get lines(): string[] {
    return [...this.#reasons].map(([why, who], i) => `  [${i + 1}] ${[...who].join(", ")}: ${why}`);
  }
}

function range({ samples }: Figure): string {
  if (samples.length < 2) return "";
  return `${shown(Math.min(...samples))} to ${shown(Math.max(...samples))}`;
}

/** Three significant digits, without an exponent. */
function shown(value: number | null): string {
  if (value === null) return "-";
  if (Math.abs(value) >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
