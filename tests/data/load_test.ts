import assert from "node:assert/strict";
import { DataError } from "../../core/data/error.ts";
import { FORMATS, mnistFormat } from "../../core/data/formats.ts";
import { loadDataset } from "../../core/data/load.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { filesIn, MemoryFiles } from "./memory_files.ts";
import { tinyMnist, tinyMnistFiles } from "./tiny_mnist.ts";

const cache = { path: ".cache", given: false, origin: "the cache" };
const option = { path: "/data/", given: true, origin: "--data-dir" };

/** One file of the wrong size: the error about it tells which folder was taken. */
function onlyAt(path: string): MemoryFiles {
  return new MemoryFiles({ [path]: new Uint8Array(1) });
}

async function message(loading: Promise<unknown>): Promise<string> {
  try {
    await loading;
  } catch (error) {
    assert.ok(error instanceof DataError);
    return error.message;
  }
  return assert.fail("expected a DataError");
}

for (
  const path of [
    "/data/cifar10/data_batch_1.bin",
    "/data/data_batch_1.bin",
    "/data/cifar10/cifar-10-batches-bin/data_batch_1.bin",
    "/data/cifar-10-batches-bin/data_batch_1.bin",
  ]
) {
  Deno.test(`loadDataset() finds CIFAR-10 at ${path}`, async () => {
    const text = await message(
      loadDataset("cifar10", { files: onlyAt(path), directories: [option], allowStandIn: true }),
    );
    assert.ok(text.startsWith(`${path}: expected 30,730,000 or 30,699,270 bytes`), text);
  });
}

for (const path of ["/data/mnist/train-images-idx3-ubyte", "/data/train-images-idx3-ubyte"]) {
  Deno.test(`loadDataset() finds MNIST at ${path}`, async () => {
    const text = await message(
      loadDataset("mnist", { files: onlyAt(path), directories: [option], allowStandIn: true }),
    );
    assert.ok(text.startsWith(`${path}: expected 47,040,016 bytes`), text);
  });
}

Deno.test("loadDataset() takes the first directory that holds any file", async () => {
  const file = "train-images-idx3-ubyte";
  const files = new MemoryFiles({
    [`.cache/mnist/${file}`]: new Uint8Array(1),
    [`/data/mnist/${file}`]: new Uint8Array(1),
  });
  const directories = [option, cache];
  const first = await message(loadDataset("mnist", { files, directories, allowStandIn: false }));
  assert.ok(first.startsWith("/data/mnist/"), first);
  const other = await message(
    loadDataset("mnist", { files, directories: directories.toReversed(), allowStandIn: false }),
  );
  assert.ok(other.startsWith(".cache/mnist/"), other);
});

Deno.test("loadDataset() never puts the stand-in for data missing in a given directory", async () => {
  const files = onlyAt(".cache/mnist/train-images-idx3-ubyte");
  const directories = [option, cache];
  const text = await message(loadDataset("mnist", { files, directories, allowStandIn: true }));
  assert.ok(text.startsWith("--data-dir /data/: expected MNIST there"), text);
  assert.ok(text.includes("/data/mnist, /data"), text);
  assert.deepEqual(files.reads, []);
});

Deno.test("loadDataset() never puts the stand-in for data of which a part is there", async () => {
  const files = onlyAt(".cache/mnist/t10k-labels-idx1-ubyte");
  const text = await message(
    loadDataset("mnist", { files, directories: [cache], allowStandIn: true }),
  );
  assert.ok(text.startsWith(".cache/mnist/train-images-idx3-ubyte: expected this file"), text);
});

Deno.test("loadDataset() says to unpack files that are only there packed", async () => {
  const files = onlyAt("/data/train-images-idx3-ubyte.gz");
  const text = await message(
    loadDataset("mnist", { files, directories: [option], allowStandIn: true }),
  );
  assert.ok(text.includes("found only train-images-idx3-ubyte.gz. Unpack it"), text);
});

/** A downloader that hands out the tiny MNIST and remembers for what. */
function downloads() {
  const asked: string[] = [];
  const download = (name: string) => {
    asked.push(name);
    return loadMnist(filesIn("d", tinyMnistFiles), "d", tinyMnist);
  };
  return { asked, download };
}

Deno.test("loadDataset() downloads what is nowhere or damaged in the cache, if it may", async () => {
  const name = "train-images-idx3-ubyte";
  for (
    const files of [new MemoryFiles({}), onlyAt(`.cache/mnist/${name}`), onlyAt(`.cache/${name}`)]
  ) {
    const { asked, download } = downloads();
    const data = await loadDataset("mnist", {
      ...{ files, directories: [cache], download },
      allowStandIn: true,
    });
    assert.equal(data.digest, tinyMnist.digest);
    assert.deepEqual(asked, ["mnist"]);
  }
});

Deno.test("loadDataset() downloads nothing that is there", async () => {
  const { asked, download } = downloads();
  const files = filesIn(".cache/mnist", tinyMnistFiles);
  const formats = { ...FORMATS, mnist: mnistFormat(tinyMnist) };
  const options = { files, directories: [cache], allowStandIn: false, download, formats };
  assert.equal((await loadDataset("mnist", options)).folder, ".cache/mnist");
  assert.deepEqual(asked, []);
});

Deno.test("loadDataset() never downloads in place of a directory that was given", async () => {
  const { asked, download } = downloads();
  for (const files of [new MemoryFiles({}), onlyAt("/data/train-images-idx3-ubyte")]) {
    await message(
      loadDataset("mnist", { files, directories: [option, cache], allowStandIn: true, download }),
    );
  }
  assert.deepEqual(asked, []);
});

Deno.test("loadDataset() lets through what has nothing to do with the data", async () => {
  const { asked, download } = downloads();
  const broken = new Error("the cable");
  const files = { size: () => Promise.reject(broken), read: () => Promise.reject(broken) };
  const options = { files, directories: [cache], allowStandIn: true, download };
  await assert.rejects(loadDataset("mnist", options), broken);
  assert.deepEqual(asked, []);
});

Deno.test("loadDataset() draws the stand-in where it is allowed and no data is found", async () => {
  const files = new MemoryFiles({});
  for (const name of ["mnist", "cifar10"] as const) {
    const data = await loadDataset(name, { files, directories: [cache], allowStandIn: true });
    assert.equal(data.source, "stand-in");
    assert.equal(data.name, name);
  }
});

Deno.test("loadDataset() without data or stand-in says what to do", async () => {
  const files = new MemoryFiles({});
  const text = await message(
    loadDataset("cifar10", { files, directories: [cache], allowStandIn: false }),
  );
  const parts = ["CIFAR-10", ".cache (the cache)", "SAMEBITS_DATA", "--data-dir"];
  for (const part of [...parts, "deno task data cifar10"]) assert.ok(text.includes(part), text);
});
