import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { dropout } from "../../core/ops/dropout.ts";
import { ShapeError, size } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sum } from "../../core/ops/sum.ts";
import { stream, uniform } from "../../core/random/streams.ts";
import { anyShape } from "./activation_cases.ts";
import { both, build, type Case, property, sameBits, test } from "./harness.ts";
import type { Tensor } from "./numbers.ts";

const DROPOUT = stream(7, "dropout1");
const rates = fc.oneof(
  fc.constantFrom(0, 0.1, 0.5, 0.75),
  fc.double({ min: 0, max: 0.99, noNaN: true }),
);

const words = (...data: number[]): Tensor => ({
  shape: [data.length],
  data: new Uint32Array(data),
});
const ones = (length: number): Tensor => ({
  shape: [length],
  data: new Float32Array(length).fill(1),
});

function dropped(x: Tensor, rate: number, key = DROPOUT.key, step = 3): Case {
  return {
    inputs: [x, words(...key), words(step)],
    emit: ([x, key, step]) => dropout(x!, key!, step!, { rate }),
  };
}

sameBits(
  "dropout() gives its reference's bits",
  fc.record({ shape: anyShape, rate: rates, step: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  ({ shape, rate, step }, numbers) =>
    dropped(numbers.tensor(shape), rate, [numbers.word(), numbers.word()], step),
);

sameBits(
  "what follows dropout() in its kernel gives the bits of single steps",
  fc.record({ shape: anyShape, rate: rates }),
  ({ shape, rate }, numbers) => {
    const { inputs, emit } = dropped(numbers.tensor(shape), rate);
    return { inputs, emit: (values) => relu(emit(values) as never) };
  },
);

property(
  "dropout() keeps what its stream's numbers say, scaled by 1 / (1 - rate)",
  fc.record({ shape: anyShape, rate: rates }),
  async ({ shape, rate }, numbers) => {
    const x = numbers.plain(shape);
    const states = await both(dropped(x, rate));
    const scale = Math.fround(1 / (1 - rate));
    const expected = [...x.data].map((x, i) =>
      uniform(DROPOUT, 3, i) >= Math.fround(rate) ? Math.fround(scale * x) : 0
    );
    assert.deepEqual([...states.get("output0")!], expected);
  },
);

property(
  "the gradient of dropout() has the mask of its step and stream",
  fc.record({ shape: anyShape, rate: rates }),
  async ({ shape, rate }, numbers) => {
    const x = { shape, data: new Float32Array(size(shape)).fill(1) };
    const states = await both({
      ...dropped(x, rate, [numbers.word(), numbers.word()], numbers.word()),
      emit: ([x, key, step]) => {
        const y = dropout(x!, key!, step!, { rate });
        return [y, ...gradients(y.builder as Graph, sum(y), [x!])];
      },
    });
    assert.deepEqual(states.get("output1"), states.get("output0"));
  },
);

test("dropout() drops the share it is told, and leaves the mean alone", async () => {
  for (const rate of [0.1, 0.5, 0.8]) {
    const y = [...(await both(dropped(ones(20_000), rate))).get("output0")!];
    const share = y.filter((value) => value === 0).length / y.length;
    // Four standard errors.
    const error = 4 * Math.sqrt(rate * (1 - rate) / y.length);
    assert.ok(Math.abs(share - rate) < error, `${share}`);
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    assert.ok(Math.abs(mean - 1) < error / (1 - rate) + 1e-6, `${mean}`);
  }
});

test("dropout() drops others at another step and under another key", async () => {
  const mask = async (
    ...of: [readonly [number, number], number]
  ) => [...(await both(dropped(ones(64), 0.5, ...of))).get("output0")!];
  const first = await mask(DROPOUT.key, 0);
  assert.notDeepEqual(await mask(DROPOUT.key, 1), first);
  assert.notDeepEqual(await mask(stream(7, "dropout2").key, 0), first);
  assert.deepEqual(await mask(DROPOUT.key, 0), first);
});

test("dropout() at rate 0 is the identity", async () => {
  const x = { shape: [5], data: new Float32Array([1 / 3, -2, 0, 2 ** -51, 1e30]) };
  assert.deepEqual([...(await both(dropped(x, 0))).get("output0")!], [...x.data]);
});

for (const rate of [1, -0.1, 1.5, NaN]) {
  test(`dropout() rejects a rate of ${rate}`, () => {
    assert.throws(() => build(dropped(ones(1), rate)), {
      name: "RangeError",
      message: /rate must be at least 0 and below 1, not/,
    });
  });
}

test("dropout() rejects a key that is not two u32, and words to drop from", () => {
  const graph = new Graph();
  const [x, step] = [
    graph.constant(new Float32Array(1), [1]),
    graph.constant(new Uint32Array(1), [1]),
  ];
  const key = graph.constant(new Uint32Array(2), [2]);
  assert.throws(() => dropout(x, step, step, { rate: 0.5 }), ShapeError);
  assert.throws(() => dropout(key, key, step, { rate: 0.5 }), ShapeError);
});
