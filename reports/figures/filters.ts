/** The filters of a convolution as pictures. */
import { readCheckpoint } from "../../core/experiment/cells/checkpoint_file.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { encodePng } from "../../core/experiment/samples/picture.ts";
import { FILES } from "../../core/experiment/records/record.ts";
import { imageGrid } from "../image_grid.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import type { Drawn } from "./drawn.ts";

/** More would fill the page. */
const MOST_FILTERS = 256;

/** Weights as bytes, tile beside tile. */
interface Pictures {
  readonly pixels: Uint8Array;
  readonly size: readonly [height: number, width: number];
  readonly channels: 1 | 3;
  readonly count: number;
}

/**
 * Draws it from the checkpoint of the arm's first seed.
 *
 * @throws {CheckpointError} when the checkpoint is damaged.
 */
export async function filters(
  run: Reported,
  { title = "Filters", arm, layer }: FigureOf<"filters">,
  id: string,
): Promise<Drawn> {
  const missing = (...notes: string[]) => ({ title, content: undefined, caption: "", notes });
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const path = `${run.stored.folder}/${cell.id}/${FILES.checkpoint}`;
  if (!await run.host.exists(path)) return missing(`${cell.id} has no ${FILES.checkpoint}.`);
  const { tensors } = await readCheckpoint(run.host, path);
  const weights = tensors.get(`${layer}/weights`);
  if (!weights) return missing(`The checkpoint of ${cell.id} has no layer ${layer}.`);
  const shown = pictures(weights.shape, weights.data);
  if (!shown) {
    return missing(
      `${layer} of ${arm} cannot be shown: only filters over 1 or 3 channels are pictures.`,
    );
  }
  const { pixels, size, channels, count } = shown;
  const tiles = Array.from({ length: count }, (_, i) => ({ label: `filter ${i + 1}` }));
  const png = encodePng(pixels, size[1], size[0] * count, channels);
  const all = weights.shape[3]!;
  const which = count < all ? `The first ${count} of ${all}` : `The ${all}`;
  return {
    title,
    content: imageGrid({ id, png, size, columns: 1, tiles }),
    caption: `${which} filters (${size.join(" x ")}) of ${layer} in ${arm}, seed ${cell.seed}, ` +
      `after ${
        cell.progress.step.toLocaleString("en")
      } steps, each scaled from its own smallest weight to its ` +
      "largest.",
    notes: [],
  };
}

/** Filters [height, width, channels, count] one below the other; nothing for another shape. */
function pictures(shape: readonly number[], weights: ArrayLike<number>): Pictures | undefined {
  const [height, width, channels, all] = shape;
  if (shape.length !== 4 || weights.length === 0 || (channels !== 1 && channels !== 3)) {
    return undefined;
  }
  const count = Math.min(all!, MOST_FILTERS);
  const elements = height! * width! * channels;
  const pixels = new Uint8Array(count * elements);
  for (let filter = 0; filter < count; filter++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < elements; i++) {
      const weight = weights[i * all! + filter]!;
      low = Math.min(low, weight);
      high = Math.max(high, weight);
    }
    for (let i = 0; i < elements; i++) {
      const share = high > low ? (weights[i * all! + filter]! - low) / (high - low) : 0.5;
      pixels[filter * elements + i] = Math.round(255 * share);
    }
  }
  return { pixels, size: [height!, width!], channels, count };
}
