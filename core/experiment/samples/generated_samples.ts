/**
 * Pictures that an adversarial cell leaves behind: at each look a grid of generated images, always of
 * the same codes, and of the finished generator a walk between codes, and generated images above the
 * training images that they are nearest to.
 */
import { z } from "zod";
import { type DatasetName, DATASETS } from "../../data/dataset.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { Host } from "../host_interface.ts";
import { type Picture, readNumbers, readPicture } from "./left_files.ts";
import { tiled } from "./picture.ts";
import { type CellRecord, FILES, FORMAT, type LookRecord } from "../records/record.ts";

/** Names of the files that a finished generator leaves besides its grids, in its cell's folder. */
export const GENERATED = {
  interpolation: "samples/interpolation.png",
  nearest: "samples/nearest.png",
  neighbours: "samples/nearest.json",
} as const;

const distances = z.array(z.number().min(0).max(255)).min(1).max(1_000);

/** `samples/nearest.json`. */
export const neighboursSchema = z.strictObject({
  format: z.literal(FORMAT),
  /**
   * How far generated images, and as many test images, are from the nearest training image: root of
   * the mean squared difference of pixels, in grey levels of 0..255.
   */
  generated: distances,
  test: distances,
});

/** See {@link neighboursSchema}. */
export type Neighbours = z.output<typeof neighboursSchema>;

type Shape = readonly [height: number, width: number, channels: number];

/** Images a side of a grid, and a row of any of these pictures. */
export const COLUMNS = 8;
/** Shades of grey, or of each colour. */
const SHADES = 32;

/** The name of the grid of a step, in a cell's folder. */
export function gridName(step: number): string {
  return `samples/generated-${String(step).padStart(6, "0")}.png`;
}

/** Whether a file has such a name. */
export function isGridName(name: string): boolean {
  return /^samples\/generated-\d{6,}\.png$/.test(name);
}

/**
 * The looks of a cell whose grids are shown: `most` at most, evenly spread up to the last one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shownLooks } from "./generated_samples.ts";
 *
 * const looks = [100, 200, 300, 400].map((step) => ({ step }));
 * const shown = shownLooks({ progress: { looks } } as never, 2);
 * assert.deepEqual(shown.map(({ step }) => step), [200, 400]);
 * ```
 */
export function shownLooks(
  { progress: { looks = [] } }: Pick<CellRecord, "progress">,
  most: number,
): LookRecord[] {
  const count = Math.min(most, looks.length);
  return Array.from(
    { length: count },
    (_, i) => looks[Math.ceil((i + 1) * looks.length / count) - 1]!,
  );
}

/** What a report needs to know of a pair, without the code that reads nets. */
const pairSchema = z.object({
  kind: z.literal("adversarial"),
  data: z.enum(Object.keys(DATASETS) as DatasetName[]),
  batch: z.number().int().min(1),
});

/**
 * The pair that a record tells of.
 *
 * @throws {DeclarationError} when it tells of none.
 */
export function recordedPair(
  { id, config }: Pick<CellRecord, "id" | "config">,
): z.output<typeof pairSchema> {
  const { data, error } = pairSchema.safeParse(config);
  if (data) return data;
  const { path, message } = error.issues[0]!;
  throw new DeclarationError(
    `cell ${id}: expected the record of an adversarial arm, found another one ` +
      `(config.${path.join(".")}: ${message}); put its own back`,
  );
}

/**
 * Reads a picture that the cell in `folder` left, rows of eight images; `undefined` where it left none.
 *
 * @throws {DeclarationError} when it is damaged, or none of the cell's.
 */
export async function readTiles(
  host: Host,
  folder: string,
  name: string,
  record: Pick<CellRecord, "id" | "config">,
): Promise<Picture | undefined> {
  if (!await host.exists(`${folder}/${name}`)) return undefined;
  const [height, width, values] = DATASETS[recordedPair(record).data].shape;
  const channels = values as Picture["channels"];
  // A look may have taken fewer images than a grid has room for.
  const sizes = Array.from(
    { length: COLUMNS },
    (_, i) => ({ width: COLUMNS * width, height: (COLUMNS - i) * height, channels }),
  );
  return readPicture(host, `${folder}/${name}`, sizes, FILES.record);
}

/**
 * Reads how near the cell's generated images are to training images; `undefined` where it left nothing.
 *
 * @throws {DeclarationError} when the file is damaged.
 */
export async function readNeighbours(host: Host, folder: string): Promise<Neighbours | undefined> {
  const path = `${folder}/${GENERATED.neighbours}`;
  return await host.exists(path) ? readNumbers(host, path, neighboursSchema) : undefined;
}

/** Writes the grid of a step: the first 64 of generated images, values in 0..1. */
export async function leaveGrid(
  host: Host,
  folder: string,
  step: number,
  images: Float32Array,
  shape: Shape,
): Promise<void> {
  if (!await host.exists(`${folder}/samples`)) await host.createFolder(`${folder}/samples`);
  const first = images.subarray(0, COLUMNS * COLUMNS * shape[0] * shape[1] * shape[2]);
  await host.writeAtomic(`${folder}/${gridName(step)}`, inRows(asBytes(first, shape), shape));
}

/**
 * Images as a picture, rows of eight, in 32 shades. The eye hardly tells them from 256, and the faint
 * noise of a generator, which does not compress, would fill a lock: so a picture takes half the room.
 */
export function inRows(images: readonly Uint8Array[], shape: Shape): Uint8Array<ArrayBuffer> {
  const step = 255 / (SHADES - 1);
  const coarse = images.map((image) =>
    image.map((value) => Math.floor(Math.floor(value / step + 0.5) * step + 0.5))
  );
  return tiled(coarse, shape, COLUMNS);
}

/** Images, values in 0..1, as bytes: one list an image. */
export function asBytes(images: Float32Array, shape: Shape): Uint8Array[] {
  const length = shape[0] * shape[1] * shape[2];
  return Array.from(
    { length: images.length / length },
    (_, i) =>
      Uint8Array.from(
        images.subarray(i * length, (i + 1) * length),
        (value) => Math.max(0, Math.min(255, Math.floor(value * 255 + 0.5))),
      ),
  );
}
