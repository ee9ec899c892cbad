import assert from "node:assert/strict";
import fc from "fast-check";
import { philox4x32 } from "../../core/random/philox.ts";
import { normal, permutation, stream, uniform, word } from "../../core/random/streams.ts";

const u32 = fc.nat(0xffffffff);

Deno.test("stream() keys by the seed and the FNV-1a hash of the name", () => {
  assert.deepEqual(stream(7, "").key, [7, 0x811c9dc5]);
  assert.deepEqual(stream(7, "a").key, [7, 0xe40c292c]);
  assert.deepEqual(stream(7, "foobar").key, [7, 0xbf9cf968]);
});

Deno.test("stream() rejects a seed that is no unsigned 32-bit integer", () => {
  for (const seed of [-1, 0.5, 2 ** 32, NaN]) {
    assert.throws(() => stream(seed, "init"), {
      name: "RangeError",
      message: `stream("init"): the seed must be an integer from 0 to 4294967295, got ${seed}`,
    });
  }
});

Deno.test("word() is a lane of the block at (element / 4, 0, step, 0)", () => {
  fc.assert(fc.property(u32, u32, u32, (seed, step, element) => {
    const s = stream(seed, "noise");
    const block = philox4x32([element >>> 2, 0, step, 0], s.key);
    assert.equal(word(s, step, element), block[element & 3]);
  }));
});

Deno.test("uniform() is the top 24 bits of word(), in [0, 1)", () => {
  const s = stream(1, "dropout");
  fc.assert(fc.property(u32, u32, (step, element) => {
    const u = uniform(s, step, element);
    assert.equal(u * 2 ** 24, word(s, step, element) >>> 8);
    assert.ok(u >= 0 && u < 1);
  }));
});

Deno.test("normal() has mean 0, variance 1 and no skew, in each of its four lanes", () => {
  const s = stream(3, "init");
  const count = 20_000;
  for (let lane = 0; lane < 4; lane++) {
    let sum = 0, squares = 0, cubes = 0;
    for (let i = 0; i < count; i++) {
      const x = normal(s, 0, 4 * i + lane);
      sum += x;
      squares += x * x;
      cubes += x * x * x;
    }
    // Four standard errors of each moment.
    assert.ok(Math.abs(sum / count) < 4 / Math.sqrt(count));
    assert.ok(Math.abs(squares / count - 1) < 4 * Math.sqrt(2 / count));
    assert.ok(Math.abs(cubes / count) < 4 * Math.sqrt(15 / count));
  }
});

Deno.test("normal() is Box and Muller's pair of its block, as exact as f32 allows", () => {
  const s = stream(4, "noise");
  for (let element = 0; element < 4096; element += 2) {
    const radius = Math.sqrt(-2 * Math.log(((word(s, 9, element) >>> 8) + 1) * 2 ** -24));
    const angle = (word(s, 9, element + 1) >>> 8) * 2 ** -24 * 2 * Math.PI;
    assert.ok(Math.abs(normal(s, 9, element) - radius * Math.cos(angle)) < 4e-6);
    assert.ok(Math.abs(normal(s, 9, element + 1) - radius * Math.sin(angle)) < 4e-6);
  }
});

Deno.test("permutation() is a permutation and changes with the step", () => {
  fc.assert(
    fc.property(u32, fc.nat(0xfffffffe), fc.integer({ min: 20, max: 300 }), (seed, step, n) => {
      const s = stream(seed, "shuffle");
      const order = permutation(s, step, n);
      assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
      assert.notDeepEqual(order, permutation(s, step + 1, n));
    }),
  );
});

Deno.test("permutation() follows its written rule", () => {
  const s = stream(5, "split");
  const n = 1001;
  const expected = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Number((BigInt(word(s, 2, i)) * BigInt(i + 1)) >> 32n);
    [expected[i], expected[j]] = [expected[j]!, expected[i]!];
  }
  assert.deepEqual([...permutation(s, 2, n)], expected);
});

Deno.test("permutation() gives each order of three about as often", () => {
  const s = stream(6, "shuffle");
  const counts = new Map<string, number>();
  const draws = 12_000;
  for (let step = 0; step < draws; step++) {
    const order = permutation(s, step, 3).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) {
    assert.ok(Math.abs(count - draws / 6) < 4 * Math.sqrt(draws * (1 / 6) * (5 / 6)));
  }
});

Deno.test("permutation() takes 0 and 1, and rejects what is not exact", () => {
  const s = stream(0, "shuffle");
  assert.deepEqual([...permutation(s, 0, 0)], []);
  assert.deepEqual([...permutation(s, 0, 1)], [0]);
  for (const n of [-1, 1.5, 2 ** 21 + 1, NaN]) {
    assert.throws(() => permutation(s, 0, n), RangeError);
  }
});
