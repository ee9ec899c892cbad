/** Accuracy by training step. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { cellsOf, leftOut, type Reported, seriesOf } from "../reported.ts";
import { BAND, bandChart, type Place } from "./band_chart.ts";
import type { Drawn } from "./drawn.ts";

/** Draws it from the evaluations in the records. */
export async function learningCurves(
  run: Reported,
  { title, arms, set }: FigureOf<"learning curves">,
): Promise<Drawn> {
  const lines = arms.map((arm) => (
    { name: arm, series: seriesOf(run, arm), places: evaluations(cellsOf(run, arm), set) }
  )).filter(({ places }) => places.length > 0);
  const heading = title ?? `Learning curves: ${set} accuracy`;
  return {
    title: heading,
    content: lines.length === 0 ? undefined : await bandChart(lines, {
      label: heading,
      x: "training steps",
      y: `accuracy on ${set} images`,
      unit: "share",
    }),
    caption: BAND,
    notes: leftOut(run, arms),
  };
}

/** The steps at which every seed was evaluated. */
function evaluations(cells: readonly CellRecord[], set: string): Place[] {
  const taken = cells.flatMap(({ progress }) => progress.evaluations)
    .filter((evaluation) => evaluation.set === set);
  return [...Map.groupBy(taken, ({ step }) => step)]
    .map(([x, group]) => ({
      x,
      values: group.map(({ accuracy }) => accuracy).filter((accuracy) => accuracy !== null),
    }))
    .filter(({ values }) => values.length === cells.length)
    .sort((a, b) => a.x - b.x);
}
