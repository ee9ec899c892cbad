/** Several measures in the order of something that was changed. */
import { unitIn } from "../../core/experiment/records/format.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { leftOut, type Reported, seriesOf } from "../reported.ts";
import { BAND, bandChart } from "./band_chart.ts";
import type { Drawn } from "./drawn.ts";
import { numbersOf, withoutMeasures } from "./measures.ts";

/** Draws it from the measures in the records. */
export async function curve(
  run: Reported,
  { title, x, points, arms }: FigureOf<"curve">,
): Promise<Drawn> {
  const inOrder = points.toSorted((a, b) => a.x - b.x);
  const lines = arms.map((arm) => ({
    name: arm,
    series: seriesOf(run, arm),
    places: inOrder.map(({ x, measure }) => ({ x, values: numbersOf(run, arm, measure) }))
      .filter(({ values }) => values.length > 0),
  })).filter(({ places }) => places.length > 0);
  const ticks = inOrder.map(({ x }) => x);
  const { measures } = run.experiment;
  const units = new Set(points.map(({ measure }) => unitIn(measures, measure)));
  const unit = units.size === 1 ? [...units][0]! : "plain";
  return {
    title,
    content: lines.length === 0
      ? undefined
      : await bandChart(lines, { label: title, x, y: "", unit, ticks }),
    caption: BAND,
    notes: [
      ...leftOut(run, arms),
      ...withoutMeasures(run, arms, points.map(({ measure }) => measure)),
    ],
  };
}
