/**
 * Sample images that a cell leaves behind with what its net says of them, so that a report can show
 * them without the data set or a device: `predictions.json` for the numbers, and beside it one
 * picture with the images as tiles. Both may come from a stranger, so sizes are checked before
 * anything is read, and the picture must be as large as the numbers say.
 */
import { z } from "zod";
import { DeclarationError } from "./declaration_error.ts";
import type { Host } from "./host_interface.ts";
import { FORMAT, readRecord } from "./record.ts";

/** Names of the files in a cell's folder. */
export const SAMPLES = {
  predictions: "samples/predictions.json",
  pictures: "samples/predictions.png",
} as const;

/** More than a page can show, and far more than a run writes. */
const MOST_IMAGES = 1_000;
const LARGEST_FILE = 4_000_000;

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
  const pictures = `${cellFolder}/${SAMPLES.pictures}`;
  if (!await host.exists(numbers)) return undefined;
  for (const path of [numbers, pictures]) {
    const bytes = await host.files.size(path) ?? 0;
    if (bytes > LARGEST_FILE) {
      throw new DeclarationError(
        `${path}: expected at most ${LARGEST_FILE} bytes, found ${bytes}; it is no sample of a run`,
      );
    }
  }
  const predictions = await readRecord(host, numbers, predictionsSchema);
  const png = await host.files.read(pictures);
  const { image: [height, width, channels], columns, images } = predictions;
  const rows = Math.ceil(images.length / columns);
  const expected = describe(columns * width, rows * height, channels === 3 ? RGB : GREY);
  const found = describePng(png);
  if (found !== expected) {
    throw new DeclarationError(
      `${pictures}: expected ${expected}, as ${SAMPLES.predictions} says, found ${found}; the ` +
        "files are damaged or of two runs",
    );
  }
  return { predictions, png };
}

/** Colour types of a PNG's header. */
const GREY = 0, RGB = 2;
/** Signature, length and type of the first chunk. */
const PNG_START = [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82];

/** By the header alone: a browser decodes the rest in its own sandbox. */
function describePng(bytes: Uint8Array<ArrayBuffer>): string {
  const header = bytes.length >= 33 && PNG_START.every((byte, i) => bytes[i] === byte);
  if (!header) return "no PNG";
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return describe(view.getUint32(16), view.getUint32(20), bytes[25]!);
}

function describe(width: number, height: number, colour: number): string {
  const kind = { [GREY]: "grey", [RGB]: "RGB" }[colour] ?? `colour type ${colour}`;
  return `a PNG of ${width} x ${height} pixels, ${kind}`;
}
