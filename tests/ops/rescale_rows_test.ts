import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { rsqrt } from "../../core/numerics/rsqrt.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { type Shape, ShapeError } from "../../core/ops/op.ts";
import { rescaleRows } from "../../core/ops/rescale_rows.ts";
import { sum } from "../../core/ops/sum.ts";
import { sumOfSquares } from "../../core/ops/sum_of_squares.ts";
import { assertSameBits, both, property, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const { fround } = Math;

const drawn = fc.record({
  shape: fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 600 })),
    fc.constantFrom<Shape>([64, 1], [65, 7], [3, 256], [3, 257], [2, 28, 28, 1], [5, 8, 8, 3]),
  ),
  atMost: fc.boolean(),
  radius: fc.double({ min: -4, max: 100, noNaN: true }),
});

sameBits(
  "rescaleRows() gives its reference's bits at any magnitude",
  fc.record({ drawn, exponent: fc.integer({ min: -110, max: 100 }) }),
  ({ drawn: { shape, atMost, radius }, exponent }, numbers) => ({
    inputs: [
      numbers.tensor(shape, { tiny: 0, scale: 2 ** exponent }),
      { shape: [1], data: Float32Array.of(radius) },
    ],
    emit: ([x, radius]) => rescaleRows(x!, radius!, { atMost }),
  }),
);

property(
  "rescaleRows() gives each row the radius as its norm, or leaves it where it need only be shorter",
  drawn,
  async ({ shape, atMost }, numbers) => {
    const rows = shape[0]!;
    const radius = fround(2 + numbers.below(9));
    const x = numbers.tensor(shape);
    const length = x.data.length / rows;
    const states = await both({
      inputs: [x, { shape: [1], data: Float32Array.of(radius) }],
      emit: ([x, radius]) => rescaleRows(x!, radius!, { atMost }),
    });
    const y = states.get("output0")!;
    for (let row = 0; row < rows; row++) {
      const [from, to] = [x.data, y].map((data) => [
        ...data.subarray(row * length, (row + 1) * length),
      ]) as [number[], number[]];
      const norm = Math.hypot(...from);
      const factor = norm === 0 || atMost && norm <= radius ? 1 : radius / norm;
      to.forEach((value, i) =>
        assert.ok(
          // What is below 2^-51 of the row's greatest element is lost.
          Math.abs(value - from[i]! * factor) <=
            2e-6 * Math.abs(from[i]! * factor) + radius * 2 ** -51,
          `element ${i} of row ${row} is ${value}, not ${from[i]! * factor}`,
        )
      );
    }
  },
);

test("rescaleRows() scales in the stated order, rows apart from each other", async () => {
  const numbers = new Numbers(3);
  const [rows, length, radius] = [4, 600, fround(0.3)];
  const x = numbers.tensor([rows, length], {});
  for (let i = 0; i < length; i++) {
    x.data[i]! *= 2 ** -40;
    x.data[length + i]! *= 2 ** 30;
  }
  const row = (i: number) => ({
    shape: [length],
    data: x.data.slice(i * length, (i + 1) * length),
  });
  const states = await both({
    inputs: [x, { shape: [1], data: Float32Array.of(radius) }, ...[0, 1, 2, 3].map(row)],
    emit: ([x, radius, ...each]) => [
      rescaleRows(x!, radius!, { atMost: false }),
      ...each.map((one) => sumOfSquares(one)),
    ],
  });
  const expected = Float32Array.from(x.data, (value, i) => {
    const [s, q] = states.get(`output${1 + Math.floor(i / length)}`)! as unknown as number[];
    return flush(fround(flush(fround(value / s!)) * fround(radius * rsqrt(q!))));
  });
  assertSameBits(states.get("output0")!, expected, "the stated order");
  const otherwise = Float32Array.from(x.data, (value, i) => {
    const [s, q] = states.get(`output${1 + Math.floor(i / length)}`)! as unknown as number[];
    return flush(fround(fround(flush(fround(value / s!)) * rsqrt(q!)) * radius));
  });
  assert.notDeepEqual(otherwise, expected, "the order shows nowhere");
});

test("rescaleRows() leaves rows of zeros, and turns rows round for a negative radius", async () => {
  const x = { shape: [3, 2], data: Float32Array.of(0, -0, 3, -4, 0, 2 ** -51) };
  const states = await both({
    inputs: [x, { shape: [1], data: Float32Array.of(-1) }],
    emit: ([x, radius]) => rescaleRows(x!, radius!, { atMost: false }),
  });
  const [a, b, c, d, e, f] = [...states.get("output0")!].map((value) => value + 0);
  assert.deepEqual([a, b, e], [0, 0, 0]);
  for (const [found, wanted] of [[c, -0.6], [d, 0.8], [f, -1]] as const) {
    assert.ok(Math.abs(found! - wanted) < 2e-7, `${found} is not ${wanted}`);
  }
});

test("rescaleRows() at most leaves a row whose norm is the radius, to the bit", async () => {
  const x = { shape: [3, 2], data: Float32Array.of(3, 4, 6, 8, 1 / 3, 0) };
  const states = await both({
    inputs: [x, { shape: [1], data: Float32Array.of(5) }],
    emit: ([x, radius]) => rescaleRows(x!, radius!, { atMost: true }),
  });
  const [a, b, c, d, e, f] = states.get("output0")!;
  assert.deepEqual([a, b, e, f], [3, 4, fround(1 / 3), 0]);
  assert.ok(Math.abs(c! - 3) < 1e-6 && Math.abs(d! - 4) < 1e-6, `${c}, ${d}`);
});

test("no gradient flows through rescaleRows(), and it rejects a radius that is not f32 [1]", () => {
  const graph = new Graph();
  const leaf = (name: string, shape: Shape, type: "f32" | "u32" = "f32") =>
    graph.leaf({ name, type, length: shape.reduce((a, b) => a * b) }, shape);
  const [x, weights, radius] = [leaf("x", [2, 3]), leaf("weights", [2, 3]), leaf("radius", [1])];
  const loss = sum(multiply(rescaleRows(multiply(x, weights), radius, { atMost: false }), weights));
  assert.equal(gradients(graph, loss, [weights]).length, 1);
  assert.throws(() => gradients(graph, loss, [x]), /the loss does not depend on the value/);
  assert.throws(
    () => rescaleRows(x, leaf("two", [2]), { atMost: true }),
    /the radius must be f32 \[1\], not f32 \[2\]/,
  );
  assert.throws(() => rescaleRows(leaf("u", [2, 3], "u32"), radius, { atMost: true }), ShapeError);
});
