import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { add, multiply, scale, subtract } from "../../core/ops/arithmetic.ts";
import { broadcast } from "../../core/ops/broadcast.ts";
import { type Shape, ShapeError, size, type Value } from "../../core/ops/op.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

const KINDS = {
  add: { emit: add, plain: (a: number, b: number) => a + b },
  subtract: { emit: subtract, plain: (a: number, b: number) => a - b },
  multiply: { emit: multiply, plain: (a: number, b: number) => a * b },
};

/** Two shapes that broadcast: axes of a common shape, some of them 1, some missing at the front. */
function pairs(edge: number): fc.Arbitrary<{ a: Shape; b: Shape }> {
  const axis = fc.record({
    length: fc.integer({ min: 1, max: edge }),
    repeats: fc.constantFrom("neither", "neither", "a", "b"),
  });
  return fc.record({
    axes: fc.array(axis, { maxLength: 4 }),
    missing: fc.nat(4),
    shorter: fc.constantFrom("a", "b"),
  }).map(({ axes, missing, shorter }) => {
    const shape = (name: string) => {
      const whole = axes.map(({ length, repeats }) => repeats === name ? 1 : length);
      return shorter === name ? whole.slice(missing) : whole;
    };
    return { a: shape("a"), b: shape("b") };
  });
}

/** Where the element of an operand lies that output element i comes from. */
function source(from: Shape, to: Shape, i: number): number {
  let at = 0, stride = 1;
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const length = from[axis - to.length + from.length] ?? 1;
    at += i % to[axis]! % length * stride;
    stride *= length;
    i = Math.floor(i / to[axis]!);
  }
  return at;
}

for (const [kind, { emit, plain }] of Object.entries(KINDS)) {
  sameBits(`${kind}() gives its reference's bits`, pairs(7), ({ a, b }, numbers) => ({
    inputs: [numbers.tensor(a), numbers.tensor(b, { tiny: 4 })],
    emit: ([a, b]) => emit(a!, b!),
  }));

  property(
    `${kind}() and its gradients follow the formula`,
    pairs(3),
    async ({ a, b }, numbers) => {
      const to = broadcast(a, b);
      await checkMeaning({
        inputs: [numbers.plain(a), numbers.plain(b)],
        emit: ([a, b]) => emit(a!, b!),
        formula: ([x, y]) =>
          Array.from(
            { length: size(to) },
            (_, i) => plain(x![source(a, to, i)]!, y![source(b, to, i)]!),
          ),
      }, numbers);
    },
  );
}

test("a difference below 2^-51 is stored as zero", async () => {
  const a = new Float32Array([1.5 * 2 ** -51, 1.75 * 2 ** -50, -1.25 * 2 ** -51]);
  const b = new Float32Array([1.25 * 2 ** -51, 1.25 * 2 ** -50, -1.5 * 2 ** -51]);
  const states = await both({
    inputs: [{ shape: [3], data: a }, { shape: [3], data: b }],
    emit: ([a, b]) => subtract(a!, b!),
  });
  assert.deepEqual([...states.get("output0")!], [0, 2 ** -51, 0]);
});

test("scale() rounds its factor to f32 and multiplies by it", async () => {
  const states = await both({
    inputs: [{ shape: [2], data: new Float32Array([3, -7]) }],
    emit: ([x]) => scale(x!, 0.1),
  });
  const factor = Math.fround(0.1);
  assert.deepEqual([...states.get("output0")!], [3, -7].map((x) => Math.fround(x * factor)));
});

test("add() rejects shapes that do not broadcast, and operands of type u32", () => {
  const graph = new Graph();
  const zeros = (shape: Shape): Value => graph.constant(new Float32Array(size(shape)), shape);
  assert.throws(
    () => add(zeros([2, 3]), zeros([2])),
    (error) =>
      error instanceof ShapeError && /axis 1 is 3 and 2; make them equal/.test(error.message),
  );
  assert.throws(
    () => add(zeros([2]), graph.constant(new Uint32Array(2), [2])),
    /both operands must be f32, not f32 and u32/,
  );
});
