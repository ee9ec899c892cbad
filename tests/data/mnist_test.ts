import assert from "node:assert/strict";
import { DataError } from "../../core/data/error.ts";
import { loadMnist, MNIST, MNIST_FILES } from "../../core/data/mnist.ts";
import { filesIn, flipped, type MemoryFiles } from "./memory_files.ts";
import { tinyMnist, tinyMnistFiles, tinyMnistPixels } from "./tiny_mnist.ts";

async function rejects(
  changes: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  ...parts: readonly string[]
): Promise<MemoryFiles> {
  const files = filesIn("d", { ...tinyMnistFiles, ...changes });
  await assert.rejects(loadMnist(files, "d", tinyMnist), (error: Error) => {
    assert.ok(error instanceof DataError);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
  return files;
}

Deno.test("loadMnist() reads whole files into images and labels", async () => {
  const data = await loadMnist(filesIn("d", tinyMnistFiles), "d", tinyMnist);
  assert.deepEqual(data.shape, [28, 28, 1]);
  assert.equal(data.source, "published");
  assert.equal(data.digest, tinyMnist.digest);
  assert.equal(data.description, "MNIST, 7 images");
  assert.equal(data.train.count, 5);
  assert.deepEqual([...data.train.labels], [3, 1, 4, 1, 5]);
  assert.deepEqual([...data.test.labels], [9, 2]);
  assert.ok(data.train.pixels.every((byte, i) => byte === tinyMnistPixels[0][i]));
  assert.ok(data.test.pixels.every((byte, i) => byte === tinyMnistPixels[1][i]));
});

Deno.test("loadMnist() refuses a truncated file by its size, before it reads it", async () => {
  const name = "t10k-images-idx3-ubyte";
  const cut = tinyMnistFiles[name].slice(0, 1000);
  const files = await rejects({ [name]: cut }, `d/${name}`, "1,584 bytes", "found 1,000", "Fetch");
  assert.ok(!files.reads.includes(`d/${name}`));
});

Deno.test("loadMnist() refuses a file that is longer than published", async () => {
  const name = "t10k-labels-idx1-ubyte";
  await rejects({ [name]: new Uint8Array(11) }, `d/${name}`, "10 bytes", "found 11");
});

Deno.test("loadMnist() names the one file with a flipped byte", async () => {
  for (const name of MNIST_FILES) {
    const bytes = tinyMnistFiles[name];
    await rejects(
      { [name]: flipped(bytes, bytes.length - 1) },
      tinyMnist.digest,
      `Not as published: ${name}.`,
    );
  }
});

Deno.test("loadMnist() refuses a wrong magic number", async () => {
  const name = "train-images-idx3-ubyte";
  const wrong = flipped(tinyMnistFiles[name], 3);
  await rejects({ [name]: wrong }, `d/${name}`, "0x00000803", "found 0x00000802");
});

Deno.test("loadMnist() refuses a header whose axes are not 28 x 28 images", async () => {
  const name = "train-images-idx3-ubyte";
  const wrong = flipped(tinyMnistFiles[name], 11);
  await rejects({ [name]: wrong }, `d/${name}`, "5 x 28 x 28", "found 5 x 29 x 28");
});

Deno.test("loadMnist() refuses a label above 9", async () => {
  const name = "train-labels-idx1-ubyte";
  const wrong = tinyMnistFiles[name].slice();
  wrong[8 + 3] = 10;
  await rejects({ [name]: wrong }, `d/${name}`, "from 0 to 9", "found 10 in record 3");
});

Deno.test("loadMnist() names a missing file", async () => {
  const { "t10k-labels-idx1-ubyte": _, ...others } = tinyMnistFiles;
  await assert.rejects(
    loadMnist(filesIn("d", others), "d", tinyMnist),
    /^DataError: d\/t10k-labels-idx1-ubyte: expected this file .* found none/,
  );
});

Deno.test("loadMnist() says to unpack a file that is only there packed", async () => {
  const { "t10k-labels-idx1-ubyte": packed, ...others } = tinyMnistFiles;
  const files = filesIn("d", { ...others, "t10k-labels-idx1-ubyte.gz": packed });
  await assert.rejects(loadMnist(files, "d", tinyMnist), /only t10k-labels-idx1-ubyte\.gz.*gunzip/);
});

Deno.test("loadMnist() names a file that cannot be read and why", async () => {
  const files = filesIn("d", tinyMnistFiles);
  files.read = () => Promise.reject(new Error("permission denied"));
  await assert.rejects(
    loadMnist(files, "d", tinyMnist),
    /^DataError: d\/train-images-idx3-ubyte: cannot be read \(permission denied\)/,
  );
});

Deno.test("loadMnist() takes nothing but the published MNIST unless told otherwise", async () => {
  assert.equal(MNIST.train + MNIST.test, 70_000);
  await assert.rejects(
    loadMnist(filesIn("d", tinyMnistFiles), "d"),
    /expected 47,040,016 bytes, found 3,936/,
  );
});
