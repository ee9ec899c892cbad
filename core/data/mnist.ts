/**
 * MNIST in its published format, IDX: a big-endian header (magic number, then the lengths of the
 * axes) and the bytes. Four files, unpacked. LeCun, Cortes, Burges: "The MNIST database".
 */
import { sha256 } from "../numerics/digest.ts";
import { damagedFiles, readSized, requireDigest, requireLabels, thousands } from "./checks.ts";
import { type Dataset, datasetDigest, DATASETS, type Images } from "./dataset.ts";
import { DataError } from "./error.ts";
import type { Files } from "./files.ts";
import type { Archive } from "./format.ts";

const SIDE = 28;
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
  readonly archives: readonly Archive[];
}

/**
 * Where the four packed files are. The authors' own server (yann.lecun.com) answers 403 since 2024;
 * these are the mirrors of the Common Visual Data Foundation, of PyTorch, and of the University of
 * Paderborn.
 */
const MIRRORS = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
  "https://raw.githubusercontent.com/fgnt/mnist/master/",
];

function packed(
  name: (typeof MNIST_FILES)[number],
  unpackedBytes: number,
  bytes: number,
  sha256: string,
): Archive {
  const archive = `${name}.gz`;
  const addresses = MIRRORS.map((mirror) => mirror + archive);
  return { name: archive, bytes, sha256, addresses, files: { [name]: unpackedBytes } };
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
  archives: [
    packed(
      "train-images-idx3-ubyte",
      47_040_016,
      9_912_422,
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    packed(
      "train-labels-idx1-ubyte",
      60_008,
      28_881,
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    packed(
      "t10k-images-idx3-ubyte",
      7_840_016,
      1_648_877,
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    packed(
      "t10k-labels-idx1-ubyte",
      10_008,
      4_542,
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
  ],
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
  await requireDigest(
    folder,
    "MNIST",
    edition.digest,
    digest,
    () => damagedMnist(files, folder, edition),
  );
  const description = `MNIST, ${thousands(train.count + test.count)} images`;
  return {
    name: "mnist",
    source: "published",
    folder,
    digest,
    shape,
    classes: DATASETS.mnist.names,
    train,
    test,
    description,
  };
}

/** Which of the four files are missing or not as published. */
export function damagedMnist(
  files: Files,
  folder: string,
  edition: MnistEdition = MNIST,
): Promise<readonly string[]> {
  return damagedFiles(MNIST_FILES, async (name) => {
    const axes = name.includes("images") ? [SIDE, SIDE] : [];
    const count = (TRAIN as readonly string[]).includes(name) ? edition.train : edition.test;
    const bytes = await readSized(files, folder, name, [idxBytes([count, ...axes])]);
    return await sha256(bytes) === edition.fileDigests[name];
  });
}

async function readPair(
  files: Files,
  folder: string,
  [imagesName, labelsName]: readonly [string, string],
  count: number,
): Promise<Images> {
  const pixels = await readIdx(files, folder, imagesName, IMAGES_MAGIC, [count, SIDE, SIDE]);
  const labels = await readIdx(files, folder, labelsName, LABELS_MAGIC, [count]);
  requireLabels(`${folder}/${labelsName}`, labels, DATASETS.mnist.classes);
  return { pixels, labels, count };
}

async function readIdx(
  files: Files,
  folder: string,
  name: string,
  magic: number,
  axes: readonly number[],
): Promise<Uint8Array> {
  const headerBytes = idxHeaderBytes(axes);
  const bytes = await readSized(files, folder, name, [idxBytes(axes)]);
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

function idxHeaderBytes(axes: readonly number[]): number {
  return 4 * (1 + axes.length);
}

function idxBytes(axes: readonly number[]): number {
  return idxHeaderBytes(axes) + axes.reduce((product, length) => product * length, 1);
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
