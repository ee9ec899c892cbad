import assert from "node:assert/strict";
import fc from "fast-check";
import { packRecords } from "../../core/data/batches.ts";
import { loadDataset } from "../../core/data/load.ts";
import { Graph } from "../../core/graph/graph.ts";
import { distances, METRICS } from "../../core/ops/distances.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { both, type Case, sameBits, test } from "./harness.ts";
import { Numbers, type Tensor } from "./numbers.ts";

const metric = fc.constantFrom(...METRICS);

function between(queries: Tensor, records: Tensor, metric: (typeof METRICS)[number]): Case {
  return {
    inputs: [queries, records],
    emit: ([queries, records]) => distances(queries!, records!, { metric }),
  };
}

function words(shape: readonly [number, number], word: () => number): Tensor {
  return { shape, data: Uint32Array.from({ length: shape[0] * shape[1] }, word) };
}

sameBits(
  "distances() gives its reference's bits, whatever the words and however many rows",
  fc.record({
    metric,
    queries: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(31, 32, 33, 70)),
    records: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(63, 64, 65, 130)),
    // 1,536 bytes are 384 words, after which the SIMD kernel adds its lanes up.
    length: fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(196, 383, 384, 387, 390, 768),
    ),
  }).filter(({ queries, records, length }) => queries * records * length < 500_000),
  ({ metric, queries, records, length }, numbers) => {
    // Every fourth word of black or white pixels: the greatest differences there are.
    const word = () => [numbers.word(), numbers.word(), 0, 0xffffffff][numbers.below(4)]!;
    return between(words([queries, length], word), words([records, length], word), metric);
  },
);

test("distances() are what the definition says, byte by byte", async () => {
  const queries = { shape: [2, 2], data: Uint32Array.of(0x04030201, 0x000000ff, 0, 0xff000000) };
  const records = { shape: [1, 2], data: Uint32Array.of(0x01020304, 0xff000000) };
  const l1 = await both(between(queries, records, "l1"));
  assert.deepEqual([...l1.get("output0")!], [3 + 1 + 1 + 3 + 255 + 255, 4 + 3 + 2 + 1]);
  const l2 = await both(between(queries, records, "l2"));
  assert.deepEqual([...l2.get("output0")!], [9 + 1 + 1 + 9 + 2 * 65_025, 16 + 9 + 4 + 1]);
});

test("distances() of black and white do not overflow, up to the longest records", async () => {
  // As long as an l2 distance may be; l1 may be longer by far than a test should be.
  const longest = 16_512;
  for (const [metric, greatest] of [["l1", 255], ["l2", 255 ** 2]] as const) {
    for (const length of [384, 768, 771, longest]) {
      const white = words([5, length], () => 0xffffffff);
      const states = await both(between(white, words([3, length], () => 0), metric));
      const expected = new Uint32Array(15).fill(4 * length * greatest);
      assert.deepEqual(states.get("output0"), expected, `${metric} over ${length} words`);
      const same = await both(between(white, words([3, length], () => 0xffffffff), metric));
      assert.deepEqual(same.get("output0"), new Uint32Array(15));
    }
  }
});

for (const metric of METRICS) {
  test(`distances() by ${metric} of 50 records to 1,000 of 3,072 random bytes are all equal`, async () => {
    const numbers = new Numbers(9);
    const word = () => numbers.word();
    await both(between(words([50, 768], word), words([1_000, 768], word), metric));
  });
}

const path = Deno.env.get("SAMEBITS_DATA");

Deno.test({
  name: "distances() of 50 test images of CIFAR-10 to 1,000 training images are all equal",
  ignore: path === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { train, test } = await loadDataset("cifar10", {
      files: { read: (path) => Deno.readFile(path), size: sizeOf },
      directories: [{ path: path!, given: true, origin: "SAMEBITS_DATA" }],
      allowStandIn: false,
    });
    const queries = { shape: [50, 768], data: packRecords(test, 0, 50) };
    // The last ones, since the first are the nearest of whoever forgets an offset.
    const records = { shape: [1_000, 768], data: packRecords(train, train.count - 1_000, 1_000) };
    for (const metric of METRICS) await both(between(queries, records, metric));
  },
});

async function sizeOf(path: string): Promise<number | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFile ? info.size : undefined;
}

test("distances() rejects records of another length, too long ones and numbers that are no words", () => {
  const graph = new Graph();
  const leaf = (rows: number, length: number, type: "u32" | "f32" = "u32") =>
    graph.leaf({ name: `${rows}x${length}`, type, length: rows * length }, [rows, length]);
  assert.throws(
    () => distances(leaf(2, 3), leaf(2, 4), { metric: "l1" }),
    /queries \[2, 3\] and records \[2, 4\] need equally many words/,
  );
  assert.throws(() => distances(leaf(2, 3, "f32"), leaf(2, 3), { metric: "l1" }), ShapeError);
  distances(leaf(1, 16_512), leaf(1, 16_512), { metric: "l2" });
  assert.throws(
    () => distances(leaf(1, 16_513), leaf(1, 16_513), { metric: "l2" }),
    /l2 distances of 66052 bytes may not fit in 32 bits; records have at most 66048 bytes/,
  );
  distances(leaf(1, 4_210_752), leaf(1, 4_210_752), { metric: "l1" });
  assert.throws(
    () => distances(leaf(1, 4_210_753), leaf(1, 4_210_753), { metric: "l1" }),
    ShapeError,
  );
});
