import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { type Shape, ShapeError, size } from "../../core/ops/op.ts";
import { CHUNK, sum, sumTree } from "../../core/ops/sum.ts";
import { checkMeaning } from "./gradient.ts";
import { assertSameBits, both, chain, property, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

interface Axes {
  readonly shape: Shape;
  readonly axes: readonly number[];
}

/** Any choice among the axes of any shape. */
function patterns(edge: number): fc.Arbitrary<Axes> {
  const axis = fc.record({ length: fc.integer({ min: 1, max: edge }), summed: fc.boolean() });
  return fc.array(axis, { maxLength: 5 }).map((list) => ({
    shape: list.map(({ length }) => length),
    axes: list.flatMap(({ summed }, i) => summed ? [i] : []),
  }));
}

sameBits(
  "sum() gives its reference's bits over any axes",
  patterns(6),
  ({ shape, axes }, numbers) => ({
    inputs: [numbers.tensor(shape, { tiny: 4 })],
    emit: ([x]) => sum(x!, axes),
  }),
);

sameBits(
  "sum() gives its reference's bits over long axes",
  fc.record({
    outer: fc.integer({ min: 1, max: 3 }),
    length: fc.oneof(
      fc.integer({ min: 250, max: 3000 }),
      fc.constantFrom(256, 257, 512, 65_536, 65_537, 70_000),
    ),
    inner: fc.integer({ min: 1, max: 3 }),
  }),
  ({ outer, length, inner }, numbers) => ({
    inputs: [numbers.tensor([outer, length, inner])],
    emit: ([x]) => sum(x!, [1]),
  }),
);

sameBits(
  "the tree of a sum gives its reference's bits for any number of partial sums",
  fc.record({ outer: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 600 }) }),
  ({ outer, length }, numbers) => ({
    inputs: [numbers.tensor([outer, length, 2])],
    emit: ([x]) => sumTree(x!),
  }),
);

property(
  "sum() and its gradient follow the formula",
  patterns(3),
  async ({ shape, axes }, numbers) => {
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    await checkMeaning({
      inputs: [numbers.plain(shape)],
      emit: ([x]) => sum(x!, axes),
      formula: ([x]) => {
        const totals = new Array<number>(size(kept)).fill(0);
        x!.forEach((value, i) => {
          let to = 0, stride = 1, rest = i;
          for (let axis = shape.length - 1; axis >= 0; axis--) {
            if (!axes.includes(axis)) {
              to += rest % shape[axis]! * stride;
              stride *= shape[axis]!;
            }
            rest = Math.floor(rest / shape[axis]!);
          }
          totals[to]! += value;
        });
        return totals;
      },
    }, numbers);
  },
);

test("the gradient of a long sum reaches every element", async () => {
  const numbers = new Numbers(8);
  await checkMeaning({
    inputs: [numbers.plain([2, 700])],
    emit: ([x]) => sum(x!, [1]),
    formula: ([x]) =>
      [0, 1].map((row) => x!.slice(row * 700, (row + 1) * 700).reduce((a, b) => a + b)),
  }, numbers);
});

/** The fixed tree: the largest power of two below the count on the left, the rest on the right. */
function tree(partial: readonly number[]): number {
  if (partial.length === 1) return partial[0]!;
  const half = 2 ** (Math.ceil(Math.log2(partial.length)) - 1);
  return Math.fround(tree(partial.slice(0, half)) + tree(partial.slice(half)));
}

const ones = (values: readonly number[]) => values.map((value) => [value, 1] as const);

function chunked(values: readonly number[]): number {
  const chunks = Array.from(
    { length: Math.ceil(values.length / CHUNK) },
    (_, i) => flush(chain(ones(values.slice(i * CHUNK, (i + 1) * CHUNK)))),
  );
  return flush(tree(chunks));
}

test("sum() adds chunks of 256 in ascending order and then their sums in a pairwise tree", async () => {
  for (const length of [200, 256, 257, 1700, 5000]) {
    const x = new Numbers(length).tensor([length], {});
    const values = [...x.data];
    const states = await both({ inputs: [x], emit: ([x]) => sum(x!) });
    assertSameBits(states.get("output0")!, new Float32Array([chunked(values)]), "the stated order");
    assert.notEqual(chunked(values.toReversed()), chunked(values), "the order shows nowhere");
    if (length > 300) assert.notEqual(chain(ones(values)), chunked(values), "no tree shows");
  }
});

test("a sum below 2^-51 is stored as zero, of elements and of partial sums", async () => {
  const tiny = new Float32Array([1.5 * 2 ** -51, -1.25 * 2 ** -51]);
  const states = await both({
    inputs: [{ shape: [1, 2, 1], data: tiny }],
    emit: ([x]) => [sum(x!), sumTree(x!)],
  });
  assert.deepEqual([...states.get("output0")!, ...states.get("output1")!], [0, 0]);
});

test("sum() rejects an axis that does not exist", () => {
  const x = new Graph().constant(new Float32Array(6), [2, 3]);
  assert.throws(() => sum(x, [2]), (error) => {
    return error instanceof ShapeError && /\[2, 3\] has no axis 2/.test(error.message);
  });
});
