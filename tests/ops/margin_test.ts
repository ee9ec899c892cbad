import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { margin, marginGradientOp } from "../../core/ops/margin.ts";
import { ShapeError } from "../../core/ops/op.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";
import { maskedLabels } from "./labels.ts";

const rows = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 65, 130)),
  classes: fc.integer({ min: 2, max: 20 }),
  ties: fc.boolean(),
});

sameBits(
  "margin() gives its reference's bits, ties and masked rows included",
  rows,
  ({ rows, classes, ties }, numbers) => {
    const logits = numbers.tensor([rows, classes]);
    return {
      inputs: [
        ties ? { ...logits, data: logits.data.map(Math.sign) } : logits,
        maskedLabels(numbers, rows, classes),
      ],
      emit: ([logits, labels]) => margin(logits!, labels!),
    };
  },
);

sameBits(
  "the gradient of margin() gives its reference's bits, ties and masked rows included",
  rows,
  ({ rows, classes, ties }, numbers) => {
    const logits = numbers.tensor([rows, classes]);
    return {
      inputs: [
        ties ? { ...logits, data: logits.data.map(Math.sign) } : logits,
        maskedLabels(numbers, rows, classes),
        numbers.tensor([rows]),
      ],
      emit: ([logits, labels, dy]) =>
        logits!.builder.apply(marginGradientOp, [logits!, labels!, dy!], {}),
    };
  },
);

property(
  "margin() and its gradient follow the formula",
  fc.record({ rows: fc.integer({ min: 1, max: 4 }), classes: fc.integer({ min: 2, max: 8 }) }),
  async ({ rows, classes }, numbers) => {
    await checkMeaning({
      inputs: [numbers.distinct([rows, classes]), maskedLabels(numbers, rows, classes)],
      wrt: [0],
      emit: ([logits, labels]) => margin(logits!, labels!),
      formula: ([logits, labels]) =>
        labels!.map((label, i) => {
          if (label >= classes) return 0;
          const row = logits!.slice(i * classes, (i + 1) * classes);
          return row[label]! - Math.max(...row.filter((_, j) => j !== label));
        }),
    }, numbers);
  },
);

test("margin() takes the lowest class among equals, never the label itself", async () => {
  const logits = Float32Array.of(1, 3, 3, 3, 1, 3, 2, 1, 0, 5, 5, 5);
  const labels = Uint32Array.of(0, 0, 2, 3);
  const states = await both({
    inputs: [
      { shape: [4, 3], data: logits },
      { shape: [4], data: labels },
      { shape: [4], data: Float32Array.of(1, 2, -3, 4) },
    ],
    emit: ([logits, labels, dy]) => [
      margin(logits!, labels!),
      logits!.builder.apply(marginGradientOp, [logits!, labels!, dy!], {}),
    ],
  });
  assert.deepEqual([...states.get("output0")!], [-2, 0, -2, 0]);
  const gradient = [...states.get("output1")!].map((value) => value + 0);
  assert.deepEqual(gradient, [1, -1, 0, 2, 0, -2, 3, 0, -3, 0, 0, 0]);
});

test("margin() rejects a single class and labels that are not u32, one a row", () => {
  const graph = new Graph();
  const logits = graph.constant(new Float32Array(6), [2, 3]);
  const emit = (labels: Float32Array | Uint32Array) => () =>
    margin(logits, graph.constant(labels, [labels.length]));
  assert.throws(emit(new Uint32Array(3)), /must have as many rows/);
  assert.throws(emit(new Float32Array(2)), ShapeError);
  const one = graph.constant(new Float32Array(2), [2, 1]);
  assert.throws(
    () => margin(one, graph.constant(new Uint32Array(2), [2])),
    /margin: logits \[2, 1\] of one class have no other/,
  );
});
