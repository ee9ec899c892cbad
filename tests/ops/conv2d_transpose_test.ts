import assert from "node:assert/strict";
import { Graph } from "../../core/graph/graph.ts";
import { conv2dTranspose } from "../../core/ops/conv2d_transpose.ts";
import { ShapeError, size } from "../../core/ops/op.ts";
import { formula, grouped } from "./conv2d_formula.ts";
import {
  products,
  shapes,
  type Transposed,
  transposedConvolutions,
} from "./conv2d_transpose_formula.ts";
import { checkMeaning } from "./gradient.ts";
import { both, type Case, property, provesItsOrder, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

function forward(t: Transposed, numbers: Numbers): Case {
  const { x, weights } = shapes(t);
  return {
    inputs: [numbers.tensor(x), numbers.tensor(weights)],
    emit: ([x, weights]) => conv2dTranspose(x!, weights!, t),
  };
}

sameBits(
  "conv2dTranspose() gives its reference's bits",
  transposedConvolutions(20_000),
  forward,
);

const square = (side: number, kernel: number) =>
  ({
    batch: 3,
    height: side,
    width: side,
    kernelHeight: kernel,
    kernelWidth: kernel,
    outputPadding: 0,
  }) as const;

for (
  const [what, t] of [
    [
      "a code as an image of one pixel",
      { ...square(1, 7), channels: 16, filters: 36, stride: 1, padding: "valid" },
    ],
    [
      "twice the size",
      { ...square(7, 4), channels: 12, filters: 20, stride: 2, padding: "same" },
    ],
    [
      "twice the size to one channel",
      { ...square(14, 4), channels: 8, filters: 1, stride: 2, padding: 1 },
    ],
    [
      "a kernel that does not divide by the stride",
      { ...square(6, 5), channels: 3, filters: 9, stride: 3, padding: 2, outputPadding: 1 },
    ],
    [
      "a kernel smaller than the stride",
      { ...square(5, 2), channels: 4, filters: 8, stride: 3, padding: "valid" },
    ],
  ] as const satisfies readonly (readonly [string, Transposed])[]
) {
  test(`conv2dTranspose() gives its reference's bits: ${what}`, async () => {
    await both(forward(t, new Numbers(1)));
  });
}

test("conv2dTranspose() adds rows, columns and channels in ascending order, each product rounded", async () => {
  const t: Transposed = {
    batch: 2,
    height: 4,
    width: 3,
    kernelHeight: 5,
    kernelWidth: 4,
    channels: 5,
    filters: 6,
    stride: 2,
    padding: 1,
    outputPadding: 1,
  };
  const tested = forward(t, new Numbers(2));
  const [x, weights] = tested.inputs;
  const outputs = grouped(products(t), 0, [1, 2], [x!.data, weights!.data], size(shapes(t).y));
  await provesItsOrder(tested, outputs);
});

property(
  "conv2dTranspose() and its gradients follow the formula",
  transposedConvolutions(300),
  async (t, numbers) => {
    const { x, weights, y } = shapes(t);
    await checkMeaning({
      inputs: [numbers.plain(x), numbers.plain(weights)],
      emit: ([x, weights]) => conv2dTranspose(x!, weights!, t),
      formula: formula(products(t), size(y)),
    }, numbers);
  },
);

function shapeError(
  x: readonly number[],
  weights: readonly number[],
  attributes: Parameters<typeof conv2dTranspose>[2],
  message: RegExp,
) {
  const graph = new Graph();
  const zeros = (shape: readonly number[]) => graph.constant(new Float32Array(size(shape)), shape);
  assert.throws(() => conv2dTranspose(zeros(x), zeros(weights), attributes), (error) => {
    assert.ok(error instanceof ShapeError);
    assert.match(error.message, message);
    return true;
  });
}

test("conv2dTranspose() rejects weights for another number of channels and says which are needed", () => {
  shapeError([1, 4, 4, 2], [3, 3, 1, 7], {}, /make them \[3, 3, 2, 7\]/);
});

test("conv2dTranspose() rejects tensors without four axes", () => {
  shapeError([4, 4, 2], [3, 3, 2, 7], {}, /the input must be f32 with 4 axes/);
  shapeError([1, 4, 4, 2], [3, 3, 2], {}, /the weights must be f32 with 4 axes/);
});

test("conv2dTranspose() rejects padding that leaves no pixel", () => {
  shapeError([1, 1, 1, 2], [3, 3, 2, 7], { padding: 2 }, /takes more away than the 3x3 pixels/);
});

test("conv2dTranspose() rejects an output padding that the stride does not leave open", () => {
  const x = [1, 4, 4, 2], weights = [3, 3, 2, 7];
  shapeError(x, weights, { outputPadding: 1 }, /with stride 1 .*: leave it out/);
  shapeError(x, weights, { stride: 3, outputPadding: 3 }, /make it an integer from 0 to 2/);
  shapeError(
    x,
    weights,
    { stride: 2, padding: "same", outputPadding: 1 },
    /padding same: leave it out/,
  );
});
