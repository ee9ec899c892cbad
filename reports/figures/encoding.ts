/** What stands for what in a chart: axes in the project's units, colours and marks by arm. */
import type { Unit } from "../../core/experiment/records/format.ts";
import { type Room, SIZES } from "../chart.ts";
import type { Series } from "../theme.ts";

/** About so wide is a letter of a label, in pixels. */
export const LETTER = 7;

/** Vega, which cannot measure letters without a browser, leaves so much room for one in a label. */
const RESERVED = 10.4;

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

/** Whether numbers are so far apart that they are compared by their ratios. */
export function spansDecades(values: readonly number[]): boolean {
  const low = Math.min(...values);
  return low > 0 && Math.max(...values) >= DECADE * low;
}

/** A horizontal axis over some values: logarithmic where they span decades. */
export function wideAxis(field: string, title: string, unit: Unit, values: readonly number[]) {
  if (spansDecades(values)) return logAxis(field, title, unit, values);
  const [low, high] = [Math.min(...values), Math.max(...values)];
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

/** Of a horizontal axis: names at 0, 1, 2, ..., upright where they would not fit side by side. */
export function namedAxis(names: readonly string[], title: string, room: Room) {
  const axis = {
    values: names.map((_, i) => i),
    labelExpr: `${JSON.stringify(names)}[datum.value]`,
    // Where even upright ones are too many, every second, fourth, ... is shown.
    labelOverlap: "parity",
  };
  const longest = longestOf(names);
  if (names.length * (longest + 2) * LETTER <= SIZES[room].width) {
    return { title, axis, height: SIZES[room].height };
  }
  return {
    // There is no room for it beside them.
    title: null,
    axis: { ...axis, labelAngle: -90, labelAlign: "right", labelBaseline: "middle", labelLimit: 0 },
    height: SIZES[room].height + longest * RESERVED,
  };
}

/** The expression that writes names, by their place in the list, in lines of at most so many letters. */
export function brokenNames(names: readonly string[], letters: number): string {
  return `${JSON.stringify(names.map((name) => lineBreaks(name, letters)))}[datum.value]`;
}

/** The room that vega leaves for such names, in pixels. */
export function reservedFor(names: readonly string[], letters: number): number {
  return longestOf(names.flatMap((name) => lineBreaks(name, letters))) * RESERVED;
}

/** As far as a name can be broken behind its hyphens and spaces. */
function lineBreaks(name: string, letters: number): string[] {
  return name.split(/(?<=[-\s])/).reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    return last !== undefined && (last + word).trimEnd().length <= letters
      ? [...lines.slice(0, -1), last + word]
      : [...lines, word];
  }, []);
}

function longestOf(names: readonly string[]): number {
  return Math.max(...names.map(({ length }) => length));
}

/** More ticks of an axis in powers would be a hatching. */
const MOST_TICKS = 10;

/** 1, 2 and 5 with all their zeros, as far as they lie between two numbers, or fewer of these. */
function roundNumbers(low: number, high: number): number[] {
  const exponents = Array.from({ length: 80 }, (_, i) => i - 40);
  const between = (digits: readonly number[], every: number) =>
    exponents.filter((exponent) => exponent % every === 0)
      .flatMap((exponent) => digits.map((digit) => Number(`${digit}e${exponent}`)))
      .filter((value) => value >= low && value <= high);
  const all = between([1, 2, 5], 1);
  if (all.length <= MOST_TICKS) return all;
  const powers = between([1], 1);
  return between([1], Math.ceil(powers.length / MOST_TICKS));
}

/** The expression that writes the label of a tick. */
export function labels(unit: Unit): string {
  if (unit === "share") return "format(100 * datum.value, '~g') + ' %'";
  return unit === "points"
    ? "format(100 * datum.value, '~g')"
    : "format(datum.value, abs(datum.value) < 1000 ? '~g' : '~s')";
}
