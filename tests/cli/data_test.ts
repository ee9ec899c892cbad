import assert from "node:assert/strict";
import { type Answer, cut, files, startMirror } from "../data/mirrors.ts";
import { MADE, PACKED } from "./fixtures/formats.ts";
import { type Ended, type Place, testInPlace } from "./process.ts";
import { assertRefused, FIXTURES, names } from "./run_fixtures.ts";

/** The script that runs `deno task data` on the fixtures' data. */
const DATA = "data.ts";
const CACHE = ".cache/mnist";
const FILES = Object.keys(MADE.files).sort();

function fetchFrom({ run }: Place, addresses: readonly string[]): Promise<Ended> {
  return run("data", [`--mirrors=${addresses.join(",")}`, "mnist"], DATA);
}

function assertFetched({ code, stdout, stderr }: Ended): void {
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const { digest } = MADE.edition;
  assert.equal(stdout, `mnist: MNIST, 120 images\n  folder  ${CACHE}\n  digest  ${digest}\n`);
}

testInPlace("--help says what is fetched and where to", async ({ run }) => {
  const { code, stdout } = await run("data", ["--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /mnist or cifar10; all, if left out/);
  assert.match(stdout, /Only \.cache is written/);
  assert.match(stdout, / {2}3 {4}data missing or damaged/);
});

testInPlace("data are fetched into .cache once, and verified each time", async (place) => {
  await using mirror = startMirror(files(PACKED));
  assertFetched(await fetchFrom(place, [mirror.address]));
  assert.deepEqual(await names(`${place.folder}/${CACHE}`), [".lock", ...FILES]);
  assertFetched(await fetchFrom(place, [mirror.address]));
  assert.equal(mirror.asked.length, 4);

  const path = `${place.folder}/${CACHE}/t10k-labels-idx1-ubyte`;
  const bytes = await Deno.readFile(path);
  bytes[20]! ^= 1;
  await Deno.writeFile(path, bytes);
  assertFetched(await fetchFrom(place, [mirror.address]));
  assert.equal(mirror.asked.length, 5);
});

testInPlace("a folder that was given is verified, and never fetched into", async (place) => {
  await using mirror = startMirror(files(PACKED));
  const verify = (data?: string) =>
    place.run(
      "data",
      [
        `--mirrors=${mirror.address}`,
        "mnist",
        ...(data === undefined ? ["--data-dir", "mine"] : []),
      ],
      DATA,
      data,
    );
  assertRefused(await verify(), 3, "--data-dir mine: expected MNIST there, found none");
  assertRefused(await verify("yours"), 3, "SAMEBITS_DATA yours: expected MNIST there, found none");
  await Deno.mkdir(`${place.folder}/mine`);
  for (const name of FILES) {
    const bytes = MADE.files[name as keyof typeof MADE.files];
    await Deno.writeFile(`${place.folder}/mine/${name}`, bytes);
  }
  const { code, stdout } = await verify();
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}folder {2}mine$/m);
  await Deno.writeFile(`${place.folder}/mine/${FILES[0]}`, new Uint8Array(3));
  assertRefused(await verify(), 3, `mine/${FILES[0]}: expected 15,696 bytes, found 3.`);
  assert.deepEqual(await names(place.folder), ["mine"]);
  assert.equal(mirror.asked.length, 0);
});

testInPlace(
  "without network there is one clear line, and nothing is left but a lock",
  async (place) => {
    assertRefused(
      await place.run("data", ["mnist"], DATA),
      3,
      "train-images-idx3-ubyte.gz: expected ",
    );
    assert.deepEqual(await names(`${place.folder}/${CACHE}`), [".lock"]);
    assertRefused(await place.run("data", ["mnits"], DATA), 2, `did you mean "mnist"?`);
  },
);

const IMAGES = PACKED.get("train-images-idx3-ubyte.gz")!;
const PART = Math.floor(IMAGES.length / 3);

/** Sends two thirds of the images in two parts with two seconds between, then nothing. */
const slowly: Answer = async (asked, connection, closing) => {
  await cut(IMAGES, PART)(asked, connection, closing);
  await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, 2000))]);
  await connection.write(IMAGES.subarray(PART, 2 * PART));
  await closing;
};

/** Waits until the partial file has what {@link slowly} sends. */
async function partial(folder: string): Promise<number> {
  const path = `${folder}/${CACHE}/train-images-idx3-ubyte.gz.part`;
  for (let i = 0; i < 300; i++) {
    const { size } = await Deno.stat(path).catch(() => ({ size: 0 }));
    if (size === 2 * PART) return size;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail("nothing was downloaded");
}

for (
  const [task, args, script, signal] of [
    ["data", ["mnist"], DATA, "SIGINT"],
    ["data", ["mnist"], DATA, "SIGKILL"],
    ["experiment", ["tiny", "--preset", "standard"], FIXTURES, "SIGINT"],
  ] as const
) {
  testInPlace(`${signal} leaves a download of ${task} that goes on where it was`, async (place) => {
    await using slow = startMirror(slowly);
    await using mirror = startMirror(files(PACKED));
    const child = place.start(task, [`--mirrors=${slow.address}`, ...args], script);
    const size = await partial(place.folder);
    child.kill(signal);
    const { code, stdout } = await child.output();
    if (task === "experiment") {
      assert.equal(code, 130);
      assert.match(new TextDecoder().decode(stdout), /^Stopped before the first step; /);
      assert.deepEqual(await names(place.folder), [".cache"]);
    }
    assertFetched(await fetchFrom(place, [mirror.address]));
    assert.deepEqual(mirror.asked.map(({ from }) => from), [size, ...Array(3)]);
  });
}

testInPlace("two downloads at once do not mix", async (place) => {
  await using slow = startMirror(slowly);
  await using mirror = startMirror(files(PACKED));
  const child = place.start("data", [`--mirrors=${slow.address}`, "mnist"], DATA);
  await partial(place.folder);
  const second = await fetchFrom(place, [mirror.address]);
  assertRefused(second, 5, `${CACHE}: another process is writing there.`);
  child.kill("SIGKILL");
  await child.output();
  assert.equal(mirror.asked.length, 0);
  assertFetched(await fetchFrom(place, [mirror.address]));
});

testInPlace("standard fetches what it needs, quick never does", async (place) => {
  await using mirror = startMirror(files(PACKED));
  const run = (...args: string[]) =>
    place.run(
      "experiment",
      [`--mirrors=${mirror.address}`, "tiny", "--device", "cpu", ...args],
      FIXTURES,
    );
  const quick = await run();
  assert.equal(quick.code, 0, quick.stderr);
  assert.match(quick.stdout, / data +STAND-IN, NOT REAL DATA: [^]+deno\s+task\s+data\s+mnist/);
  assert.ok(quick.stdout.endsWith(" deno task data mnist\n"), quick.stdout);
  assert.equal(mirror.asked.length, 0);
  const standard = await run("--preset", "standard", "--seeds", "1");
  assert.equal(standard.code, 0, standard.stderr);
  assert.match(standard.stdout, /\n {2}data +MNIST, 120 images \(digest /);
  assert.equal(mirror.asked.length, 4);
});

testInPlace("without network standard is refused, and quick draws its stand-in", async (place) => {
  const refused = await place.run("experiment", ["tiny", "--preset", "standard"], FIXTURES);
  assertRefused(refused, 3, "this task has no permission to reach 127.0.0.1:1234");
  assert.deepEqual(await names(place.folder), [".cache"]);
  const { code, stdout } = await place.run("experiment", ["tiny", "--device", "cpu"], FIXTURES);
  assert.equal(code, 0);
  assert.match(stdout, /STAND-IN, NOT REAL DATA/);
});

testInPlace("a mirror that fails gives way to the next", async (place) => {
  await using silent = startMirror((_, connection) => connection.closeWrite());
  await using mirror = startMirror(files(PACKED));
  assertFetched(await fetchFrom(place, [silent.address, mirror.address]));
  assert.equal(silent.asked.length, 4);
});
