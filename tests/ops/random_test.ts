import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { random, type RandomAttributes } from "../../core/ops/random.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { normal, stream, uniform, word } from "../../core/random/streams.ts";
import { anyShape } from "./activation_cases.ts";
import { both, type Case, sameBits, test } from "./harness.ts";

const NOISE = stream(7, "noise");

function draw(attributes: RandomAttributes, key: readonly number[], step: number): Case {
  return {
    inputs: [
      { shape: [2], data: new Uint32Array(key) },
      { shape: [1], data: new Uint32Array([step]) },
    ],
    emit: ([key, step]) => random(key!, step!, attributes),
  };
}

for (const kind of ["uniform", "normal"] as const) {
  sameBits(
    `random() draws its reference's ${kind} numbers`,
    fc.record({ shape: anyShape, step: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
    ({ shape, step }, numbers) => draw({ kind, shape }, [numbers.word(), numbers.word()], step),
  );
}

test("random() draws the stream's own numbers, whatever the shape", async () => {
  for (const [kind, one] of [["uniform", uniform], ["normal", normal]] as const) {
    const states = await both(draw({ kind, shape: [3, 5] }, NOISE.key, 11));
    const expected = Array.from({ length: 15 }, (_, i) => one(NOISE, 11, i));
    assert.deepEqual([...states.get("output0")!], expected);
  }
});

/** Steps at which the first block of NOISE has a word like no other, as its upper 24 bits. */
const RARE: readonly (readonly [step: number, word: number, bits: number])[] = [
  [814_747, 2, 0],
  [10_007_379, 0, 0xffffff],
  [15_071_144, 3, 0],
  [20_506, 1, 199],
  [2_292_149, 3, 0xffffff],
];

test("random() draws the reference's numbers at the ends of radius and angle", async () => {
  for (const [step, at, bits] of RARE) {
    assert.equal(word(NOISE, step, at) >>> 8, bits);
    for (const kind of ["uniform", "normal"] as const) {
      await both(draw({ kind, shape: [4] }, NOISE.key, step));
    }
  }
});

test("random() draws other numbers at another step and under another key", async () => {
  const numbers = async (
    key: readonly number[],
    step: number,
  ) => [...(await both(draw({ kind: "uniform", shape: [8] }, key, step))).get("output0")!];
  const first = await numbers(NOISE.key, 0);
  assert.notDeepEqual(await numbers(NOISE.key, 1), first);
  assert.notDeepEqual(await numbers(stream(8, "noise").key, 0), first);
  assert.notDeepEqual(await numbers(stream(7, "other").key, 0), first);
});

test("random() draws normal numbers of mean 0 and variance 1", async () => {
  const states = await both(draw({ kind: "normal", shape: [20_000] }, NOISE.key, 0));
  const drawn = [...states.get("output0")!];
  const mean = drawn.reduce((a, b) => a + b) / drawn.length;
  const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05);
});

test("random() rejects a key that is not two u32", () => {
  const graph = new Graph();
  const step = graph.constant(new Uint32Array(1), [1]);
  const attributes = { kind: "uniform", shape: [4] } as const;
  assert.throws(() => random(step, step, attributes), ShapeError);
});
