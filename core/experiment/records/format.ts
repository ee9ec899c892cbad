/** Numbers as people read them. */
import type { Value } from "../claims/criterion.ts";
import { isAcross, madeFrom } from "../measures/across.ts";
import { transferUnit } from "../measures/transfer_measures.ts";
import type { Measure } from "../measures/measure.ts";
import type { CellRecord } from "./record.ts";
import type { Summary } from "../claims/statistics.ts";

/** In which unit a number is shown. */
export type Unit = "share" | "points" | "plain";

/** The unit of a measure; a difference of two shares is in percentage points. */
export function unitOf(measure: Measure | undefined, difference = false): Unit {
  switch (measure?.measure) {
    case "accuracy":
    case "accuracyUnder":
    case "edgeFilters":
    case "discriminatorAccuracy":
    case "confidence":
    case "deadUnits":
    case "attackedAccuracy":
    case "attackConfidence":
    case "reached":
    case "oneClass":
      return difference ? "points" : "share";
    case "drop":
    case "gap":
    case "accuracyLost":
    case "finalGap":
      return "points";
    case "frechetChange":
    case "frechetSwing":
      return difference ? "points" : "share";
    default:
      return "plain";
  }
}

/**
 * The unit of a measure by its name: a declared one, of which those across cells may be differences of
 * others, or one of a transfer.
 */
export function unitIn(
  measures: Readonly<Record<string, Measure>>,
  name: string,
  difference = false,
): Unit {
  const measure = Object.hasOwn(measures, name) ? measures[name] : undefined;
  if (!measure) {
    const unit = transferUnit(name) ?? "plain";
    return unit === "share" && difference ? "points" : unit;
  }
  if (!isAcross(measure)) return unitOf(measure, difference);
  const differs = measure.measure === "range" || measure.measure === "gain";
  return differs ? unitIn(measures, madeFrom(measure), true) : "plain";
}

/** `62.1 %`, `5.1 points`, `121,930` or four digits. */
export function formatNumber(value: number, unit: Unit = "plain"): string {
  if (unit === "share") return `${percent(value)} %`;
  if (unit === "points") return `${percent(value)} points`;
  return formatPlain(value);
}

/** A rounded zero has no sign. */
function percent(share: number): string {
  return (100 * share).toFixed(1).replace(/^-0\.0$/, "0.0");
}

/** One number, or the first few of a list. */
export function formatValue(value: Value, unit: Unit = "plain"): string {
  if (typeof value === "number") return formatNumber(value, unit);
  const shown = value.slice(0, SHOWN).map((number) => formatNumber(number, unit)).join(", ");
  return value.length > SHOWN ? `${shown}, … (${value.length} numbers)` : shown;
}

/** Numbers of a list that are shown. */
const SHOWN = 9;

/** `62.1 % [60.0, 64.2]`: the mean, and its 95 % interval where there is one. */
export function formatSummary(
  { mean, interval, exact }: Pick<Summary, "mean" | "interval" | "exact">,
  unit: Unit = "plain",
): string {
  const text = formatNumber(mean, unit);
  if (exact || interval === undefined) return text;
  const ends = interval.map((end) => unit === "plain" ? formatPlain(end) : percent(end));
  return `${text} [${ends.join(", ")}]`;
}

/** `1,234` for a count, four digits for any other number. */
function formatPlain(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const short = Number(value.toPrecision(4));
  return Math.abs(short) >= 1000 ? short.toLocaleString("en") : String(short);
}

/** `45 s`, `12 min`, `2 h 5 min`; `before` stands before all but "less than 1 s". */
export function formatSeconds(seconds: number, before = ""): string {
  return seconds < 0.95 ? "less than 1 s" : before + formatTime(seconds);
}

function formatTime(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 10) {
    const whole = Math.round(seconds);
    return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0
    ? `${minutes / 60} h`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `12 kB`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  const [unit, size] = bytes < 1e9 ? ["MB", bytes / 1e6] : ["GB", bytes / 1e9];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

/** `Xeon, cpu device, 2 threads`: a machine, as far as its times hang on what a record says of it. */
export function machineName({ name, kind, threads }: CellRecord["device"]): string {
  const shared = threads === undefined ? "" : `, ${count(threads, "thread")}`;
  return `${name}, ${kind} device${shared}`;
}

/** `1 seed`, `2 seeds`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
