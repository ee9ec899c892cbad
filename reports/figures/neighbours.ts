/** Generated images beside the training images that they are nearest to. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { formatNumber } from "../../core/experiment/records/format.ts";
import {
  GENERATED,
  readNeighbours,
  readTiles,
} from "../../core/experiment/samples/generated_samples.ts";
import { summarize } from "../../core/experiment/claims/statistics.ts";
import { html } from "../html.ts";
import { picture } from "../picture.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import type { Drawn } from "./drawn.ts";

/**
 * Draws it from what the arm's first seed left.
 *
 * @throws {DeclarationError} when that is damaged, or the record is none of a pair.
 */
export async function neighbours(
  run: Reported,
  { title, arm }: FigureOf<"neighbours">,
): Promise<Drawn> {
  const heading = title ?? `Does ${arm} learn its training images by heart?`;
  const missing = (...notes: string[]) => (
    { title: heading, content: undefined, caption: "", notes }
  );
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const folder = `${run.stored.folder}/${cell.id}`;
  const distances = await readNeighbours(run.host, folder);
  const tiles = distances && await readTiles(run.host, folder, GENERATED.nearest, cell);
  if (!tiles) return missing(`${cell.id} left no nearest training images.`);
  const [generated, test] = [distances.generated, distances.test].map((of) =>
    formatNumber(summarize(of).mean)
  );
  const alt = `Images that ${arm} generates, each above the training image that it is nearest to`;
  return {
    title: heading,
    content: html`
      ${picture(tiles, alt)}
      <p>
        Mean distance to the nearest training image: <b>${generated!}</b> grey levels for generated
        images, <b>${test!}</b> for test images.
      </p>
    `,
    caption: "The first and the third row are generated, below each image stands the training " +
      "image that it is nearest to. Copies would come much nearer than test images do. A distance " +
      `is the root of the mean squared difference of pixels in 0 to 255; seed ${cell.seed}.`,
    notes: [],
  };
}
