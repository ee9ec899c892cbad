import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { exp } from "../../core/numerics/exp.ts";
import { reciprocal } from "../../core/numerics/reciprocal.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { softmax, softmaxGradientOp } from "../../core/ops/softmax.ts";
import { checkMeaning } from "./gradient.ts";
import { assertSameBits, both, chain, property, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const rows = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 65, 130)),
  classes: fc.integer({ min: 1, max: 20 }),
});

/** Logits near each other, far apart, and so far apart that small probabilities vanish. */
const spread = (numbers: Numbers) => ({ scale: 2 ** (numbers.below(7) - 1) });

sameBits("softmax() gives its reference's bits", rows, ({ rows, classes }, numbers) => ({
  inputs: [numbers.tensor([rows, classes], spread(numbers))],
  emit: ([logits]) => softmax(logits!),
}));

sameBits(
  "the gradient of softmax() gives its reference's bits",
  rows,
  ({ rows, classes }, numbers) => ({
    inputs: [numbers.tensor([rows, classes]), numbers.tensor([rows, classes])],
    emit: ([y, dy]) => y!.builder.apply(softmaxGradientOp, [y!, dy!], {}),
  }),
);

/** Softmax in f64. */
function formula(logits: readonly number[], classes: number): number[] {
  return logits.map((logit, i) => {
    const row = logits.slice(i - i % classes, i - i % classes + classes);
    return 1 / row.reduce((sum, other) => sum + Math.exp(other - logit), 0);
  });
}

property(
  "softmax() and its gradient follow the formula",
  fc.record({ rows: fc.integer({ min: 1, max: 4 }), classes: fc.integer({ min: 2, max: 8 }) }),
  async ({ rows, classes }, numbers) => {
    await checkMeaning({
      inputs: [numbers.plain([rows, classes])],
      emit: ([logits]) => softmax(logits!),
      formula: ([logits]) => formula(logits!, classes),
    }, numbers);
  },
);

test("softmax() adds the exponentials in ascending order", async () => {
  const [count, classes] = [6, 17];
  const logits = new Numbers(5).tensor([count, classes], { scale: 0.25 });
  const probabilities = (reversed: boolean) =>
    Float32Array.from({ length: count * classes }, (_, i) => {
      const row = [...logits.data.slice(i - i % classes, i - i % classes + classes)];
      const greatest = Math.max(...row);
      const exps = row.map((logit) => flush(exp(Math.fround(logit - greatest))));
      const sum = chain((reversed ? exps.toReversed() : exps).map((value) => [value, 1]));
      return flush(Math.fround(exps[i % classes]! * reciprocal(sum)));
    });
  const states = await both({ inputs: [logits], emit: ([logits]) => softmax(logits!) });
  assertSameBits(states.get("output0")!, probabilities(false), "the stated order");
  assert.notDeepEqual(probabilities(true), probabilities(false));
});

test("the gradient of softmax() adds in ascending order, each product rounded", async () => {
  const [count, classes] = [6, 17];
  const numbers = new Numbers(6);
  const [y, dy] = [numbers.tensor([count, classes]), numbers.tensor([count, classes])];
  const gradient = (reversed: boolean, fused: boolean) =>
    Float32Array.from(y.data, (p, i) => {
      const row = Array.from({ length: classes }, (_, j) => {
        const at = i - i % classes + j;
        return [dy.data[at]!, y.data[at]!] as const;
      });
      const sum = chain(reversed ? row.toReversed() : row, fused);
      return flush(Math.fround(p * Math.fround(dy.data[i]! - sum)));
    });
  const states = await both({
    inputs: [y, dy],
    emit: ([y, dy]) => y!.builder.apply(softmaxGradientOp, [y!, dy!], {}),
  });
  assertSameBits(states.get("output0")!, gradient(false, false), "the stated order");
  assert.notDeepEqual(gradient(true, false), gradient(false, false));
  assert.notDeepEqual(gradient(false, true), gradient(false, false));
});

test("softmax() stores probabilities below 2^-51 as zero and bears large logits", async () => {
  const states = await both({
    inputs: [{ shape: [2, 2], data: new Float32Array([1000, 964, 1e30, -1e30]) }],
    emit: ([logits]) => softmax(logits!),
  });
  assert.deepEqual([...states.get("output0")!], [1, 0, 1, 0]);
});

test("softmax() rejects logits without two axes", () => {
  const graph = new Graph();
  assert.throws(() => softmax(graph.constant(new Float32Array(3), [3])), ShapeError);
});
