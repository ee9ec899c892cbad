/** The two tables: our own figures, and the comparison with the peers. */
import { table } from "../../core/cli/table.ts";
import type { Comparison } from "./compare.ts";
import type { Figure } from "./figures.ts";
import { type Machine, machineLine } from "./machine.ts";
import type { Row } from "./row.ts";

/** Everything that was measured. */
export interface Report {
  readonly machine: Machine;
  readonly rounds: number;
  readonly rows: readonly Row[];
  /** Empty without `--peers`. */
  readonly comparisons: readonly Comparison[];
}

/** Columns; wider than most terminals, since a wrapped table of figures cannot be read. */
const WIDTH = 200;

/** The report for people. */
export function render({ machine, rounds, rows, comparisons }: Report): string[] {
  return [
    machineLine(machine),
    `medians of ${rounds}, least to most in brackets`,
    ...(rows.length > 0 ? ["", ...table(ownTable(rows), WIDTH)] : []),
    ...(comparisons.length > 0 ? ["", ...table(peerTable(comparisons), WIDTH)] : []),
  ];
}

function ownTable(rows: readonly Row[]): string[][] {
  const head = ["what", "median", "unit", "range", "aim on 2-core lavapipe", "how"];
  return [
    head,
    ...rows.map(({ name, unit, how, aim, error, ...figure }) => [
      name,
      shownMedian(figure),
      unit,
      range(figure),
      aim ?? "",
      error ?? how,
    ]),
  ];
}

function peerTable(comparisons: readonly Comparison[]): string[][] {
  const head = ["against", "what", "ours / theirs", "ours", "theirs", "unit", "on"];
  return [
    head,
    ...comparisons.map(({ name, unit, peer, version, adapter, ours, theirs, ratio, error }) => [
      `${peer} ${version}`,
      name,
      ratio === null ? "-" : significant(ratio),
      `${shownMedian(ours)} ${range(ours)}`,
      `${shownMedian(theirs)} ${range(theirs)}`,
      unit,
      error === null ? adapter : `did not run: ${error}`,
    ]),
  ];
}

function shownMedian({ median }: Figure): string {
  return median === null ? "-" : significant(median);
}

function range({ samples }: Figure): string {
  if (samples.length < 2) return "";
  return `(${significant(Math.min(...samples))} to ${significant(Math.max(...samples))})`;
}

/** Three significant digits, without an exponent. */
function significant(value: number): string {
  if (Math.abs(value) >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
