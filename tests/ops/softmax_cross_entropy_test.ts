import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { exp } from "../../core/numerics/exp.ts";
import { log } from "../../core/numerics/log.ts";
import { reciprocal } from "../../core/numerics/reciprocal.ts";
import { ShapeError } from "../../core/ops/op.ts";
import {
  softmaxCrossEntropy,
  softmaxCrossEntropyGradientOp,
} from "../../core/ops/softmax_cross_entropy.ts";
import { checkMeaning } from "./gradient.ts";
import { assertSameBits, both, chain, property, sameBits, test } from "./harness.ts";
import { maskedLabels } from "./labels.ts";
import { Numbers } from "./numbers.ts";

const { fround } = Math;

const rows = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 65, 130)),
  classes: fc.integer({ min: 1, max: 20 }),
});

const spread = (numbers: Numbers) => ({ scale: 2 ** (numbers.below(7) - 1) });

sameBits(
  "softmaxCrossEntropy() gives its reference's bits, masked rows included",
  rows,
  ({ rows, classes }, numbers) => ({
    inputs: [
      numbers.tensor([rows, classes], spread(numbers)),
      maskedLabels(numbers, rows, classes),
    ],
    emit: ([logits, labels]) => softmaxCrossEntropy(logits!, labels!),
  }),
);

sameBits(
  "the gradient of softmaxCrossEntropy() gives its reference's bits, masked rows included",
  rows,
  ({ rows, classes }, numbers) => ({
    inputs: [
      numbers.tensor([rows, classes], spread(numbers)),
      maskedLabels(numbers, rows, classes),
      numbers.tensor([rows]),
    ],
    emit: ([logits, labels, dy]) =>
      logits!.builder.apply(softmaxCrossEntropyGradientOp, [logits!, labels!, dy!], {}),
  }),
);

property(
  "softmaxCrossEntropy() and its gradient follow the formula",
  fc.record({ rows: fc.integer({ min: 1, max: 4 }), classes: fc.integer({ min: 2, max: 8 }) }),
  async ({ rows, classes }, numbers) => {
    await checkMeaning({
      inputs: [
        numbers.plain([rows, classes]),
        maskedLabels(numbers, rows, classes),
      ],
      wrt: [0],
      emit: ([logits, labels]) => softmaxCrossEntropy(logits!, labels!),
      formula: ([logits, labels]) =>
        labels!.map((label, i) => {
          if (label >= classes) return 0;
          const row = logits!.slice(i * classes, (i + 1) * classes);
          return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[label]!;
        }),
    }, numbers);
  },
);

test("softmaxCrossEntropy() and its gradient add the exponentials in ascending order", async () => {
  const [count, classes] = [30, 17];
  const numbers = new Numbers(7);
  const logits = numbers.tensor([count, classes], { scale: 0.25 });
  const labels = numbers.indices(count, classes);
  // Its own probability is near 0.4 and no power of two, so that 1 - p shows how p was rounded.
  labels.data.forEach((label, row) => {
    logits.data[row * classes + label] = 3.7;
    logits.data[row * classes + (label + 1) % classes] = 4;
  });
  const upstream = numbers.plain([count]);
  const parts = (row: number, reversed: boolean) => {
    const own = [...logits.data.slice(row * classes, (row + 1) * classes)];
    const greatest = Math.max(...own);
    const exps = own.map((logit) => flush(exp(fround(logit - greatest))));
    const sum = chain((reversed ? exps.toReversed() : exps).map((value) => [value, 1]));
    return { exps, sum, label: fround(own[labels.data[row]!]! - greatest) };
  };
  const losses = (reversed: boolean) =>
    Float32Array.from({ length: count }, (_, row) => {
      const { sum, label } = parts(row, reversed);
      return flush(fround(log(sum) - label));
    });
  const gradient = (reversed: boolean, fused: boolean) =>
    Float32Array.from(logits.data, (_, i) => {
      const row = Math.floor(i / classes);
      const { exps, sum } = parts(row, reversed);
      const product = exps[i % classes]! * reciprocal(sum);
      const one = i % classes === labels.data[row] ? 1 : 0;
      const difference = fround((fused ? product : flush(fround(product))) - one);
      return flush(fround(difference * upstream.data[row]!));
    });
  const states = await both({
    inputs: [logits, labels, upstream],
    emit: ([logits, labels, upstream]) => [
      softmaxCrossEntropy(logits!, labels!),
      logits!.builder.apply(softmaxCrossEntropyGradientOp, [logits!, labels!, upstream!], {}),
    ],
  });
  assertSameBits(states.get("output0")!, losses(false), "the losses in the stated order");
  assertSameBits(states.get("output1")!, gradient(false, false), "the gradient likewise");
  assert.notDeepEqual(losses(true), losses(false));
  assert.notDeepEqual(gradient(true, false), gradient(false, false));
  assert.notDeepEqual(gradient(false, true), gradient(false, false));
});

test("softmaxCrossEntropy() rejects labels that are not u32, one a row", () => {
  const graph = new Graph();
  const logits = graph.constant(new Float32Array(6), [2, 3]);
  assert.throws(
    () => softmaxCrossEntropy(logits, graph.constant(new Uint32Array(3), [3])),
    /logits \[2, 3\] and labels \[3\] must have as many rows/,
  );
  assert.throws(
    () => softmaxCrossEntropy(logits, graph.constant(new Float32Array(2), [2])),
    ShapeError,
  );
});
