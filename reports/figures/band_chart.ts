/** Lines over their seeds: the mean, in a band from the lowest to the highest. */
import { formatNumber, type Unit } from "../../core/experiment/format.ts";
import { summarize } from "../../core/experiment/statistics.ts";
import { chart, legend, type Room } from "../chart.ts";
import { type Html, html } from "../html.ts";
import { type Reported, seriesOf } from "../reported.ts";
import { byArm, valueAxis } from "./encoding.ts";

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
  { label, x, y, unit, ticks }: {
    readonly label: string;
    readonly x: string;
    readonly y: string;
    readonly unit: Unit;
    /** Left out: some, from 0 on. */
    readonly ticks?: readonly number[];
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
  const points = lines.every(({ places }) => places.length <= MOST_POINTS);
  const draw = (room: Room) => ({
    data: { values: rows },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: x,
        scale: { nice: false, zero: ticks === undefined },
        axis: ticks ? { values: ticks, format: "~g" } : { tickCount: room === "wide" ? 8 : 5 },
      },
      color: byArm(looks, "colour"),
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
          strokeDash: byArm(looks, "dash"),
        },
      },
      ...(points
        ? [{
          mark: { type: "point", filled: true, opacity: 1, size: 55 },
          encoding: {
            y: { field: "mean", type: "quantitative" },
            shape: byArm(looks, "shape"),
          },
        }]
        : []),
    ],
  });
  const ends = lines.map(({ arm, places }) => {
    const { values, x } = places.at(-1)!;
    return `${arm} ends at ${formatNumber(summarize(values).mean, unit)} (${x})`;
  });
  const entries = looks.map(({ arm, series }, i) => ({
    name: arm,
    series,
    note: `n = ${lines[i]!.places.at(-1)!.values.length}`,
  }));
  return html`
    ${legend(entries, "line")} ${await chart(`${label}. ${ends.join("; ")}.`, draw)}
  `;
}

/** What the band is, for the caption. */
export const BAND =
  "Lines are means over n seeds, bands reach from the lowest seed to the highest.";
