/** The declared figures of a run, each by the file of its kind. */
import type { Figure } from "../core/experiment/figure.ts";
import { attackedImages } from "./figures/attacked_images.ts";
import { byDepth } from "./figures/by_depth.ts";
import { curve } from "./figures/curve.ts";
import { type Drawn, drawnSection } from "./figures/drawn.ts";
import { epsilonStrips } from "./figures/epsilon_strips.ts";
import { filters } from "./figures/filters.ts";
import { generated } from "./figures/generated.ts";
import { heatMap } from "./figures/heat_map.ts";
import { histograms } from "./figures/histograms.ts";
import { inspected } from "./figures/inspected.ts";
import { interpolation } from "./figures/interpolation.ts";
import { learningCurves } from "./figures/learning_curves.ts";
import { neighbours } from "./figures/neighbours.ts";
import { overTime } from "./figures/over_time.ts";
import { predictions } from "./figures/predictions.ts";
import { robustness } from "./figures/robustness.ts";
import { scatter } from "./figures/scatter.ts";
import { stepTimes } from "./figures/step_times.ts";
import { transferMatrix } from "./figures/transfer_matrix.ts";
import { type Html, html } from "./html.ts";
import type { Reported } from "./reported.ts";

/** All of them; nothing where none is declared. */
export async function figuresSection(run: Reported): Promise<Html | ""> {
  const drawn: Drawn[] = [];
  for (const [i, figure] of run.figures.entries()) drawn.push(await draw(run, figure, `png-${i}`));
  if (drawn.length === 0) return "";
  return html`
    <section>
      <h2>Figures</h2>
      ${drawn.map(drawnSection)}
    </section>
  `;
}

function draw(run: Reported, figure: Figure, id: string): Promise<Drawn> {
  switch (figure.figure) {
    case "learning curves":
      return learningCurves(run, figure);
    case "scatter":
      return scatter(run, figure);
    case "curve":
      return curve(run, figure);
    case "filters":
      return filters(run, figure, id);
    case "predictions":
      return predictions(run, figure, id);
    case "generated":
      return generated(run, figure, id);
    case "interpolation":
      return interpolation(run, figure);
    case "neighbours":
      return neighbours(run, figure);
    case "over time":
      return overTime(run, figure);
    case "heat map":
      return heatMap(run, figure);
    case "by depth":
      return byDepth(run, figure);
    case "inspected":
      return inspected(run, figure);
    case "histograms":
      return histograms(run, figure);
    case "step times":
      return stepTimes(run, figure);
    case "attacked images":
      return attackedImages(run, figure, id);
    case "epsilon strips":
      return epsilonStrips(run, figure, id);
    case "robustness":
      return robustness(run, figure);
    case "transfer matrix":
      return transferMatrix(run, figure);
  }
}
