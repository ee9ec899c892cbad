import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { histogram, type HistogramAttributes } from "../../core/ops/histogram.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { both, property, sameBits, test } from "./harness.ts";
import { Numbers, type Tensor } from "./numbers.ts";
import { Tormentor } from "./torments.ts";

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 3000 }),
  fc.constantFrom(1023, 1024, 1025, 263_000),
);

async function counts(x: Tensor, attributes: HistogramAttributes): Promise<number[]> {
  const states = await both({ inputs: [x], emit: ([x]) => histogram(x!, attributes) });
  return [...states.get("output0")!];
}

const floats = (values: readonly number[]): Tensor => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

sameBits(
  "histogram() gives its reference's bits, whatever the bins",
  fc.record({
    length: lengths,
    from: fc.double({ min: -9, max: 9, noNaN: true }),
    width: fc.double({ min: 0.01, max: 20, noNaN: true }),
    bins: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(63, 64, 1024)),
  }),
  ({ length, from, width, bins }, numbers) => ({
    inputs: [numbers.tensor([length])],
    emit: ([x]) => histogram(x!, { from, to: from + width, bins }),
  }),
);

sameBits(
  "histogram() gives its reference's bits for numbers with any bits",
  fc.record({
    length: fc.integer({ min: 1, max: 3000 }),
    seed: fc.nat(),
    ends: fc.constantFrom([-1, 1], [0, 2 ** -47], [-(2 ** 50), 0], [2 ** -51, 2 ** 53], [
      -1e-20,
      1e-3,
    ]),
  }),
  ({ length, seed, ends: [from, to] }) => ({
    inputs: [new Tormentor("mantissas", seed, 0).bits([length])],
    emit: ([x]) => histogram(x!, { from: from!, to: to!, bins: 8 }),
  }),
);

property(
  "histogram() counts what the definition says where edges and elements are multiples of 1/8",
  fc.record({
    length: lengths,
    from: fc.integer({ min: -30, max: 30 }),
    bins: fc.integer({ min: 1, max: 40 }),
    eighths: fc.constantFrom(1, 2, 3, 5, 8),
  }),
  async ({ length, from, bins, eighths }, numbers) => {
    const all = Array.from({ length }, () => numbers.below(101) - 50);
    const edges = Array.from({ length: bins + 1 }, (_, i) => from + i * eighths);
    const expected = new Array<number>(bins + 2).fill(0);
    for (const one of all) expected[edges.filter((edge) => edge <= one).length]! += 1;
    const found = await counts(
      floats(all.map((one) => one / 8)),
      { from: from / 8, to: edges[bins]! / 8, bins },
    );
    assert.deepEqual(found, expected);
  },
);

test("an element at an edge goes to the upper bin, as far as rounding says", async () => {
  const tenths = Array.from({ length: 11 }, (_, i) => i / 10);
  assert.deepEqual(
    await counts(floats(tenths), { from: 0, to: 1, bins: 10 }),
    [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  );
  // 41 times the f32 of 1/41 is below 1; 12 times the one before that of 11/12 is 11.
  const inBin = async (x: number, bins: number) =>
    (await counts(floats([x]), { from: 0, to: 1, bins })).indexOf(1) - 1;
  assert.equal(await inBin(1 / 41, 41), 0);
  assert.equal(await inBin(11 / 12 - 2 ** -24, 12), 11);
});

test("what rounding takes beyond the bins stays in the last one, as it is below the end", async () => {
  const [from, to, bins] = [-1, 2 ** -10, 5];
  const last = to - 2 ** -34;
  const { fround } = Math;
  assert.ok(fround(fround(last - from) * fround(bins / (to - from))) >= bins);
  const found = await counts(floats([last, to, from, -1 - 2 ** -23]), { from, to, bins });
  assert.deepEqual(found, [1, 1, 0, 0, 0, 1, 1]);
});

test("histogram() counts infinity at its end, NaN at the upper one, what is not stored as zero", async () => {
  const x = floats([NaN, -NaN, Infinity, -Infinity, -(2 ** -140), 2 ** -52, -0, -(2 ** 127)]);
  assert.deepEqual(await counts(x, { from: 0, to: 1, bins: 2 }), [2, 3, 0, 3]);
  assert.deepEqual(await counts(x, { from: -1, to: 0, bins: 2 }), [2, 0, 0, 6]);
});

test("histogram() counts exactly where millions fall into one bin", async () => {
  const length = 2 ** 21 + 77;
  const data = new Float32Array(length).fill(0.3);
  data[length - 1] = 5;
  data[1025] = -5;
  const found = await counts({ shape: [length], data }, { from: 0, to: 1, bins: 4 });
  assert.deepEqual(found, [1, 0, length - 2, 0, 0, 1]);
});

test("histogram() counts every element once, in any shape", async () => {
  const x = new Numbers(3).tensor([7, 13, 29], {});
  const found = await counts(x, { from: -2.5, to: 3.1, bins: 17 });
  assert.equal(found.reduce((a, b) => a + b), 7 * 13 * 29);
  assert.ok(found.every((count) => count > 0), "some bins show nothing");
});

test("histogram() takes floats and bins only that there can be, and has no gradient", () => {
  const graph = new Graph();
  const x = graph.leaf({ name: "x", type: "f32", length: 3 }, [3]);
  const bins = { from: 0, to: 1, bins: 4 };
  for (const wrong of [0, 1.5, 2 ** 24 + 1, NaN]) {
    assert.throws(
      () => histogram(x, { ...bins, bins: wrong }),
      new RangeError(`histogram: bins must be an integer from 1 to 16777216, not ${wrong}`),
    );
  }
  for (
    const [from, to] of [[1, 1], [1, 0], [NaN, 1], [0, Infinity], [-1e38, 1e38], [1, 1 + 1e-9]]
  ) {
    assert.throws(() => histogram(x, { ...bins, from: from!, to: to! }), /wide as f32/);
  }
  assert.throws(() => histogram(graph.constant(new Uint32Array(3), [3]), bins), ShapeError);
  const loss = sum(histogram(x, bins));
  assert.throws(() => gradients(graph, loss, [x]), /histogram has no gradient/);
});
