/**
 * Small files that a cell left for its report: numbers, and pictures of them. They may come from a
 * stranger, so their sizes are checked before they are read, and a picture must be as large as is
 * known from elsewhere.
 */
import type { z } from "zod";
import { DeclarationError } from "../declaration_error.ts";
import type { Host } from "../host_interface.ts";
import { readRecord } from "../records/record.ts";

/** Far more than a run writes. */
const LARGEST_FILE = 4_000_000;

/** The size of a picture, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
  /** Grey or RGB. */
  readonly channels: 1 | 3;
}

/** A picture that was read. */
export interface Picture extends PictureSize {
  readonly png: Uint8Array<ArrayBuffer>;
}

/**
 * Reads numbers.
 *
 * @throws {DeclarationError} when the file is too large, or no such record.
 * @throws {HostError} when it cannot be read.
 */
export async function readNumbers<S extends z.ZodType>(
  host: Host,
  path: string,
  schema: S,
): Promise<z.output<S>> {
  await refuseLarge(host, path);
  return readRecord(host, path, schema);
}

/**
 * Reads a picture by its header alone: a browser decodes the rest in its own sandbox.
 *
 * @param sizes that it may have.
 * @param says what speaks of these sizes.
 * @throws {DeclarationError} when it is too large, or no PNG of such a size.
 * @throws {HostError} when it cannot be read.
 */
export async function readPicture(
  host: Host,
  path: string,
  sizes: readonly PictureSize[],
  says: string,
): Promise<Picture> {
  await refuseLarge(host, path);
  const png = await host.files.read(path);
  const found = describePng(png);
  const size = sizes.find((size) => describe(size) === found);
  if (size) return { ...size, png };
  throw new DeclarationError(
    `${path}: expected ${sizes.map(describe).join(" or ")}, as ${says} says, found ${found}; the ` +
      "files are damaged or of two runs",
  );
}

async function refuseLarge(host: Host, path: string): Promise<void> {
  const bytes = await host.files.size(path) ?? 0;
  if (bytes <= LARGEST_FILE) return;
  throw new DeclarationError(
    `${path}: expected at most ${LARGEST_FILE} bytes, found ${bytes}; it is no sample of a run`,
  );
}

/** Signature, length and type of the first chunk. */
const PNG_START = [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82];
/** By the colour type of a PNG's header. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3 };

function describePng(bytes: Uint8Array<ArrayBuffer>): string {
  const header = bytes.length >= 33 && PNG_START.every((byte, i) => bytes[i] === byte);
  if (!header) return "no PNG";
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height, colour] = [view.getUint32(16), view.getUint32(20), bytes[25]!];
  const channels = CHANNELS[colour];
  if (channels === undefined) return `a PNG of colour type ${colour}`;
  return describe({ width, height, channels });
}

function describe(
  { width, height, channels }: Record<keyof PictureSize, number>,
): string {
  return `a PNG of ${width} x ${height} pixels, ${channels === 1 ? "grey" : "RGB"}`;
}
