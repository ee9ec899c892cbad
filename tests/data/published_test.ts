/** The loaders on the real files. */
import assert from "node:assert/strict";
import { CIFAR10, CIFAR10_FILES } from "../../core/data/cifar10.ts";
import { DATASETS } from "../../core/data/dataset.ts";
import type { Files } from "../../core/data/files.ts";
import { MNIST } from "../../core/data/mnist.ts";
import { disk, load, testOnData } from "./real_data.ts";

await testOnData("mnist", "loadDataset() reads the published MNIST", async () => {
  const data = await load("mnist");
  assert.equal(data.digest, MNIST.digest);
  assert.equal(data.description, "MNIST, 70,000 images");
  assert.equal(data.test.count, DATASETS.mnist.testImages);
  assert.deepEqual([...data.train.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
});

await testOnData("cifar10", "loadDataset() reads CIFAR-10 without the 98 records", async () => {
  const data = await load("cifar10");
  assert.equal(data.digest, CIFAR10.digest);
  assert.equal(data.description, "CIFAR-10, 59,902 of 60,000 images");
  assert.equal(data.train.count, 49_923);
  assert.equal(data.test.count, 9_979);
  assert.equal(data.test.count, DATASETS.cifar10.testImages);
});

await testOnData(
  "cifar10",
  "loadDataset() drops the 98 from files of the published size",
  async () => {
    const published: Files = {
      size: async (path) => isBatch(path) && await disk.size(path) ? 30_730_000 : disk.size(path),
      read: async (path) => withExcluded(path, await disk.read(path)),
    };
    assert.equal((await load("cifar10", published)).digest, CIFAR10.digest);
  },
);

function isBatch(path: string): boolean {
  return CIFAR10_FILES.some((name) => path.endsWith(`/${name}`));
}

/** The batch as published, ones in place of the records that only the archive has. */
function withExcluded(path: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const record = 3073;
  if (bytes.length === 10_000 * record) return bytes;
  const name = CIFAR10_FILES.find((name) => path.endsWith(`/${name}`))!;
  const excluded = new Set(CIFAR10.excluded[name]);
  const published = new Uint8Array(10_000 * record).fill(1);
  for (let to = 0, from = 0; to < 10_000; to++) {
    if (excluded.has(to)) continue;
    published.set(bytes.subarray(from, from + record), to * record);
    from += record;
  }
  return published;
}
