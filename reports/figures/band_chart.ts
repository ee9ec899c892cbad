/** Lines over their seeds: the mean, in a band from the lowest to the highest. */
import { formatNumber, type Unit } from "../../core/experiment/format.ts";
import { summarize } from "../../core/experiment/statistics.ts";
import { chart, type Drawing, legend, type Room } from "../chart.ts";
import { type Html, html } from "../html.ts";
import { type Reported, seriesOf } from "../reported.ts";
import { valueAxis } from "./axis.ts";

/** What an arm's seeds say at one place; a place has at least one seed. */
export interface Place {
  readonly x: number;
  readonly values: readonly number[];
}

/** One line. */
export interface Line {
  readonly arm: string;
  /** In ascending order. */
  readonly places: readonly Place[];
}

/** Above so many places, points would hide the line. */
const MOST_POINTS = 24;

/** The chart with its legend; `label` says what it is, in words. */
export async function bandChart(
  run: Reported,
  lines: readonly Line[],
  { label, x, y, unit }: {
    readonly label: string;
    readonly x: string;
    readonly y: string;
    readonly unit: Unit;
  },
): Promise<Html> {
  const rows = lines.flatMap(({ arm, places }) =>
    places.map(({ x, values }) => ({
      arm,
      x,
      mean: summarize(values).mean,
      low: Math.min(...values),
      high: Math.max(...values),
    }))
  );
  const looks = lines.map(({ arm }) => ({ arm, series: seriesOf(run, arm) }));
  const domain = looks.map(({ arm }) => arm);
  const scale = (range: readonly unknown[]) => ({ scale: { domain, range }, legend: null });
  const colour = {
    field: "arm",
    type: "nominal",
    ...scale(looks.map(({ series }) => series.colour)),
  };
  const points = rows.length <= MOST_POINTS * lines.length;
  const draw = (room: Room) => ({
    data: { values: rows },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: x,
        scale: { nice: false },
        axis: { tickCount: room === "wide" ? 8 : 5 },
      },
      color: colour,
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
          y: valueAxis("mean", y, unit),
          strokeDash: {
            field: "arm",
            type: "nominal",
            ...scale(looks.map(({ series }) => series.dash)),
          },
        },
      },
      ...(points
        ? [{
          mark: { type: "point", filled: true, opacity: 1, size: 55 },
          encoding: {
            y: { field: "mean", type: "quantitative" },
            shape: {
              field: "arm",
              type: "nominal",
              ...scale(looks.map(({ series }) => series.shape)),
            },
          },
        }]
        : []),
    ],
  } as unknown as Drawing);
  const ends = lines.map(({ arm, places }) => {
    const { values, x } = places.at(-1)!;
    return `${arm} ends at ${formatNumber(summarize(values).mean, unit)} (${x})`;
  });
  const entries = lines.map(({ arm, places }) => ({
    name: arm,
    series: seriesOf(run, arm),
    note: `n = ${places.at(-1)!.values.length}`,
  }));
  return html`
    ${legend(entries, "line")} ${await chart(`${label}. ${ends.join("; ")}.`, draw)}
  `;
}

/** What the band is, for the caption. */
export const BAND =
  "Lines are means over n seeds, bands reach from the lowest seed to the highest.";
