import assert from "node:assert/strict";
import { conv2d } from "../../core/ops/conv2d.ts";
import { Graph } from "../../core/graph/graph.ts";
import { ShapeError } from "../../core/ops/op.ts";
import {
  type Convolution,
  convolutions,
  formula,
  grouped,
  products,
  shapes,
} from "./conv2d_formula.ts";
import { checkMeaning } from "./gradient.ts";
import { both, type Case, property, provesItsOrder, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

function forward(c: Convolution, numbers: Numbers): Case {
  const { x, weights } = shapes(c);
  return {
    inputs: [numbers.tensor(x), numbers.tensor(weights)],
    emit: ([x, weights]) => conv2d(x!, weights!, c),
  };
}

sameBits("conv2d() gives its reference's bits", convolutions(20_000), forward);

test("conv2d() gives its reference's bits over several workgroups", async () => {
  const numbers = new Numbers(1);
  const base = { batch: 3, height: 19, width: 21, kernelHeight: 3, kernelWidth: 2, stride: 1 };
  await both(forward({ ...base, channels: 3, filters: 3, padding: "valid" }, numbers));
  await both(forward({ ...base, channels: 2, filters: 72, padding: "same" }, numbers));
});

test("conv2d() adds rows, columns and channels in ascending order, each product rounded", async () => {
  const c: Convolution = {
    batch: 2,
    height: 5,
    width: 6,
    kernelHeight: 3,
    kernelWidth: 2,
    channels: 5,
    filters: 6,
    stride: 1,
    padding: "same",
  };
  const tested = forward(c, new Numbers(2));
  const [x, weights] = tested.inputs;
  const length = shapes(c).y.reduce((a, b) => a * b);
  await provesItsOrder(tested, grouped(products(c), 0, [1, 2], [x!.data, weights!.data], length));
});

property("conv2d() and its gradients follow the formula", convolutions(300), async (c, numbers) => {
  const { x, weights, y } = shapes(c);
  await checkMeaning({
    inputs: [numbers.plain(x), numbers.plain(weights)],
    emit: ([x, weights]) => conv2d(x!, weights!, c),
    formula: formula(products(c), y.reduce((a, b) => a * b)),
  }, numbers);
});

function shapeError(x: readonly number[], weights: readonly number[], message: RegExp) {
  const graph = new Graph();
  const zeros = (shape: readonly number[]) =>
    graph.constant(new Float32Array(shape.reduce((a, b) => a * b)), shape);
  assert.throws(() => conv2d(zeros(x), zeros(weights)), (error) => {
    assert.ok(error instanceof ShapeError);
    assert.match(error.message, message);
    return true;
  });
}

test("conv2d() rejects a kernel larger than its padded input", () => {
  shapeError([1, 2, 8, 1], [3, 3, 1, 1], /kernel of 3x3 is larger than its padded input of 2x8/);
});

test("conv2d() rejects weights for another number of channels and says which are needed", () => {
  shapeError([1, 4, 4, 2], [3, 3, 1, 7], /make them \[3, 3, 2, 7\]/);
});

test("conv2d() rejects tensors without four axes", () => {
  shapeError([4, 4, 2], [3, 3, 2, 7], /the input must be f32 with 4 axes/);
  shapeError([1, 4, 4, 2], [3, 3, 2], /the weights must be f32 with 4 axes/);
});
