/**
 * Sample images that a cell leaves behind with what its net says of them, so that a report can show
 * them without the data set or a device: `predictions.json` for the numbers, and beside it one
 * picture with the images as tiles, which must be as large as the numbers say.
 */
import { z } from "zod";
import type { Host } from "../host_interface.ts";
import { readNumbers, readPicture } from "./left_files.ts";
import { FORMAT } from "../records/record.ts";

/** Names of the files in a cell's folder. */
export const SAMPLES = {
  predictions: "samples/predictions.json",
  pictures: "samples/predictions.png",
} as const;

/** More than a page can show, and far more than a run writes. */
const MOST_IMAGES = 1_000;

const count = z.number().int().min(0);
const size = z.number().int().min(1).max(4_096);

/** `samples/predictions.json`. */
export const predictionsSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Which images: `test`. */
  set: z.string(),
  /** Names of the classes. */
  classes: z.array(z.string()).min(1),
  /** Height, width and channels of an image; grey with one channel, RGB with three. */
  image: z.tuple([size, size, z.union([z.literal(1), z.literal(3)])]),
  /** Tiles in a row of the picture; the last row may be shorter. */
  columns: size,
  /** In the order of the tiles. */
  images: z.array(z.strictObject({
    /** Its place in the set. */
    index: count,
    label: count,
    /** Of each class. */
    probabilities: z.array(z.number().min(0).max(1)),
  })).min(1).max(MOST_IMAGES),
}).superRefine(({ classes, images }, context) => {
  images.forEach(({ label, probabilities }, i) => {
    if (label >= classes.length || probabilities.length !== classes.length) {
      context.addIssue({
        code: "custom",
        path: ["images", i],
        message: `expected a label and a probability for each of ${classes.length} classes`,
      });
    }
  });
});

/** Sample images and the probabilities that a net gives their classes. */
export type Predictions = z.output<typeof predictionsSchema>;

/**
 * Reads a cell's sample images; `undefined` where it left none.
 *
 * @throws {DeclarationError} when the files are damaged, too large, or do not belong together.
 * @throws {HostError} when a file cannot be read.
 */
export async function readPredictions(
  host: Host,
  cellFolder: string,
): Promise<
  { readonly predictions: Predictions; readonly png: Uint8Array<ArrayBuffer> } | undefined
> {
  const numbers = `${cellFolder}/${SAMPLES.predictions}`;
  if (!await host.exists(numbers)) return undefined;
  const predictions = await readNumbers(host, numbers, predictionsSchema);
  const { image: [height, width, channels], columns, images } = predictions;
  const rows = Math.ceil(images.length / columns);
  const { png } = await readPicture(
    host,
    `${cellFolder}/${SAMPLES.pictures}`,
    [{ width: columns * width, height: rows * height, channels }],
    SAMPLES.predictions,
  );
  return { predictions, png };
}
