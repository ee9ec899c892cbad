/** One measure against another, an arm a point. */
import { formatSummary, unitIn } from "../../core/experiment/records/format.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { summarize } from "../../core/experiment/claims/statistics.ts";
import { chart, legend } from "../chart.ts";
import { html } from "../html.ts";
import { leftOut, type Reported, seriesOf } from "../reported.ts";
import { capital } from "../words.ts";
import { byName, valueAxis, wideAxis } from "./encoding.ts";
import type { Drawn } from "./drawn.ts";
import { numbersOf, withoutMeasures } from "./measures.ts";

/** Draws it from the measures in the records. */
export async function scatter(
  run: Reported,
  { title, x, y, arms }: FigureOf<"scatter">,
): Promise<Drawn> {
  const heading = title ?? `${capital(y)} against ${x}`;
  const notes = [...leftOut(run, arms), ...withoutMeasures(run, arms, [x, y])];
  const points = arms.flatMap((arm) => {
    const [xs, ys] = [numbersOf(run, arm, x), numbersOf(run, arm, y)];
    if (xs.length === 0 || ys.length === 0) return [];
    return { name: arm, x: summarize(xs), y: summarize(ys), series: seriesOf(run, arm) };
  });
  const caption = "Points are means over n seeds, bars their 95 % intervals.";
  if (points.length === 0) return { title: heading, content: undefined, caption, notes };

  const { measures } = run.experiment;
  const [unitX, unitY] = [unitIn(measures, x), unitIn(measures, y)];
  const values = points.map(({ name, x, y }) => ({
    name,
    x: x.mean,
    y: y.mean,
    ...Object.fromEntries((x.interval ?? []).map((end, i) => [`x${i}`, end])),
    ...Object.fromEntries((y.interval ?? []).map((end, i) => [`y${i}`, end])),
  }));
  const bars = (axis: "x" | "y") => ({
    transform: [{ filter: `isValid(datum.${axis}0) && datum.${axis}0 < datum.${axis}1` }],
    mark: { type: "rule", strokeWidth: 2 },
    encoding: {
      [axis]: { field: `${axis}0`, type: "quantitative" },
      [`${axis}2`]: { field: `${axis}1` },
    },
  });
  const draw = () => ({
    data: { values },
    encoding: {
      x: wideAxis("x", x, unitX, points.map((point) => point.x.mean)),
      y: valueAxis("y", y, unitY),
      color: byName(points, "colour"),
    },
    layer: [
      bars("y"),
      bars("x"),
      {
        mark: { type: "point", filled: true, opacity: 1, size: 140 },
        encoding: { shape: byName(points, "shape") },
      },
    ],
  });
  const said = points.map((point) =>
    `${point.name}: ${formatSummary(point.y, unitY)} at ${formatSummary(point.x, unitX)}`
  );
  const entries = points.map(({ name, y, series }) => ({ name, series, note: `n = ${y.n}` }));
  const label = `${heading}. ${said.join("; ")}.`;
  return {
    title: heading,
    content: html`${legend(entries, "point")} ${await chart(label, draw)}`,
    caption,
    notes,
  };
}
