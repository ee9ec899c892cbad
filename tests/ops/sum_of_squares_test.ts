import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { gradients } from "../../core/graph/gradients.ts";
import { multiply, scale } from "../../core/ops/arithmetic.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { CHUNK, sum } from "../../core/ops/sum.ts";
import { scaledSquaresOp, sumOfSquares } from "../../core/ops/sum_of_squares.ts";
import { assertSameBits, both, property, provesItsOrder, sameBits, test } from "./harness.ts";
import { Numbers, type Tensor } from "./numbers.ts";
import { Tormentor } from "./torments.ts";

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.constantFrom(255, 256, 257, 65_536, 65_537, 70_000),
);

sameBits(
  "sumOfSquares() gives its reference's bits at any magnitude",
  fc.record({ length: lengths, exponent: fc.integer({ min: -122, max: 123 }) }),
  ({ length, exponent }, numbers) => ({
    inputs: [numbers.tensor([length], { tiny: 0, scale: 2 ** exponent })],
    emit: ([x]) => sumOfSquares(x!),
  }),
);

sameBits(
  "sumOfSquares() gives its reference's bits for numbers with any bits",
  fc.record({ length: fc.integer({ min: 1, max: 30 }), seed: fc.nat() }),
  ({ length, seed }) => ({
    inputs: [new Tormentor("mantissas", seed, 0).bits([length])],
    emit: ([x]) => sumOfSquares(x!),
  }),
);

/** A tensor and the power of two of its greatest magnitude. */
function around(length: number, exponent: number): { x: Tensor; s: number } {
  const { data } = new Numbers(length).plain([length]);
  const s = 2 ** exponent;
  return { x: { shape: [length], data: Float32Array.from(data, (v) => 2 * v * s) }, s };
}

test("sumOfSquares() adds the squares of a chunk in the stated order, each rounded on its own", async () => {
  for (const exponent of [-126, -60, 0, 126]) {
    const { x, s } = around(600, exponent);
    const chunks = Array.from({ length: 3 }, (_, i) => {
      const values = [...x.data.subarray(i * CHUNK, (i + 1) * CHUNK)];
      return values.map((value) => [value / s, value / s] as const);
    });
    await provesItsOrder({
      inputs: [x, { shape: [], data: Float32Array.of(1.5 * s) }],
      emit: ([x, greatest]) => x!.builder.apply(scaledSquaresOp, [x!, greatest!], {}),
    }, chunks);
  }
});

property(
  "sumOfSquares() is the sum of squares of what the power of two divided, whatever that power is",
  fc.record({ length: lengths, exponent: fc.integer({ min: -126, max: 126 }) }),
  async ({ length, exponent }) => {
    const { x, s } = around(length, exponent);
    const divided = { shape: x.shape, data: x.data.map((value) => value / s) };
    const states = await both({
      inputs: [x, divided],
      emit: ([x, divided]) => [sumOfSquares(x!), sum(multiply(divided!, divided!))],
    });
    const [q] = states.get("output1")!;
    assertSameBits(states.get("output0")!, Float32Array.of(s, q!), "scale and sum");
  },
);

const cases: Readonly<
  Record<string, readonly [x: readonly number[], expected: readonly number[]]>
> = {
  "of zeros": [[0, -0, 0], [1, 0]],
  "of subnormal numbers": [[2 ** -127, -(2 ** -149)], [1, 0]],
  "of the smallest normal number beside a subnormal one": [
    [-(2 ** -126), 2 ** -127],
    [2 ** -126, 1],
  ],
  "of gradients whose squares no f32 can hold": [
    [3 * 2 ** -100, 2 ** -99, 0],
    [2 ** -99, 1.5 ** 2 + 1],
  ],
  "of numbers whose squares overflow": [[1.5 * 2 ** 127, -(2 ** 126)], [2 ** 126, 10]],
  "with a number too small beside the greatest to be told": [[-4, 2 ** -60], [4, 1]],
  "with infinity": [[1, -Infinity], [2 ** 126, Infinity]],
  "with NaN": [[NaN, 1, Infinity], [2 ** 126, NaN]],
};

for (const [what, [x, expected]] of Object.entries(cases)) {
  test(`sumOfSquares() gives scale and sum ${what}`, async () => {
    const states = await both({
      inputs: [{ shape: [x.length], data: Float32Array.from(x) }],
      emit: ([x]) => sumOfSquares(x!),
    });
    assertSameBits(states.get("output0")!, Float32Array.from(expected), what);
  });
}

test("sumOfSquares() takes floats only, and nothing is differentiated through it", () => {
  const graph = new Graph();
  assert.throws(() => sumOfSquares(graph.constant(new Uint32Array(3), [3])), ShapeError);
  const x = graph.leaf({ name: "x", type: "f32", length: 3 }, [3]);
  const loss = sum(sumOfSquares(scale(x, 2)));
  assert.throws(() => gradients(graph, loss, [x]), /sum_of_squares has no gradient/);
});
