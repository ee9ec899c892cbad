/**
 * MNIST in its published format, IDX: a big-endian header (magic number, then the lengths of the
 * axes) and the bytes. Four files, unpacked. LeCun, Cortes, Burges: "The MNIST database".
 */
import { sha256 } from "../numerics/digest.ts";
import { readSized, requireDigest, requireLabels, thousands } from "./checks.ts";
import { type Dataset, datasetDigest, type Images } from "./dataset.ts";
import { DataError } from "./error.ts";
import type { Files } from "./files.ts";

const SIDE = 28;
const CLASSES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;

const TRAIN = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] as const;
const TEST = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] as const;

/** The four files, images before labels, train before test. */
export const MNIST_FILES = [...TRAIN, ...TEST] as const;

/** What a set of MNIST files must be: how many images, and the digests. */
export interface MnistEdition {
  readonly train: number;
  readonly test: number;
  /** Of the data set ({@linkcode datasetDigest}). */
  readonly digest: string;
  /** SHA-256 of each file: they find the damaged one when `digest` differs. */
  readonly fileDigests: Readonly<Record<(typeof MNIST_FILES)[number], string>>;
}

/** MNIST as published. */
export const MNIST: MnistEdition = {
  train: 60_000,
  test: 10_000,
  digest: "9e1b36378f9c14c17879cf8886c6f8f367be85a8ef3175cabb0217bcc3ccfe5e",
  fileDigests: {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};

/**
 * Reads and verifies the four files in `folder`.
 *
 * @throws {DataError} when a file is missing, has another length, magic number or axis, holds a
 * label above 9, or when the digest differs.
 */
export async function loadMnist(
  files: Files,
  folder: string,
  edition: MnistEdition = MNIST,
): Promise<Dataset> {
  const shape = [SIDE, SIDE, 1] as const;
  const train = await readPair(files, folder, TRAIN, edition.train);
  const test = await readPair(files, folder, TEST, edition.test);
  const digest = await datasetDigest(shape, train, test);
  await requireDigest(folder, "MNIST", edition.digest, digest, async () => {
    const damaged: string[] = [];
    for (const name of MNIST_FILES) {
      const found = await sha256(await files.read(`${folder}/${name}`));
      if (found !== edition.fileDigests[name]) damaged.push(name);
    }
    return damaged;
  });
  const description = `MNIST, ${thousands(train.count + test.count)} images`;
  return {
    name: "mnist",
    source: "published",
    digest,
    shape,
    classes: CLASSES,
    train,
    test,
    description,
  };
}

async function readPair(
  files: Files,
  folder: string,
  [imagesName, labelsName]: readonly [string, string],
  count: number,
): Promise<Images> {
  const pixels = await readIdx(files, folder, imagesName, IMAGES_MAGIC, [count, SIDE, SIDE]);
  const labels = await readIdx(files, folder, labelsName, LABELS_MAGIC, [count]);
  requireLabels(`${folder}/${labelsName}`, labels, CLASSES.length);
  return { pixels, labels, count };
}

async function readIdx(
  files: Files,
  folder: string,
  name: string,
  magic: number,
  axes: readonly number[],
): Promise<Uint8Array> {
  const headerBytes = 4 * (1 + axes.length);
  const size = headerBytes + axes.reduce((product, length) => product * length, 1);
  const bytes = await readSized(files, folder, name, [size]);
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const found = header.getUint32(0);
  if (found !== magic) {
    throw new DataError(
      `${folder}/${name}: expected the magic number ${hex(magic)} of an IDX file, found ` +
        `${hex(found)}. Put the published file there, unpacked.`,
    );
  }
  const lengths = axes.map((_, axis) => header.getUint32(4 + 4 * axis));
  if (lengths.some((length, axis) => length !== axes[axis])) {
    throw new DataError(
      `${folder}/${name}: expected ${axes.join(" x ")} in the header, found ` +
        `${lengths.join(" x ")}. Put the published file there.`,
    );
  }
  return bytes.subarray(headerBytes);
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
