/** A made-up CIFAR-10 of 4 records a file, some of them excluded, in the published format. */
import { CIFAR10_FILES, type Cifar10Edition } from "../../core/data/cifar10.ts";
import { sha256 } from "../../core/numerics/digest.ts";
import { variedBytes } from "./memory_files.ts";

export const RECORD_BYTES = 3073;
const PUBLISHED = 4;

const excluded = {
  "data_batch_1.bin": [0, 2],
  "data_batch_2.bin": [3],
  "data_batch_3.bin": [1, 2],
  "data_batch_4.bin": [],
  "data_batch_5.bin": [0, 1, 3],
  "test_batch.bin": [1],
};

type Batches = Readonly<Record<(typeof CIFAR10_FILES)[number], Uint8Array<ArrayBuffer>>>;

function perFile(make: (name: keyof Batches, index: number) => Uint8Array<ArrayBuffer>): Batches {
  return Object.fromEntries(CIFAR10_FILES.map((name, i) => [name, make(name, i)])) as Batches;
}

/** The files with all four records. */
export const tinyPublished: Batches = perFile((_, file) => {
  const bytes = variedBytes(PUBLISHED * RECORD_BYTES, 31 * file);
  for (let r = 0; r < PUBLISHED; r++) bytes[r * RECORD_BYTES] = (3 * file + r) % 10;
  return bytes;
});

/** The same files without the excluded records. */
export const tinyReduced: Batches = perFile((name) => {
  const left = new Set<number>(excluded[name]);
  return tinyPublished[name].filter((_, i) => !left.has(Math.floor(i / RECORD_BYTES)));
});

const all = new Uint8Array(await new Blob(CIFAR10_FILES.map((name) => tinyReduced[name])).bytes());
const digests = await Promise.all(
  CIFAR10_FILES.map(async (name) => [name, await sha256(tinyReduced[name])]),
);

export const tinyCifar10: Cifar10Edition = {
  published: PUBLISHED,
  excluded,
  digest: await sha256(all),
  fileDigests: Object.fromEntries(digests),
  archives: [],
};
