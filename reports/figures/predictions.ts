/** Sample images with what the net says of them. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { type Predictions, readPredictions } from "../../core/experiment/samples/samples.ts";
import { imageGrid } from "../image_grid.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import { type Answer, answeredTile } from "./answered_tile.ts";
import type { Drawn } from "./drawn.ts";

/**
 * Draws it from the samples of the arm's first seed.
 *
 * @throws {DeclarationError} when they are damaged.
 */
export async function predictions(
  run: Reported,
  { title = "Images and predictions", arm }: FigureOf<"predictions">,
  id: string,
): Promise<Drawn> {
  const missing = (...notes: string[]) => ({ title, content: undefined, caption: "", notes });
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const samples = await readPredictions(run.host, `${run.stored.folder}/${cell.id}`);
  if (!samples) return missing(`${cell.id} left no sample images.`);
  const { predictions: { image: [height, width], columns, images, classes, set }, png } = samples;
  const said = images.map((image) => describe(image, classes));
  const right = said.filter(({ truth, taken }) => taken === truth).length;
  const tiles = said.map((answer) => answeredTile(answer));
  return {
    title,
    content: imageGrid({ id, png, size: [height, width], columns, tiles }),
    caption:
      `Images of the ${set} set, seed ${cell.seed} of ${arm}: the true class, below it the ` +
      `predicted one with its confidence. ${right} of ${images.length} are right (✓, solid frame); ` +
      "the others are marked ✗ and have a dashed frame.",
    notes: [],
  };
}

function describe(
  { label, probabilities }: Predictions["images"][number],
  classes: readonly string[],
): Answer {
  const confidence = Math.max(...probabilities);
  // Of equals the lowest class, as everywhere.
  const taken = classes[probabilities.indexOf(confidence)]!;
  return { truth: classes[label]!, taken, confidence };
}
