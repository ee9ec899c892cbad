/** Lines over their seeds: the mean, in a band from the lowest to the highest. */
import { formatNumber, type Unit } from "../../core/experiment/records/format.ts";
import { summarize } from "../../core/experiment/claims/statistics.ts";
import { chart, legend, type Room, SIZES } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { Series } from "../theme.ts";
import { byName, labels, logAxis, namedAxis, valueAxis } from "./encoding.ts";

/** What an arm's seeds say at one place; a place has at least one seed. */
export interface Place {
  readonly x: number;
  readonly values: readonly number[];
}

/** One line. */
export interface Line {
  readonly name: string;
  readonly series: Series;
  /** In ascending order. */
  readonly places: readonly Place[];
}

/** A number of a cell at one place; null where it is not finite. */
export interface Point {
  readonly x: number;
  readonly value: number | null | undefined;
}

/** The places at which every cell has a number, in ascending order. */
export function sharedPlaces<Cell>(
  cells: readonly Cell[],
  pointsOf: (cell: Cell) => readonly Point[],
): Place[] {
  return [...Map.groupBy(cells.flatMap(pointsOf), ({ x }) => x)]
    .map(([x, group]): Place => ({ x, values: group.flatMap(({ value }) => value ?? []) }))
    .filter(({ values }) => values.length === cells.length)
    .sort((a, b) => a.x - b.x);
}

/** A level that lines are to be held against. */
export interface Level {
  readonly name: string;
  readonly value: number;
}

/** Above so many places, points would hide the line. */
const MOST_POINTS = 24;

/** The chart with its legend; `label` says what it is, in words. */
export async function bandChart(
  lines: readonly Line[],
  { label, x, y, unit, ticks, names, logarithmic = false, levels = [], mean = arithmetic }: {
    readonly label: string;
    readonly x: string;
    readonly y: string;
    readonly unit: Unit;
    /** Left out: some, from 0 on. */
    readonly ticks?: readonly number[];
    /** What stands at each whole number from 0 on, instead of ticks. */
    readonly names?: readonly string[];
    /** Of the vertical axis, if all that it shows is above 0. */
    readonly logarithmic?: boolean;
    readonly levels?: readonly Level[];
    /** Over the seeds; the arithmetic one if left out. */
    readonly mean?: (values: readonly number[]) => number;
  },
): Promise<Html> {
  const rows = lines.flatMap(({ name, places }) =>
    places.map(({ x, values }) => ({
      name,
      x,
      mean: mean(values),
      low: Math.min(...values),
      high: Math.max(...values),
    }))
  );
  const shown = [
    ...rows.flatMap(({ low, high }) => [low, high]),
    ...levels.map(({ value }) => value),
  ];
  const vertical = logarithmic && shown.every((value) => value > 0)
    ? logAxis("mean", y, unit, shown)
    : valueAxis("mean", y, unit);
  const rule = { color: { value: "var(--quiet)" }, y: { field: "value", type: "quantitative" } };
  const points = lines.every(({ places }) => places.length <= MOST_POINTS);
  const horizontal = (room: Room) =>
    names ? namedAxis(names, x, room) : {
      title: x,
      axis: ticks
        ? { values: ticks, format: "~g" }
        : { tickCount: room === "wide" ? 8 : 5, labelExpr: labels("plain") },
      height: SIZES[room].height,
    };
  const draw = (room: Room) => {
    const { height, ...axis } = horizontal(room);
    return ({
      data: { values: rows },
      height,
      encoding: {
        x: {
          field: "x",
          type: "quantitative",
          scale: { nice: false, zero: ticks === undefined },
          ...axis,
        },
        color: byName(lines, "colour"),
      },
      layer: [
        {
          mark: { type: "area", opacity: 0.16 },
          encoding: {
            y: { field: "low", type: "quantitative" },
            y2: { field: "high" },
          },
        },
        {
          mark: { type: "line", strokeWidth: 2.25 },
          encoding: {
            y: vertical,
            strokeDash: byName(lines, "dash"),
          },
        },
        ...(points
          ? [{
            mark: { type: "point", filled: true, opacity: 1, size: 55 },
            encoding: {
              y: { field: "mean", type: "quantitative" },
              shape: byName(lines, "shape"),
            },
          }]
          : []),
        ...(levels.length > 0
          ? [
            {
              data: { values: levels },
              mark: { type: "rule", strokeDash: [1, 3], strokeWidth: 1.5 },
              encoding: { ...rule, x: { value: 0 }, x2: { value: "width" } },
            },
            {
              data: { values: levels },
              mark: { type: "text", align: "right", baseline: "bottom", dy: -3, fontSize: 13 },
              encoding: { ...rule, x: { value: "width" }, text: { field: "name" } },
            },
          ]
          : []),
      ],
    });
  };
  const ends = lines.map(({ name, places }) => {
    const { values, x } = places.at(-1)!;
    return `${name} ends at ${formatNumber(mean(values), unit)} (${names?.[x] ?? x})`;
  });
  const held = levels.map(({ name, value }) => `${name}: ${formatNumber(value, unit)}`);
  const entries = lines.map(({ name, series, places }) => (
    { name, series, note: `n = ${places.at(-1)!.values.length}` }
  ));
  return html`
    ${legend(entries, "line")} ${await chart(`${label}. ${[...ends, ...held].join("; ")}.`, draw)}
  `;
}

function arithmetic(values: readonly number[]): number {
  return summarize(values).mean;
}

/** What the band is, for the caption. */
export const BAND =
  "Lines are means over n seeds, bands reach from the lowest seed to the highest.";
