import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import {
  binaryCrossEntropy,
  binaryCrossEntropyGradientOp,
  binaryCrossEntropyOp,
} from "../../core/ops/binary_cross_entropy.ts";
import { mean } from "../../core/ops/mean.ts";
import { type Shape, ShapeError, size } from "../../core/ops/op.ts";
import { spread, wholeRange, worstUlps } from "../numerics/floats.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, build, property, sameBits, test } from "./harness.ts";
import type { Numbers, Tensor } from "./numbers.ts";

const exact = (x: number, t: number) => Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));

/** Targets, either of two or anything between. */
function targets(shape: Shape, numbers: Numbers): Tensor {
  const target = () => numbers.below(2) ? numbers.below(2) : (numbers.word() >>> 8) * 2 ** -24;
  return { shape, data: Float32Array.from({ length: size(shape) }, target) };
}

sameBits(
  "binaryCrossEntropy() and its gradient give their references' bits",
  fc.record({ shape: anyShape, scale: fc.integer({ min: -4, max: 6 }) }),
  ({ shape, scale }, numbers) => ({
    inputs: [numbers.tensor(shape, { scale: 2 ** scale }), targets(shape, numbers)],
    emit: ([x, t]) => [
      binaryCrossEntropy(x!, t!),
      x!.builder.apply(binaryCrossEntropyGradientOp, [x!, t!], {}),
    ],
  }),
);

property(
  "binaryCrossEntropy() and its gradient follow the formula",
  anyShape,
  async (shape, numbers) => {
    await checkMeaning({
      inputs: [numbers.plain(shape), targets(shape, numbers)],
      emit: ([x, t]) => binaryCrossEntropy(x!, t!),
      formula: ([x, t]) => x!.map((x, i) => exact(x, t![i]!)),
      wrt: [0],
    }, numbers);
  },
);

const { apply } = binaryCrossEntropyOp.stage!({});

for (const t of [0, 1]) {
  test(`binaryCrossEntropy() stays within 1.72 ULP for target ${t}, small losses too`, () => {
    const inputs = [...wholeRange(), ...spread(-90, 90), ...spread(-5, 5)];
    const error = worstUlps((x) => apply(x, t), (x) => exact(x, t), inputs);
    assert.ok(error <= 1.72, `${error}`);
  });
}

test("binaryCrossEntropy() stays within 2.3 * 2^-24 of the larger of |x| and 1 between them", () => {
  for (let k = 1; k < 64; k++) {
    const t = Math.fround((k + Math.fround(1 / 3)) / 65);
    for (const x of [...spread(-90, 90, 4096), ...spread(-3, 3, 4096)]) {
      const error = Math.abs(apply(x, t) - exact(x, t)) / Math.max(1, Math.abs(x));
      assert.ok(error <= 2.3 * 2 ** -24, `${error} at ${x}, ${t}`);
    }
  }
});

test("binaryCrossEntropy() is |x| where it errs by far, and its gradient then 1 or -1", async () => {
  const states = await both({
    inputs: [
      { shape: [4], data: new Float32Array([1000, -1000, 1000, -1000]) },
      { shape: [4], data: new Float32Array([0, 1, 1, 0]) },
    ],
    emit: ([x, t]) => [
      binaryCrossEntropy(x!, t!),
      x!.builder.apply(binaryCrossEntropyGradientOp, [x!, t!], {}),
    ],
  });
  assert.deepEqual([...states.get("output0")!], [1000, 1000, 0, 0]);
  assert.deepEqual([...states.get("output1")!], [1, -1, 0, 0]);
});

test("the mean of binaryCrossEntropy() has its gradient in one dispatch", () => {
  const { steps } = build({
    inputs: [8, 8].map((length) => ({ shape: [length], data: new Float32Array(length) })),
    emit: ([x, t]) => gradients(x!.builder as Graph, mean(binaryCrossEntropy(x!, t!)), [x!]),
  });
  assert.equal(steps.length, 1);
});

test("binaryCrossEntropy() rejects targets of another shape or type", () => {
  const graph = new Graph();
  const logits = graph.constant(new Float32Array(4), [4, 1]);
  for (
    const wrong of [
      graph.constant(new Float32Array(4), [4]),
      graph.constant(new Uint32Array(4), [4, 1]),
    ]
  ) {
    assert.throws(() => binaryCrossEntropy(logits, wrong), ShapeError);
  }
});
