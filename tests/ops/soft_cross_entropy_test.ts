import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { gradients } from "../../core/graph/gradients.ts";
import { flush } from "../../core/numerics/bits.ts";
import { exp } from "../../core/numerics/exp.ts";
import { log } from "../../core/numerics/log.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { softCrossEntropy, softCrossEntropyGradientOp } from "../../core/ops/soft_cross_entropy.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax_cross_entropy.ts";
import { sum } from "../../core/ops/sum.ts";
import { assertClose, checkMeaning } from "./gradient.ts";
import { assertSameBits, both, chain, property, reference, sameBits, test } from "./harness.ts";
import { Numbers, type Tensor } from "./numbers.ts";

const { fround } = Math;

const shapes = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 65, 130)),
  classes: fc.integer({ min: 1, max: 20 }),
});

/** Rows that add up to 1. */
function probabilities(numbers: Numbers, [rows, classes]: readonly [number, number]): Tensor {
  const data = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const weights = Array.from({ length: classes }, () => Math.abs(numbers.value()));
    weights[numbers.below(classes)]! += 1;
    const total = weights.reduce((sum, weight) => sum + weight);
    weights.forEach((weight, j) => data[row * classes + j] = flush(fround(weight / total)));
  }
  return { shape: [rows, classes], data };
}

const spread = (numbers: Numbers) => ({ scale: 2 ** (numbers.below(7) - 1) });

sameBits(
  "softCrossEntropy() gives its reference's bits",
  shapes,
  ({ rows, classes }, numbers) => ({
    inputs: [
      numbers.tensor([rows, classes], spread(numbers)),
      probabilities(numbers, [rows, classes]),
    ],
    emit: ([logits, p]) => softCrossEntropy(logits!, p!),
  }),
);

sameBits(
  "the gradient of softCrossEntropy() gives its reference's bits",
  shapes,
  ({ rows, classes }, numbers) => ({
    inputs: [
      numbers.tensor([rows, classes], spread(numbers)),
      probabilities(numbers, [rows, classes]),
      numbers.tensor([rows]),
    ],
    emit: ([logits, p, dy]) =>
      logits!.builder.apply(softCrossEntropyGradientOp, [logits!, p!, dy!], {}),
  }),
);

property(
  "softCrossEntropy() and its gradient follow the formula",
  fc.record({ rows: fc.integer({ min: 1, max: 4 }), classes: fc.integer({ min: 1, max: 8 }) }),
  async ({ rows, classes }, numbers) => {
    await checkMeaning({
      inputs: [numbers.plain([rows, classes]), probabilities(numbers, [rows, classes])],
      wrt: [0],
      emit: ([logits, p]) => softCrossEntropy(logits!, p!),
      formula: ([logits, p]) =>
        Array.from({ length: rows }, (_, i) => {
          const row = logits!.slice(i * classes, (i + 1) * classes);
          const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
          return row.reduce((loss, x, j) => loss + p![i * classes + j]! * (logSum - x), 0);
        }),
    }, numbers);
  },
);

test("softCrossEntropy() of one-hot rows is softmaxCrossEntropy(), with its gradient", async () => {
  const numbers = new Numbers(5);
  const [count, classes] = [12, 7];
  const labels = numbers.indices(count, classes);
  const hot = Float32Array.from(
    { length: count * classes },
    (_, i) => Number(i % classes === labels.data[Math.floor(i / classes)]),
  );
  const states = await reference({
    inputs: [numbers.tensor([count, classes]), labels, { shape: [count, classes], data: hot }],
    emit([logits, labels, hot]) {
      const losses = [softmaxCrossEntropy(logits!, labels!), softCrossEntropy(logits!, hot!)];
      return losses.flatMap((one) => [
        one,
        ...gradients(logits!.builder as Graph, sum(one), [logits!]),
      ]);
    },
  });
  assertSameBits(states.get("output2")!, states.get("output0")!, "the losses");
  assertSameBits(states.get("output3")!, states.get("output1")!, "the gradient");
});

test("softCrossEntropy() adds its terms in ascending order, each product rounded", async () => {
  const numbers = new Numbers(11);
  const [count, classes] = [30, 17];
  const logits = numbers.tensor([count, classes], { scale: 0.25 });
  const p = probabilities(numbers, [count, classes]);
  const terms = Array.from({ length: count }, (_, row) => {
    const own = [...logits.data.subarray(row * classes, (row + 1) * classes)];
    const greatest = Math.max(...own);
    const exps = own.map((logit) => flush(exp(fround(logit - greatest))));
    const logSum = log(chain(exps.map((value) => [value, 1])));
    return own.map((logit, j) =>
      [p.data[row * classes + j]!, flush(fround(logSum - fround(logit - greatest)))] as const
    );
  });
  const states = await both({
    inputs: [logits, p],
    emit: ([logits, p]) => softCrossEntropy(logits!, p!),
  });
  const sums = (of: (products: typeof terms[number]) => number) =>
    Float32Array.from(terms, of).map(flush);
  const expected = sums((products) => chain(products));
  assertSameBits(states.get("output0")!, expected, "the stated order");
  assert.notDeepEqual(sums((products) => chain(products.toReversed())), expected);
  assert.notDeepEqual(sums((products) => chain(products, true)), expected);
});

test("softCrossEntropy() of a net's own probabilities is their entropy, with no gradient", async () => {
  const states = await reference({
    inputs: [
      { shape: [2, 2], data: Float32Array.of(3, 3, -1, -1) },
      { shape: [2, 2], data: new Float32Array(4).fill(0.5) },
    ],
    emit([logits, p]) {
      const losses = softCrossEntropy(logits!, p!);
      return [losses, ...gradients(logits!.builder as Graph, sum(losses), [logits!])];
    },
  });
  assertClose(states.get("output0")!, [Math.LN2, Math.LN2], "the entropy", 1e-7);
  assert.deepEqual([...states.get("output1")!], [0, 0, 0, 0]);
});

test("softCrossEntropy() rejects other shapes, and probabilities have no gradient", () => {
  const graph = new Graph();
  const logits = graph.constant(new Float32Array(6), [2, 3]);
  const emit = (p: Float32Array | Uint32Array, shape: number[]) => () =>
    softCrossEntropy(logits, graph.constant(p, shape));
  assert.throws(
    emit(new Float32Array(6), [3, 2]),
    /logits \[2, 3\] and probabilities \[3, 2\] must have the same shape/,
  );
  assert.throws(emit(new Uint32Array(6), [2, 3]), ShapeError);
  const p = graph.leaf({ name: "p", type: "f32", length: 6 }, [2, 3]);
  assert.throws(
    () => gradients(graph, sum(softCrossEntropy(logits, p)), [p]),
    /the loss does not depend on the value/,
  );
});
