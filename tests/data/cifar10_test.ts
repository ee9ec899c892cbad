import assert from "node:assert/strict";
import { CIFAR10, CIFAR10_FILES, loadCifar10 } from "../../core/data/cifar10.ts";
import { DataError } from "../../core/data/error.ts";
import { filesIn, flipped, type MemoryFiles } from "./memory_files.ts";
import { RECORD_BYTES, tinyCifar10, tinyPublished, tinyReduced } from "./tiny_cifar10.ts";

async function rejects(
  changes: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  ...parts: readonly string[]
): Promise<MemoryFiles> {
  const files = filesIn("d", { ...tinyPublished, ...changes });
  await assert.rejects(loadCifar10(files, "d", tinyCifar10), (error: Error) => {
    assert.ok(error instanceof DataError);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
  return files;
}

Deno.test("loadCifar10() interleaves the planes of the records that are kept", async () => {
  const data = await loadCifar10(filesIn("d", tinyPublished), "d", tinyCifar10);
  assert.deepEqual(data.shape, [32, 32, 3]);
  assert.equal(data.description, "CIFAR-10, 15 of 24 images");
  assert.equal(data.train.count, 12);
  assert.equal(data.test.count, 3);
  // Of batch 1 the records 1 and 3 are kept, then batch 2 follows; labels count up from 3 * file.
  assert.deepEqual([...data.train.labels], [1, 3, 3, 4, 5, 6, 9, 9, 0, 1, 2, 4]);
  assert.deepEqual([...data.test.labels], [5, 7, 8]);
  const record = tinyPublished["data_batch_1.bin"].subarray(3 * RECORD_BYTES, 4 * RECORD_BYTES);
  const image = data.train.pixels.subarray(3072, 2 * 3072);
  for (const [y, x] of [[0, 0], [0, 31], [17, 5], [31, 31]] as const) {
    for (const c of [0, 1, 2]) {
      assert.equal(image[(y * 32 + x) * 3 + c], record[1 + c * 1024 + y * 32 + x]);
    }
  }
});

Deno.test("loadCifar10() makes the same data of files that lack the excluded records", async () => {
  const published = await loadCifar10(filesIn("d", tinyPublished), "d", tinyCifar10);
  const reduced = await loadCifar10(filesIn("d", tinyReduced), "d", tinyCifar10);
  const mixed = { ...tinyReduced, "data_batch_5.bin": tinyPublished["data_batch_5.bin"] };
  const both = await loadCifar10(filesIn("d", mixed), "d", tinyCifar10);
  assert.equal(published.digest, tinyCifar10.digest);
  assert.deepEqual(reduced, published);
  assert.deepEqual(both, published);
});

Deno.test("loadCifar10() refuses a truncated file by its size, before it reads it", async () => {
  const name = "data_batch_3.bin";
  const cut = tinyPublished[name].slice(0, 3 * RECORD_BYTES);
  const files = await rejects({ [name]: cut }, `d/${name}`, "12,292 or 6,146 bytes", "found 9,219");
  assert.ok(!files.reads.includes(`d/${name}`));
});

Deno.test("loadCifar10() names the one file with a flipped byte", async () => {
  for (const name of CIFAR10_FILES) {
    const reduced = flipped(tinyReduced[name], 2000);
    await rejects({ [name]: reduced }, tinyCifar10.digest, `Not as published: ${name}.`);
  }
});

Deno.test("loadCifar10() does not mind what stands in an excluded record", async () => {
  const name = "data_batch_1.bin";
  const files = filesIn("d", { ...tinyPublished, [name]: flipped(tinyPublished[name], 2000) });
  const data = await loadCifar10(files, "d", tinyCifar10);
  assert.equal(data.digest, tinyCifar10.digest);
});

Deno.test("loadCifar10() refuses a label above 9", async () => {
  const name = "data_batch_2.bin";
  const wrong = tinyPublished[name].slice();
  wrong[RECORD_BYTES] = 200;
  await rejects({ [name]: wrong }, `d/${name}`, "from 0 to 9", "found 200 in record 1");
});

Deno.test("loadCifar10() refuses a label from 0 to 9 that is not the published one", async () => {
  const name = "test_batch.bin";
  await rejects({ [name]: flipped(tinyPublished[name], 0) }, `Not as published: ${name}.`);
});

Deno.test("loadCifar10() refuses two batches in each other's place", async () => {
  const swapped = {
    "data_batch_1.bin": tinyReduced["data_batch_3.bin"],
    "data_batch_3.bin": tinyReduced["data_batch_1.bin"],
  };
  await rejects(swapped, "Not as published: data_batch_1.bin, data_batch_3.bin.");
});

Deno.test("loadCifar10() names a missing file", async () => {
  const { "data_batch_4.bin": _, ...others } = tinyPublished;
  await assert.rejects(
    loadCifar10(filesIn("d", others), "d", tinyCifar10),
    /^DataError: d\/data_batch_4\.bin: expected this file .* found none/,
  );
});

Deno.test("CIFAR10 leaves out 98 records, each file's in ascending order", () => {
  const lists = CIFAR10_FILES.map((name) => CIFAR10.excluded[name]);
  assert.equal(lists.flat().length, 98);
  for (const list of lists) {
    assert.deepEqual(list, [...new Set(list)].sort((a, b) => a - b));
    assert.ok(list.every((index) => index >= 0 && index < CIFAR10.published));
  }
});
