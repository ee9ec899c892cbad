import assert from "node:assert/strict";
import { CIFAR10_FILES } from "../../core/data/cifar10.ts";
import { downloadDataset } from "../../core/data/download.ts";
import { DataError } from "../../core/data/error.ts";
import type { Archive } from "../../core/data/format.ts";
import { cifar10Format, FORMATS, mnistFormat } from "../../core/data/formats.ts";
import { MNIST_FILES } from "../../core/data/mnist.ts";
import { sha256 } from "../../core/numerics/digest.ts";
import { tarGz } from "./archives.ts";
import { flipped, MemoryStore, variedBytes } from "./memory_files.ts";
import { type Answer, cut, files, type Mirror, says, startMirror, whole } from "./mirrors.ts";
import { tinyCifar10, tinyPublished } from "./tiny_cifar10.ts";
import { mnistArchives, packMnist, tinyMnist, tinyMnistFiles } from "./tiny_mnist.ts";

const PACKED = await packMnist(tinyMnistFiles);
const CLOSED = Promise.resolve();

/** A test of MNIST's download from one mirror into an empty store. */
function testMnist(
  name: string,
  answer: Answer,
  body: (
    setting: { store: MemoryStore; mirror: Mirror; go: () => ReturnType<typeof downloadDataset> },
  ) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using mirror = startMirror(answer);
    const store = new MemoryStore();
    const archives = await mnistArchives(tinyMnistFiles, PACKED, [mirror.address]);
    const format = mnistFormat({ ...tinyMnist, archives });
    await body({
      ...{ store, mirror },
      go: () => downloadDataset(format, { store, folder: "c/mnist", patience: 1000 }),
    });
  });
}

const ALL = MNIST_FILES.map((name) => `c/mnist/${name}`).sort();

testMnist(
  "downloadDataset() fetches what is missing, and nothing twice",
  files(PACKED),
  async (it) => {
    const data = await it.go();
    assert.equal(data.digest, tinyMnist.digest);
    assert.equal(data.folder, "c/mnist");
    assert.deepEqual(it.store.paths(), ALL);
    assert.deepEqual(
      it.mirror.asked.map(({ path }) => path),
      [...PACKED.keys()].map((n) => `/${n}`),
    );
    assert.equal((await it.go()).digest, tinyMnist.digest);
    assert.equal(it.mirror.asked.length, 4);
  },
);

testMnist("downloadDataset() fetches again only what is damaged", files(PACKED), async (it) => {
  await it.go();
  const name = "train-images-idx3-ubyte";
  for (const damaged of [flipped(tinyMnistFiles[name], 99), new Uint8Array(7)]) {
    await it.store.writeAtomic(`c/mnist/${name}`, damaged);
    assert.equal((await it.go()).digest, tinyMnist.digest);
    assert.equal(it.mirror.asked.at(-1)!.path, `/${name}.gz`);
  }
  assert.equal(it.mirror.asked.length, 6);
  assert.deepEqual(it.store.paths(), ALL);
});

testMnist(
  "downloadDataset() keeps the whole files and a partial one when a mirror fails for good",
  (asked, connection) => {
    const bytes = PACKED.get(asked.path.slice(1))!;
    const answer = asked.path.includes("t10k-images")
      ? cut(bytes, asked.from ? 0 : 600)
      : whole(bytes);
    return answer(asked, connection, CLOSED);
  },
  async (it) => {
    await assert.rejects(it.go(), { name: "DataError", message: /^t10k-images-idx3-ubyte.gz: / });
    const [images, labels] = MNIST_FILES;
    const kept = [images, labels, "t10k-images-idx3-ubyte.gz.part"].map((name) =>
      `c/mnist/${name}`
    );
    assert.deepEqual(it.store.paths(), kept.sort());
    assert.equal(await it.store.files.size("c/mnist/t10k-images-idx3-ubyte.gz.part"), 600);
  },
);

testMnist(
  "downloadDataset() leaves nothing bad",
  says("200 OK", variedBytes(9999, 1)),
  async (it) => {
    await assert.rejects(it.go(), DataError);
    assert.deepEqual(it.store.paths(), []);
  },
);

testMnist(
  "downloadDataset() lets one process at a time write a folder",
  files(PACKED),
  async (it) => {
    const [first, second] = await Promise.allSettled([it.go(), it.go()]);
    assert.equal(first!.status, "fulfilled");
    assert.match(
      String((second as PromiseRejectedResult).reason),
      /another process is writing there/,
    );
    assert.equal(it.mirror.asked.length, 4);
    await it.go();
  },
);

/** Downloads CIFAR-10 from a mirror that holds an archive of these files, rightly declared or not. */
async function fromArchive(
  store: MemoryStore,
  members: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
) {
  const packed = await tarGz(members);
  await using mirror = startMirror(whole(packed));
  const archive: Archive = {
    name: "cifar.tar.gz",
    bytes: packed.length,
    sha256: await sha256(packed),
    addresses: [mirror.address],
    folder: "cifar-10-batches-bin",
    files: Object.fromEntries(CIFAR10_FILES.map((name) => [name, tinyPublished[name].length])),
  };
  const format = cifar10Format({ ...tinyCifar10, archives: [archive] });
  return await downloadDataset(format, { store, folder: "c/cifar10" });
}

const MEMBERS = Object.fromEntries(
  CIFAR10_FILES.map((name) => [`cifar-10-batches-bin/${name}`, tinyPublished[name]]),
);

Deno.test("downloadDataset() unpacks the six files of CIFAR-10", async () => {
  const store = new MemoryStore();
  const readme = { "cifar-10-batches-bin/readme.html": variedBytes(88, 1) };
  const data = await fromArchive(store, { ...MEMBERS, ...readme });
  assert.equal(data.digest, tinyCifar10.digest);
  assert.deepEqual(store.paths(), CIFAR10_FILES.map((name) => `c/cifar10/${name}`));
});

for (
  const [what, changes, message] of [
    ["a damaged file", {
      "cifar-10-batches-bin/data_batch_2.bin": flipped(tinyPublished["data_batch_2.bin"], 9),
    }, "expected the published files in it, found others: data_batch_2.bin."],
    ["a file of another length", {
      "cifar-10-batches-bin/test_batch.bin": new Uint8Array(5),
    }, "expected test_batch.bin with 12,292 bytes in it, found 5."],
  ] as const
) {
  Deno.test(`downloadDataset() takes nothing of an archive with ${what}`, async () => {
    const store = new MemoryStore();
    await assert.rejects(fromArchive(store, { ...MEMBERS, ...changes }), (error: Error) => {
      assert.ok(error instanceof DataError);
      assert.ok(error.message.startsWith(`cifar.tar.gz: ${message}`), error.message);
      return true;
    });
    assert.deepEqual(store.paths(), []);
  });
}

Deno.test("the published archives unpack to what the loaders read", () => {
  for (const { archives, fileNames } of Object.values(FORMATS)) {
    assert.deepEqual(archives.flatMap(({ files }) => Object.keys(files)), fileNames);
    for (const { name, addresses, sha256, bytes } of archives) {
      assert.ok(addresses.length >= 3, name);
      for (const address of addresses) {
        assert.ok(address.startsWith("https://") && address.endsWith(`/${name}`), address);
      }
      assert.equal(
        new Set(addresses.map((address) => new URL(address).host)).size,
        addresses.length,
      );
      assert.match(sha256, /^[0-9a-f]{64}$/);
      assert.ok(bytes > 0);
    }
  }
});
