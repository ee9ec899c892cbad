/** A made-up MNIST of 5 training and 2 test images, in the published format. */
import type { Archive } from "../../core/data/format.ts";
import { MNIST_FILES, type MnistEdition } from "../../core/data/mnist.ts";
import { sha256 } from "../../core/numerics/digest.ts";
import { gzip } from "./archives.ts";
import { variedBytes } from "./memory_files.ts";

const AREA = 28 * 28;

type MnistFiles = Readonly<Record<(typeof MNIST_FILES)[number], Uint8Array<ArrayBuffer>>>;

/** A made-up MNIST with these labels: its files, its pixels, and what they must be. */
export async function makeMnist(train: readonly number[], test: readonly number[]) {
  const pixels = [variedBytes(train.length * AREA, 1), variedBytes(test.length * AREA, 2)] as const;
  const labels = [Uint8Array.from(train), Uint8Array.from(test)] as const;
  const files: MnistFiles = {
    "train-images-idx3-ubyte": idx(0x803, [train.length, 28, 28], pixels[0]),
    "train-labels-idx1-ubyte": idx(0x801, [train.length], labels[0]),
    "t10k-images-idx3-ubyte": idx(0x803, [test.length, 28, 28], pixels[1]),
    "t10k-labels-idx1-ubyte": idx(0x801, [test.length], labels[1]),
  };
  // Label, pixels, label, pixels ...: what the digest is taken over.
  const records = Uint8Array.from(
    [0, 1].flatMap((part) =>
      [...labels[part]!].flatMap((label, i) => [
        label,
        ...pixels[part]!.subarray(i * AREA, (i + 1) * AREA),
      ])
    ),
  );
  const digests = await Promise.all(
    MNIST_FILES.map(async (name) => [name, await sha256(files[name])]),
  );
  const edition: MnistEdition = {
    train: train.length,
    test: test.length,
    digest: await sha256(records),
    fileDigests: Object.fromEntries(digests),
    archives: [],
  };
  return { files, pixels, edition };
}

function idx(magic: number, axes: readonly number[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(4 + 4 * axes.length + bytes.length);
  const view = new DataView(file.buffer);
  [magic, ...axes].forEach((word, i) => view.setUint32(4 * i, word));
  file.set(bytes, 4 + 4 * axes.length);
  return file;
}

const tiny = await makeMnist([3, 1, 4, 1, 5], [9, 2]);

export const tinyMnistFiles = tiny.files;
export const tinyMnistPixels = tiny.pixels;
export const tinyMnist = tiny.edition;

/** The files packed as they are published, by the name of the archive. */
export async function packMnist(files: MnistFiles): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const packed = MNIST_FILES.map(async (name) => [`${name}.gz`, await gzip(files[name])] as const);
  return new Map(await Promise.all(packed));
}

/** What those archives must be, on these mirrors. */
export function mnistArchives(
  files: MnistFiles,
  packed: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  mirrors: readonly string[],
): Promise<Archive[]> {
  return Promise.all(MNIST_FILES.map(async (file) => {
    const name = `${file}.gz`;
    const bytes = packed.get(name)!;
    return {
      name,
      bytes: bytes.length,
      sha256: await sha256(bytes),
      addresses: mirrors.map((mirror) => `${mirror}/${name}`),
      files: { [file]: files[file].length },
    };
  }));
}
