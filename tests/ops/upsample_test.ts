import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { ShapeError, size } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { upsample, upsampleGradientOp } from "../../core/ops/upsample.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

interface Upsampling {
  readonly input: readonly [batch: number, height: number, width: number, channels: number];
  readonly factor: number;
}

function upsamplings(edge: number): fc.Arbitrary<Upsampling> {
  const length = fc.integer({ min: 1, max: edge });
  return fc.record({
    input: fc.tuple(fc.integer({ min: 1, max: 3 }), length, length, fc.integer({ min: 1, max: 9 })),
    factor: fc.integer({ min: 1, max: 4 }),
  });
}

function output({ input: [batch, height, width, channels], factor }: Upsampling) {
  return [batch, height * factor, width * factor, channels];
}

sameBits("upsample() gives its reference's bits", upsamplings(9), ({ input, factor }, numbers) => ({
  inputs: [numbers.tensor(input)],
  emit: ([x]) => upsample(x!, { factor }),
}));

sameBits(
  "the gradient of upsample() gives its reference's bits",
  upsamplings(9),
  (upsampling, numbers) => ({
    inputs: [numbers.tensor(output(upsampling))],
    emit: ([dy]) => dy!.builder.apply(upsampleGradientOp, [dy!], upsampling),
  }),
);

property("upsample() and its gradient follow the formula", upsamplings(5), async (up, numbers) => {
  const { input, factor } = up;
  const [, height, width, channels] = input;
  await checkMeaning({
    inputs: [numbers.plain(input)],
    emit: ([x]) => upsample(x!, { factor }),
    formula: ([x]) =>
      Array.from({ length: size(output(up)) }, (_, i) => {
        const column = Math.floor(i / channels) % (width * factor);
        const row = Math.floor(i / channels / width / factor) % (height * factor);
        const image = Math.floor(i / channels / width / factor / height / factor);
        const pixel = (image * height + Math.floor(row / factor)) * width +
          Math.floor(column / factor);
        return x![pixel * channels + i % channels]!;
      }),
  }, numbers);
});

test("upsample() makes a block of each pixel, image by image", async () => {
  const states = await both({
    inputs: [{ shape: [2, 1, 2, 1], data: new Float32Array([1, 2, 3, 4]) }],
    emit: ([x]) => upsample(x!, { factor: 2 }),
  });
  assert.deepEqual(
    [...states.get("output0")!],
    [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4],
  );
});

test("the gradient of upsample() adds a block row by row", async () => {
  const states = await both({
    inputs: [
      { shape: [1, 1, 1, 1], data: new Float32Array([1]) },
      { shape: [1, 2, 2, 1], data: new Float32Array([2 ** 24, 1, -(2 ** 24), 1]) },
    ],
    emit: ([x, dy]) =>
      gradients(x!.builder as Graph, sum(multiply(upsample(x!, { factor: 2 }), dy!)), [x!]),
  });
  // ((2^24 + 1) - 2^24) + 1 rounds to 1; column by column it is 2, and the reversed order 0.
  assert.equal(states.get("output0")![0], 1);
});

test("upsample() rejects vectors, and a factor that is no positive integer", () => {
  const graph = new Graph();
  const vectors = graph.constant(new Float32Array(6), [2, 3]);
  assert.throws(() => upsample(vectors, { factor: 2 }), /must be f32 with 4 axes/);
  const images = graph.constant(new Float32Array(6), [1, 2, 3, 1]);
  for (const factor of [0, 1.5]) {
    assert.throws(
      () => upsample(images, { factor }),
      (error) => error instanceof ShapeError && /must be a positive integer/.test(error.message),
    );
  }
});
