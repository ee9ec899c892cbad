import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { maxPool, maxPoolGradientOp } from "../../core/ops/max_pool.ts";
import { ShapeError, size as elements } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";
import type { Numbers } from "./numbers.ts";

interface Pool {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: number;
  readonly stride: number;
}

/** Windows that overlap, that meet, and that leave gaps; images with remainders. */
function pools(edge: number): fc.Arbitrary<Pool> {
  const length = fc.integer({ min: 1, max: edge });
  return fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: length,
    width: length,
    channels: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 5 }),
  }).filter(({ height, width, size }) => size <= height && size <= width);
}

function shapes({ batch, height, width, channels, size, stride }: Pool) {
  const out = (length: number) => Math.floor((length - size) / stride) + 1;
  return {
    x: [batch, height, width, channels],
    y: [batch, out(height), out(width), channels],
  };
}

/** Few different values, so that most windows hold equals. */
function withTies(numbers: Numbers, shape: readonly number[]) {
  const data = Float32Array.from({ length: elements(shape) }, () => numbers.below(3) - 1);
  return { shape, data };
}

for (const values of ["random values", "ties"]) {
  sameBits(`maxPool() gives its reference's bits on ${values}`, pools(12), (pool, numbers) => ({
    inputs: [
      values === "ties" ? withTies(numbers, shapes(pool).x) : numbers.tensor(shapes(pool).x),
    ],
    emit: ([x]) => maxPool(x!, pool),
  }));

  sameBits(
    `the gradient of maxPool() gives its reference's bits on ${values}`,
    pools(12),
    (pool, numbers) => {
      const { x, y } = shapes(pool);
      return {
        inputs: [values === "ties" ? withTies(numbers, x) : numbers.tensor(x), numbers.tensor(y)],
        emit: ([x, dy]) => x!.builder.apply(maxPoolGradientOp, [x!, dy!], pool),
      };
    },
  );
}

property("maxPool() and its gradient follow the formula", pools(6), async (pool, numbers) => {
  const { x, y } = shapes(pool);
  const [, outHeight, outWidth] = y as [number, number, number];
  await checkMeaning({
    inputs: [numbers.distinct(x)],
    emit: ([x]) => maxPool(x!, pool),
    formula: ([x]) =>
      Array.from({ length: elements(y) }, (_, i) => {
        const { channels, size, stride, height, width } = pool;
        const channel = i % channels;
        const ox = Math.floor(i / channels) % outWidth;
        const oy = Math.floor(i / channels / outWidth) % outHeight;
        const image = Math.floor(i / channels / outWidth / outHeight);
        let greatest = -Infinity;
        for (let dy = 0; dy < size; dy++) {
          for (let dx = 0; dx < size; dx++) {
            const row = image * height + oy * stride + dy;
            const at = (row * width + ox * stride + dx) * channels + channel;
            greatest = Math.max(greatest, x![at]!);
          }
        }
        return greatest;
      }),
  }, numbers);
});

test("among equals the first pixel of a window, row by row, gets the gradient", async () => {
  const states = await both({
    inputs: [{ shape: [1, 2, 3, 1], data: new Float32Array([1, 5, 5, 5, 5, 5]) }],
    emit: ([x]) => {
      const y = maxPool(x!, { size: 2, stride: 1 });
      return gradients(x!.builder as Graph, sum(y), [x!]);
    },
  });
  assert.deepEqual([...states.get("output0")!], [0, 2, 0, 0, 0, 0]);
});

test("maxPool() adds the gradients of overlapping windows in ascending order", async () => {
  const x = new Float32Array(9);
  x[4] = 1;
  const dy = new Float32Array([2 ** 24, 1, 1, -(2 ** 24)]);
  const states = await both({
    inputs: [{ shape: [1, 3, 3, 1], data: x }, { shape: [1, 2, 2, 1], data: dy }],
    emit: ([x, dy]) => x!.builder.apply(maxPoolGradientOp, [x!, dy!], { size: 2, stride: 1 }),
  });
  // ((2^24 + 1) + 1) - 2^24 rounds to 0; the reversed order gives 2.
  assert.equal(states.get("output0")![4], 0);
});

test("maxPool() rejects a window larger than the image", () => {
  const graph = new Graph();
  const x = graph.constant(new Float32Array(6), [1, 2, 3, 1]);
  assert.throws(() => maxPool(x, { size: 3 }), ShapeError);
});
