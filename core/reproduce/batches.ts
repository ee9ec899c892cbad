/**
 * The batches of a cell's first steps in a file, with what its weights were locked to be after them:
 * so they can be trained on where the data set cannot go. It is a safetensors file: `images` has the
 * pixels in the order of use, four bytes a word as they reach a device, `labels` their labels; a step
 * that learns from images without labels too has them, with labels that it never reads, behind its
 * others. Where images are standardised, the numbers of that are beside them, as in a checkpoint.
 *
 * The file may come from a stranger: nothing in it is used before it is checked, and what decides is
 * the lock, never the digests in the file.
 */
import { dirname } from "node:path";
import { z } from "zod";
import { imagesOf, packRecords, unpackRecords } from "../data/batches.ts";
import { chosenImages, type Dataset, DATASETS, type Images } from "../data/dataset.ts";
import type { PixelScale } from "../data/pixels.ts";
import { imagesOfStep, type Trained } from "../experiment/arms/arm.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { formatBytes } from "../experiment/records/format.ts";
import { type Host, HostError } from "../experiment/host_interface.ts";
import { progressSchema } from "../experiment/records/record.ts";
import { fitting } from "../experiment/cells/checkpoint_file.ts";
import { shownIn } from "../experiment/cells/open_training.ts";
import type { Shown } from "../experiment/cells/supervised_cell.ts";
import { size } from "../ops/op.ts";
import {
  type Checkpoint,
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
} from "../train/checkpoint.ts";
import { pixelTensors, savedPixels } from "../train/pixel_tensors.ts";
import type { Point } from "./chains.ts";
import type { Lock } from "./lock.ts";
import { OutOfDateError, type TrainedPair } from "./out_of_date.ts";

/** What a file of batches may take; it is held in memory. */
const LARGEST_FILE = 256_000_000;
/** More than its header takes. */
const HEADER_BYTES = 1_000_000;

const IMAGES = "images";
const LABELS = "labels";

const metadataSchema = z.strictObject({
  format: z.literal("samebits batches 1"),
  experiment: z.string(),
  preset: z.string(),
  cell: z.string(),
  /** Digests of the cell's configuration and of its data set. */
  config: z.string(),
  data: z.string(),
  /** The locked points of these steps. */
  chain: z.string().transform((text) => JSON.parse(text)).pipe(progressSchema.shape.chain),
});

type Metadata = Readonly<Record<keyof z.output<typeof metadataSchema>, string>>;

/** Batches that are to be trained on. */
export interface Batches {
  /** In the order of use: bytes as published, or as their arm has poisoned them. */
  readonly images: Images;
  readonly pixels: PixelScale;
  readonly points: readonly Point[];
}

/**
 * Writes the batches of the steps up to the last of `points`, and returns the bytes written.
 *
 * @throws {DeclarationError} when the file is there, or they are too many for one.
 * @throws {HostError} when it cannot be written; then there is no new file.
 */
export async function writeBatches(
  host: Host,
  file: string,
  lock: Lock,
  { cell, locked }: TrainedPair,
  data: Dataset,
  points: readonly Point[],
): Promise<number> {
  const { config, seed, id, digest } = cell;
  if (await host.exists(file)) {
    throw new DeclarationError(
      `${file} is there already, and no file is overwritten; name another one, or remove it`,
    );
  }
  const steps = points.at(-1)![0];
  const bytes = fileBytes(config, steps);
  if (bytes > LARGEST_FILE) {
    throw new DeclarationError(
      `the batches of ${steps} steps of ${id} take ${formatBytes(bytes)}, a file at most ` +
        `${formatBytes(LARGEST_FILE)}; ask for fewer --steps`,
    );
  }
  const shown = shownIn(config, seed, data);
  const images = inOrder(shown, steps);
  const words = packRecords(images, 0, images.count);
  const metadata: Metadata = {
    format: "samebits batches 1",
    experiment: lock.experiment,
    preset: lock.preset,
    cell: id,
    config: digest,
    data: locked.digests.data!,
    chain: JSON.stringify(points),
  };
  const encoded = encodeSafetensors([
    { name: IMAGES, shape: [images.count, words.length / images.count], data: words },
    { name: LABELS, shape: [images.count], data: Uint32Array.from(images.labels) },
    ...pixelTensors(shown.pixels),
  ], metadata);
  const folder = dirname(file);
  if (!await host.exists(folder)) await host.createFolder(folder);
  await host.writeAtomic(file, encoded);
  return encoded.length;
}

/**
 * Reads batches of a cell, and holds all that the file says against the lock.
 *
 * @throws {HostError} when there is no such file.
 * @throws {CheckpointError} when it is damaged or no file of batches.
 * @throws {DeclarationError} when it is of another experiment, preset or cell.
 * @throws {OutOfDateError} when it was written for another lock.
 */
export async function readBatches(
  host: Pick<Host, "files">,
  file: string,
  lock: Lock,
  pair: TrainedPair,
): Promise<Batches> {
  const { cell: { config }, locked } = pair;
  const found = await host.files.size(file);
  if (found === undefined) {
    throw new HostError(
      `${file}: no such file; write one where the data are, with --write-batches`,
    );
  }
  const most = Math.min(LARGEST_FILE, fileBytes(config, locked.progress.step));
  if (found > most) {
    throw new CheckpointError(
      `${file}: expected at most ${
        formatBytes(most)
      }, what the batches of ${locked.id} can take, ` +
        `found ${formatBytes(found)}; take another file`,
    );
  }
  const { tensors, metadata } = decodeSafetensors(await host.files.read(file), file);
  const points = checkMetadata(metadata, file, lock, pair);
  const images = takeImages(tensors, file, config, points.at(-1)![0]);
  const pixels = takePixels(tensors, file, config);
  const names = [IMAGES, LABELS, ...pixelTensors(pixels).map(({ name }) => name)];
  if (tensors.size !== names.length) {
    refuse(file, `the tensors ${names.join(" and ")}`, `${tensors.size} tensors`);
  }
  return { points, images, pixels };
}

function checkMetadata(
  found: Checkpoint["metadata"],
  file: string,
  lock: Lock,
  { cell: { id, arm, seed, digest }, locked }: TrainedPair,
): readonly Point[] {
  const result = parseMetadata(found);
  if (!result) {
    throw new CheckpointError(
      `${file} holds no batches of this version; write it again with --write-batches`,
    );
  }
  const { experiment, preset, cell, config, data, chain } = result;
  const of = (experiment: string, preset: string, cell: string) =>
    `${cell} of ${experiment} at ${preset}`;
  if (experiment !== lock.experiment || preset !== lock.preset || cell !== id) {
    throw new DeclarationError(
      `${file} holds batches of ${
        JSON.stringify(of(experiment, preset, cell))
      }, expected those of ` +
        `${JSON.stringify(of(lock.experiment, lock.preset, id))}; name the experiment, --preset, ` +
        `--arms (here ${arm}) and --seeds (here ${seed}..${seed}) that it was written with`,
    );
  }
  const stale = (what: string, there: unknown, here: unknown) => {
    throw new OutOfDateError(
      `${file} was written for another lock: ${what} of ${id} is ${JSON.stringify(there)} there, ` +
        `${JSON.stringify(here)} locked; write it again with --write-batches`,
    );
  };
  if (config !== digest) stale("the config digest", config, digest);
  if (data !== locked.digests.data) stale("the data digest", data, locked.digests.data);
  const last = chain.at(-1)?.[0] ?? 0;
  const points = locked.progress.chain.filter(([step]) => step <= last);
  for (let i = 0; i < Math.max(points.length, chain.length, 2); i++) {
    if (chain[i] === undefined || chain[i]!.join() !== points[i]?.join()) {
      stale("the chain of weight digests", chain[i] ?? null, points[i] ?? null);
    }
  }
  return points;
}

function parseMetadata(found: Checkpoint["metadata"]) {
  try {
    return metadataSchema.safeParse(found).data;
  } catch {
    // The chain is no JSON.
    return undefined;
  }
}

function takeImages(
  tensors: Checkpoint["tensors"],
  file: string,
  arm: Trained,
  steps: number,
): Images {
  const { data } = arm;
  const { classes } = DATASETS[data];
  const count = imagesIn(arm, steps);
  const words = Math.ceil(recordBytes(data) / 4);
  const take = (name: string, expected: readonly number[]): Uint32Array<ArrayBuffer> => {
    const tensor = tensors.get(name);
    const asked = `${name} of shape [${expected}] in whole numbers`;
    if (tensor === undefined) return refuse(file, asked, "no such tensor");
    if (!(tensor.data instanceof Uint32Array)) return refuse(file, asked, "other numbers");
    if (tensor.shape.join() !== expected.join()) {
      return refuse(file, asked, `[${tensor.shape.slice(0, 8)}]`);
    }
    return tensor.data;
  };
  const packed = take(IMAGES, [count, words]);
  const labels = take(LABELS, [count]);
  const wrong = labels.find((label) => label >= classes);
  if (wrong !== undefined) refuse(file, `labels below ${classes}`, String(wrong));
  return {
    pixels: unpackRecords(packed, recordBytes(data)),
    labels: Uint8Array.from(labels),
    count,
  };
}

/** A pair brings its images to its generator's range itself. */
function takePixels(tensors: Checkpoint["tensors"], file: string, arm: Trained): PixelScale {
  if (arm.kind === "adversarial") return "unit";
  const [, , channels] = DATASETS[arm.data].shape;
  return fitting(file, () => savedPixels(tensors, arm.pixels, channels));
}

function refuse(file: string, expected: string, found: string): never {
  throw new CheckpointError(
    `${file}: expected ${expected}, found ${found}. The file is damaged; write it again with ` +
      "--write-batches.",
  );
}

/** The images that steps see, one after the other, as their arm trains on them. */
function inOrder({ data: { train }, order }: Shown, steps: number): Images {
  const each = Array.from({ length: steps }, (_, step) => [...imagesOf(order, step)]);
  return chosenImages(train, new Uint32Array(each.flat()));
}

/** What the batches of so many steps take at most. */
function fileBytes(arm: Trained, steps: number): number {
  return HEADER_BYTES + imagesIn(arm, steps) * 4 * (Math.ceil(recordBytes(arm.data) / 4) + 1);
}

function imagesIn(arm: Trained, steps: number): number {
  const { batch, unlabelled } = imagesOfStep(arm);
  return steps * (batch + unlabelled);
}

function recordBytes(data: Trained["data"]): number {
  return size(DATASETS[data].shape);
}
