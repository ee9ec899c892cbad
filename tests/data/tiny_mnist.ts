/** A made-up MNIST of 5 training and 2 test images, in the published format. */
import { MNIST_FILES, type MnistEdition } from "../../core/data/mnist.ts";
import { sha256 } from "../../core/numerics/digest.ts";
import { variedBytes } from "./memory_files.ts";

const AREA = 28 * 28;

const pixels = [variedBytes(5 * AREA, 1), variedBytes(2 * AREA, 2)] as const;
const labels = [Uint8Array.of(3, 1, 4, 1, 5), Uint8Array.of(9, 2)] as const;

function idx(magic: number, axes: readonly number[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(4 + 4 * axes.length + bytes.length);
  const view = new DataView(file.buffer);
  [magic, ...axes].forEach((word, i) => view.setUint32(4 * i, word));
  file.set(bytes, 4 + 4 * axes.length);
  return file;
}

export const tinyMnistFiles = {
  "train-images-idx3-ubyte": idx(0x803, [5, 28, 28], pixels[0]),
  "train-labels-idx1-ubyte": idx(0x801, [5], labels[0]),
  "t10k-images-idx3-ubyte": idx(0x803, [2, 28, 28], pixels[1]),
  "t10k-labels-idx1-ubyte": idx(0x801, [2], labels[1]),
};

/** Label, pixels, label, pixels ...: what the digest is taken over. */
const records = Uint8Array.from(
  [0, 1].flatMap((part) =>
    [...labels[part]!].flatMap((label, i) => [
      label,
      ...pixels[part]!.subarray(i * AREA, (i + 1) * AREA),
    ])
  ),
);

const digests = await Promise.all(
  MNIST_FILES.map(async (name) => [name, await sha256(tinyMnistFiles[name])]),
);

export const tinyMnist: MnistEdition = {
  train: 5,
  test: 2,
  digest: await sha256(records),
  fileDigests: Object.fromEntries(digests),
};

export const tinyMnistPixels = pixels;
