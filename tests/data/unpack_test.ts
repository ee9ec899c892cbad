import assert from "node:assert/strict";
import { packTar } from "modern-tar";
import { DataError } from "../../core/data/error.ts";
import type { Archive } from "../../core/data/format.ts";
import { unpack } from "../../core/data/unpack.ts";
import { gzip, tarGz } from "./archives.ts";
import { variedBytes } from "./memory_files.ts";

const DATA = variedBytes(5000, 1);
const FILE: Archive = {
  name: "data.gz",
  bytes: 0,
  sha256: "",
  addresses: [],
  files: { data: DATA.length },
};

const A = variedBytes(3000, 2);
const B = variedBytes(40_000, 3);
const TAR: Archive = {
  ...FILE,
  name: "two.tar.gz",
  folder: "two",
  files: { "a.bin": A.length, "b.bin": B.length },
};
const FILES = { "two/a.bin": A, "two/b.bin": B };

async function refuses(archive: Archive, packed: Uint8Array<ArrayBuffer>, ...parts: string[]) {
  await assert.rejects(unpack(archive, packed), (error: Error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.ok(error.message.startsWith(`${archive.name}: expected `), error.message);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

Deno.test("unpack() unpacks one file", async () => {
  assert.deepEqual(await unpack(FILE, await gzip(DATA)), new Map([["data", DATA]]));
});

Deno.test("unpack() refuses a gzip file that is cut short, damaged, or none", async () => {
  const packed = await gzip(DATA);
  for (const damaged of [packed.slice(0, -1), packed.slice(0, 500), DATA, new Uint8Array()]) {
    await refuses(FILE, damaged, "a whole gzip file, found a damaged one (");
  }
  const wrong = packed.slice();
  wrong[packed.length - 8]! ^= 1;
  await refuses(FILE, wrong, "a whole gzip file, found a damaged one (");
});

Deno.test("unpack() refuses a file of another length", async () => {
  await refuses(FILE, await gzip(DATA.slice(1)), "data with 5,000 bytes in it, found 4,999.");
  await refuses(FILE, await gzip(variedBytes(5001, 1)), "at most 5,000 bytes unpacked");
});

/** A quarter of a gigabyte of zeros, packed. */
async function bomb(): Promise<Uint8Array<ArrayBuffer>> {
  const zeros = new Uint8Array(1 << 20);
  let left = 1 << 8;
  const many = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(zeros);
      else controller.close();
    },
  });
  return await new Response(many.pipeThrough(new CompressionStream("gzip"))).bytes();
}

Deno.test("unpack() stops a gzip bomb at the expected length", async () => {
  const packed = await bomb();
  assert.ok(packed.length < 3e5);
  const before = Deno.memoryUsage().rss;
  await refuses(FILE, packed, "at most 5,000 bytes unpacked, found more");
  await refuses(TAR, packed, "at most 1,091,576 bytes unpacked, found more");
  assert.ok(Deno.memoryUsage().rss - before < 1 << 27, "half of it is not held at any time");
});

Deno.test("unpack() takes its files from a tar archive, and nothing else", async () => {
  const more = {
    "two/": new Uint8Array(),
    "two/readme.html": variedBytes(100, 4),
    "a.bin": variedBytes(3000, 5),
    "other/a.bin": variedBytes(3000, 5),
    "two/../two/b.bin": variedBytes(40_000, 5),
    "/two/a.bin": variedBytes(3000, 5),
    "../../etc/a.bin": variedBytes(3000, 5),
    "two/c.bin": variedBytes(3000, 5),
  };
  const expected = new Map([["a.bin", A], ["b.bin", B]]);
  assert.deepEqual(await unpack(TAR, await tarGz({ ...more, ...FILES })), expected);
  assert.deepEqual(await unpack(TAR, await tarGz({ ...FILES, ...more })), expected);
});

Deno.test("unpack() misses a file that is outside its folder, or no file", async () => {
  for (const path of ["b.bin", "../two/b.bin", "two/../../two/b.bin", "/two/b.bin", "two/B.BIN"]) {
    const packed = await tarGz({ "two/a.bin": A, [path]: B });
    await refuses(TAR, packed, "b.bin with 40,000 bytes in it, found no such file.");
  }
  for (const type of ["symlink", "link", "directory"] as const) {
    const link = { name: "two/b.bin", type, size: 0, linkname: "/etc/passwd" };
    const a = { header: { name: "two/a.bin", size: A.length }, body: A };
    const packed = await gzip(await packTar([a, { header: link }]));
    await refuses(TAR, packed, "b.bin with 40,000 bytes in it, found no such file.");
  }
});

Deno.test("unpack() refuses files of other lengths in a tar archive", async () => {
  const short = await tarGz({ ...FILES, "two/a.bin": A.slice(1) });
  await refuses(TAR, short, "a.bin with 3,000 bytes in it, found 2,999.");
  const long = await tarGz({ ...FILES, "two/b.bin": variedBytes(40_001, 3) });
  await refuses(TAR, long, "b.bin with 40,000 bytes in it, found 40,001.");
});

Deno.test("unpack() believes no length that a tar header lies about", async () => {
  const tar = await packTar([{ header: { name: "two/a.bin", size: A.length }, body: A }]);
  // 8 GB less one byte, the largest number that the field holds in octal, and a fitting checksum.
  tar.set(new TextEncoder().encode("77777777777\0"), 124);
  tar.fill(0x20, 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  await refuses(TAR, await gzip(tar), "a.bin with 3,000 bytes in it, found 8,589,934,591.");
});

Deno.test("unpack() refuses a tar archive that is cut short, or none", async () => {
  const tar = await packTar(
    Object.entries(FILES).map(([name, body]) => ({ header: { name, size: body.length }, body })),
  );
  await refuses(TAR, await gzip(tar.slice(0, 10_000)), "b.bin with 40,000 bytes");
  await refuses(TAR, await gzip(tar.slice(0, 4000)), "b.bin with 40,000 bytes in it, found no");
  await refuses(TAR, await gzip(B), "a.bin with 3,000 bytes");
});
