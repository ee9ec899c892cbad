/** Accuracy by training step. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { cellsOf, leftOut, type Reported, seriesOf } from "../reported.ts";
import { BAND, bandChart, sharedPlaces } from "./band_chart.ts";
import type { Drawn } from "./drawn.ts";

/** Draws it from the evaluations in the records. */
export async function learningCurves(
  run: Reported,
  { title, arms, set }: FigureOf<"learning curves">,
): Promise<Drawn> {
  const lines = arms.map((arm) => ({
    name: arm,
    series: seriesOf(run, arm),
    places: sharedPlaces(
      cellsOf(run, arm),
      ({ progress: { evaluations } }) =>
        evaluations.filter((evaluation) => evaluation.set === set)
          .map(({ step, accuracy }) => ({ x: step, value: accuracy })),
    ),
  })).filter(({ places }) => places.length > 0);
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
