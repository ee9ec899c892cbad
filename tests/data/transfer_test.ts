import assert from "node:assert/strict";
import { DataError } from "../../core/data/error.ts";
import type { Archive } from "../../core/data/format.ts";
import { transfer, type TransferProgress } from "../../core/data/transfer.ts";
import { archiveOf } from "./archives.ts";
import { flipped, MemoryStore, variedBytes } from "./memory_files.ts";
import {
  type Answer,
  cut,
  type Mirror,
  says,
  silence,
  stall,
  startMirror,
  whole,
  wholeAlways,
} from "./mirrors.ts";

const PART = "cache/data.gz.part";
const BYTES = variedBytes(300_000, 7);
const OTHER = flipped(BYTES, 1000);

interface Setting {
  readonly mirrors: readonly Mirror[];
  readonly archive: Archive;
  readonly store: MemoryStore;
  readonly progress: TransferProgress[];
  /** Transfers; a mirror has 0.4 s. */
  go(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A test with a mirror for each list of answers, and without permission for any other host. */
function testMirrors(
  name: string,
  answers: readonly (readonly Answer[])[],
  body: (setting: Setting) => Promise<void>,
): void {
  Deno.test({ name, permissions: { net: ["127.0.0.1"] } }, async () => {
    await using stack = new AsyncDisposableStack();
    const mirrors = answers.map((each) => stack.use(startMirror(...each)));
    const archive = await archiveOf(BYTES, BYTES, mirrors.map(({ address }) => `${address}/x`));
    const store = new MemoryStore();
    const progress: TransferProgress[] = [];
    await body({
      ...{ mirrors, archive, store, progress },
      go: () =>
        transfer(archive, {
          ...{ store, part: PART, patience: 400 },
          progress: (report) => void progress.push(report),
        }),
    });
  });
}

/** Bytes as far as a partial file holds them. */
async function keep(store: MemoryStore, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  await store.append(PART, bytes);
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof DataError, String(error));
    assert.ok(!error.message.includes("\n"), error.message);
    return error.message;
  }
  return assert.fail("expected a DataError");
}

testMirrors("transfer() brings an archive and says how far it is", [[whole(BYTES)]], async (it) => {
  assert.deepEqual(await it.go(), BYTES);
  const [{ asked, address }] = it.mirrors as [Mirror];
  assert.equal(asked.length, 1);
  assert.match(asked[0]!.head, /^accept-encoding: identity\r$/im);
  const { host } = new URL(address);
  const of = BYTES.length;
  assert.deepEqual(it.progress[0], { archive: "data.gz", host, bytes: 0, of });
  assert.deepEqual(it.progress.at(-1), { archive: "data.gz", host, bytes: of, of });
});

testMirrors(
  "transfer() asks for the rest after a cut, as often as something came",
  [[cut(BYTES, 70_000), cut(BYTES, 50_000), cut(BYTES, 1), whole(BYTES)]],
  async (it) => {
    assert.deepEqual(await it.go(), BYTES);
    const from = it.mirrors[0]!.asked.map(({ from }) => from);
    assert.deepEqual(from, [undefined, 70_000, 120_000, 120_001]);
  },
);

testMirrors(
  "transfer() goes on from the partial file of a process that was killed",
  [[whole(BYTES)]],
  async (it) => {
    await keep(it.store, BYTES.slice(0, 123_456));
    assert.deepEqual(await it.go(), BYTES);
    assert.deepEqual(it.mirrors[0]!.asked.map(({ from }) => from), [123_456]);
    assert.equal(it.progress[0]!.bytes, 123_456);
  },
);

testMirrors(
  "transfer() takes from one mirror what another has begun",
  [[cut(BYTES, 100_000), silence], [whole(BYTES)]],
  async (it) => {
    assert.deepEqual(await it.go(), BYTES);
    assert.deepEqual(it.mirrors[1]!.asked.map(({ from }) => from), [100_000]);
  },
);

testMirrors(
  "transfer() starts again where a server ignores which part it was asked for",
  [[cut(BYTES, 100_000), wholeAlways(BYTES)]],
  async (it) => {
    assert.deepEqual(await it.go(), BYTES);
    assert.deepEqual(it.mirrors[0]!.asked.map(({ from }) => from), [undefined, 100_000]);
  },
);

testMirrors(
  "transfer() starts again when the file changed between two parts",
  [[cut(OTHER, 100_000), whole(BYTES)]],
  async (it) => {
    assert.deepEqual(await it.go(), BYTES);
    assert.deepEqual(it.mirrors[0]!.asked.map(({ from }) => from), [undefined, 100_000, undefined]);
  },
);

testMirrors("transfer() follows a redirect", [[whole(BYTES)]], async (it) => {
  const { address } = it.mirrors[0]!;
  await using first = startMirror(says(`302 Found\r\nLocation: ${address}/y\r\nContent-Length: 0`));
  const archive = { ...it.archive, addresses: [`${first.address}/x`] };
  const options = { store: it.store, part: PART, patience: 1000, progress: () => {} };
  assert.deepEqual(await transfer(archive, options), BYTES);
  assert.equal(it.mirrors[0]!.asked[0]!.path, "/y");
});

for (
  const [what, kept] of [
    ["too long", variedBytes(300_001, 7)],
    ["of other bytes", OTHER],
    ["of other bytes, and short", OTHER.slice(0, 5000)],
  ] as const
) {
  testMirrors(
    `transfer() throws away a partial file that is ${what}`,
    [[whole(BYTES)]],
    async (it) => {
      await keep(it.store, kept);
      assert.deepEqual(await it.go(), BYTES);
    },
  );
}

const HTML = "<!doctype html><title>Sign in to the guest network</title>";
const length = (bytes: number) => `Content-Length: ${bytes}`;

/** What a mirror does, what is said of it, and how many bytes of it stay for the next one. */
const BAD: readonly (readonly [what: string, answers: Answer[], reason: string, kept: number])[] = [
  [
    "serves a web page",
    [says(`200 OK\r\nContent-Type: text/html; charset=utf-8\r\n${length(HTML.length)}`, HTML)],
    "answered with a web page",
    0,
  ],
  [
    "serves a web page and says it is binary",
    [says(`200 OK\r\n${length(HTML.length)}`, HTML)],
    `announced ${HTML.length} bytes`,
    0,
  ],
  [
    "serves a web page and says nothing about it",
    [says("200 OK", HTML)],
    `ended after ${HTML.length} bytes`,
    0,
  ],
  [
    "announces fewer bytes",
    [says(`200 OK\r\n${length(299_999)}`, BYTES)],
    "announced 299,999 bytes",
    0,
  ],
  [
    "announces more bytes",
    [says(`200 OK\r\n${length(1e15)}`, BYTES)],
    "announced 1,000,000,000,000,000 bytes",
    0,
  ],
  [
    "sends more bytes, unannounced",
    [
      says("200 OK", variedBytes(400_000, 7)),
    ],
    "sent more than that",
    0,
  ],
  [
    "ends early, unannounced",
    [says("200 OK", BYTES.subarray(0, 200_000))],
    "ended after 200,000 bytes",
    0,
  ],
  ["hangs up in the middle", [cut(BYTES, 200_000), cut(BYTES, 0)], "after 200,000 bytes", 200_000],
  ["hangs up at once", [cut(BYTES, 0)], "after 0 bytes", 0],
  ["hangs up without a word", [() => {}], "connection closed before message completed", 0],
  ["never answers", [silence], "no answer for 0.4 s", 0],
  [
    "stalls at the first byte",
    [
      stall(BYTES, 0),
    ],
    "sent nothing more for 0.4 s, after 0 bytes",
    0,
  ],
  [
    "stalls in the middle",
    [
      stall(BYTES, 1000),
      silence,
    ],
    "no answer for 0.4 s",
    1000,
  ],
  ["does not have it", [says("404 Not Found\r\nContent-Length: 0")], "HTTP 404", 0],
  ["has failed", [says("500 Oops\r\nContent-Length: 0")], "HTTP 500", 0],
  ["does not speak HTTP", [says("", "SSH-2.0")], "invalid", 0],
  [
    "redirects in a circle",
    [
      says("302 Found\r\nLocation: /x\r\nContent-Length: 0"),
    ],
    "redirects",
    0,
  ],
  [
    "redirects to a host without permission",
    [says("302 Found\r\nLocation: http://localhost:1234/x\r\nContent-Length: 0")],
    "this task has no permission to reach localhost:1234",
    0,
  ],
  ["sends other bytes", [whole(OTHER)], "sent other bytes than were published (SHA-256 ", 0],
  [
    "sends a part unasked",
    [
      says(
        `206 Partial Content\r\nContent-Range: bytes 0-299999/300000\r\n${length(300_000)}`,
        BYTES,
      ),
    ],
    "HTTP 206",
    0,
  ],
  [
    "sends another part than was asked for",
    [
      cut(BYTES, 1000),
      says(
        `206 Partial Content\r\nContent-Range: bytes 0-299999/300000\r\n${length(300_000)}`,
        BYTES,
      ),
    ],
    "another part than was asked for (Content-Range: bytes 0-299999/300000)",
    1000,
  ],
  [
    "has a shorter file by now",
    [
      cut(BYTES, 1000),
      says(
        "206 Partial Content\r\nContent-Range: bytes 1000-1999/2000",
        BYTES.subarray(1000, 2000),
      ),
    ],
    "(Content-Range: bytes 1000-1999/2000)",
    1000,
  ],
  [
    "will not send parts",
    [
      cut(BYTES, 1000),
      says("416 Range Not Satisfiable\r\nContent-Length: 0"),
    ],
    "HTTP 416",
    1000,
  ],
  ["always stops after one byte", [cut(BYTES, 1)], "after 8 bytes", 8],
];

for (const [what, answers, reason, kept] of BAD) {
  testMirrors(`transfer() names a mirror that ${what}`, [answers], async (it) => {
    const text = await refusal(it.go());
    const { host } = new URL(it.mirrors[0]!.address);
    assert.ok(
      text.startsWith(
        `data.gz: expected 300,000 bytes with the SHA-256 ${it.archive.sha256.slice(0, 12)}... ` +
          `from one of its mirrors, got them from none (${host}: `,
      ),
      text,
    );
    assert.ok(text.includes(reason), text);
    assert.ok(text.endsWith("unpack it, and name its folder with --data-dir."), text);
    assert.equal(text.includes("what arrived is kept"), kept > 0, text);
    assert.equal(await it.store.files.size(PART) ?? 0, kept);
  });

  testMirrors(
    `transfer() takes the next mirror after one that ${what}`,
    [answers, [whole(BYTES)]],
    async (it) => {
      assert.deepEqual(await it.go(), BYTES);
      const from = it.mirrors[1]!.asked.map(({ from }) => from);
      assert.deepEqual(from, [kept > 0 ? kept : undefined]);
    },
  );
}

testMirrors(
  "transfer() names every mirror, each with its reason",
  [[silence], [says("404 Not Found\r\nContent-Length: 0")], [whole(OTHER)]],
  async (it) => {
    const text = await refusal(it.go());
    const [a, b, c] = it.mirrors.map(({ address }) => new URL(address).host);
    const reasons = `(${a}: no answer for 0.4 s; ${b}: HTTP 404; ${c}: sent other bytes`;
    assert.ok(text.includes(reasons), text);
  },
);

testMirrors("transfer() lets through what the store refuses", [[whole(BYTES)]], async (it) => {
  const full = new Error("the disk is full");
  it.store.append = () => Promise.reject(full);
  await assert.rejects(it.go(), full);
  assert.equal(it.mirrors[0]!.asked.length, 1);
});
