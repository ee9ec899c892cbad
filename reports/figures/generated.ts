/** What a generator makes of the same codes, from look to look. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { count, formatNumber } from "../../core/experiment/records/format.ts";
import {
  gridName,
  readTiles,
  recordedPair,
  shownLooks,
} from "../../core/experiment/samples/generated_samples.ts";
import type { LookRecord } from "../../core/experiment/records/record.ts";
import { html } from "../html.ts";
import { picture } from "../picture.ts";
import { pictureSlider, type Stop } from "../picture_slider.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import { shareText } from "../words.ts";
import type { Drawn } from "./drawn.ts";

/**
 * Draws it from the grids of the arm's first seed.
 *
 * @throws {DeclarationError} when one is damaged, or the record is none of a pair.
 */
export async function generated(
  run: Reported,
  { title, arm, looks: most }: FigureOf<"generated">,
  id: string,
): Promise<Drawn> {
  const heading = title ?? `What ${arm} generates`;
  const missing = (...notes: string[]) => (
    { title: heading, content: undefined, caption: "", notes }
  );
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const { batch } = recordedPair(cell);
  const stops: Stop[] = [];
  for (const look of shownLooks(cell, most)) {
    const folder = `${run.stored.folder}/${cell.id}`;
    const grid = await readTiles(run.host, folder, gridName(look.step), cell);
    if (!grid) continue;
    const steps = count(look.step, "step");
    stops.push({
      name: look.step.toLocaleString("en"),
      picture: picture(
        grid,
        `A grid of images that ${arm} generates after ${steps}: ${found(look)}`,
      ),
      caption: html`
        <b>After ${steps}, ${count(look.step * batch, "real image")} seen</b>
        <span>${found(look)}</span>
      `,
    });
  }
  if (stops.length === 0) return missing(`${cell.id} left no grids of generated images.`);
  return {
    title: heading,
    content: pictureSlider({ id, legend: "Training steps", stops }),
    caption: `Images of the same codes at every look, seed ${cell.seed}.`,
    notes: [],
  };
}

/** What a look found, in words. */
function found({ discriminator, yardstick }: LookRecord): string {
  const judged = yardstick
    ? [
      ...(yardstick.frechetDistance === null
        ? []
        : [`Frechet distance ${formatNumber(yardstick.frechetDistance)}`]),
      `${count(yardstick.covered, "class", "classes")} covered`,
    ]
    : [];
  const right = shareText(discriminator.accuracy);
  return [...judged, `discriminator right on ${right}`].join(", ");
}
