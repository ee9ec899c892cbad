/** What stands for what in a chart: axes in the project's units, colours and marks by arm. */
import type { Unit } from "../../core/experiment/records/format.ts";
import type { Series } from "../theme.ts";

/** The colour, the dash or the shape of each line or point, by its name. */
export function byName(
  looks: readonly { readonly name: string; readonly series: Series }[],
  key: keyof Series,
) {
  return {
    field: "name",
    type: "nominal",
    scale: { domain: looks.map(({ name }) => name), range: looks.map(({ series }) => series[key]) },
    legend: null,
  };
}

/** About so many ticks. */
const TICKS = 5;

/** A vertical axis: shares in per cent, their differences in points, other numbers with thousands as k. */
export function valueAxis(field: string, title: string, unit: Unit) {
  return {
    field,
    type: "quantitative",
    title,
    scale: { zero: false, nice: TICKS },
    axis: { tickCount: TICKS, labelExpr: labels(unit) },
  };
}

/** An axis of either direction over some values above 0, in powers, with a little room on both sides. */
export function logAxis(field: string, title: string, unit: Unit, values: readonly number[]) {
  const [low, high] = [Math.min(...values) / 1.4, Math.max(...values) * 1.4];
  return {
    field,
    type: "quantitative",
    title: `${title}, logarithmic`,
    scale: { type: "log", nice: false, domain: [low, high] },
    axis: { labelExpr: labels(unit), values: roundNumbers(low, high) },
  };
}

/** From this ratio of the largest to the smallest on, an axis shows ratios. */
const DECADE = 10;

/** A horizontal axis over some values: logarithmic where they span decades. */
export function wideAxis(field: string, title: string, unit: Unit, values: readonly number[]) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high >= DECADE * low) return logAxis(field, title, unit, values);
  // A little room on both sides, so that no point stands on the frame.
  const room = (high - low || Math.abs(high) || 1) / 12;
  return {
    field,
    type: "quantitative",
    title,
    scale: { nice: false, zero: false, domain: [low - room, high + room] },
    axis: { labelExpr: labels(unit), tickCount: TICKS },
  };
}

/** 1, 2 and 5 with all their zeros, as far as they lie between two numbers. */
function roundNumbers(low: number, high: number): number[] {
  const exponents = Array.from({ length: 40 }, (_, i) => i - 20);
  return exponents.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)))
    .filter((value) => value >= low && value <= high);
}

/** The expression that writes the label of a tick. */
export function labels(unit: Unit): string {
  if (unit === "share") return "format(100 * datum.value, '~g') + ' %'";
  return unit === "points"
    ? "format(100 * datum.value, '~g')"
    : "format(datum.value, abs(datum.value) < 1000 ? '~g' : '~s')";
}
