import assert from "node:assert/strict";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { storedActivationBytes } from "../../core/graph/stored.ts";
import { add, multiply } from "../../core/ops/arithmetic.ts";
import { mean } from "../../core/ops/mean.ts";
import type { Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";

/** Stored bytes of the mean of what is emitted from a leaf of 10 numbers, and of its gradient. */
function stored(emit: (x: Value, graph: Graph) => Value): number {
  const graph = new Graph();
  const x = graph.leaf({ name: "x", type: "f32", length: 10 });
  const [gradient] = gradients(graph, mean(emit(x, graph)), [x]);
  graph.place(gradient!, { name: "gradient", type: "f32", length: 10 });
  return storedActivationBytes(graph);
}

Deno.test("a value counts when the backward pass reads it, and a leaf never does", () => {
  // A product's gradient reads both factors; a sum's reads nothing.
  assert.equal(stored((x) => multiply(x, x)), 0);
  assert.equal(stored((x) => add(x, x)), 0);
  assert.equal(stored((x) => add(add(x, x), x)), 0);
  assert.equal(stored((x) => multiply(add(x, x), x)), 40);
});

Deno.test("a value that is read twice counts once, and a view of it is the same value", () => {
  assert.equal(
    stored((x) => {
      const double = add(x, x);
      return multiply(double, double);
    }),
    40,
  );
  assert.equal(
    stored((x, graph) => {
      const view = graph.reshape(add(x, x), [2, 5]);
      return multiply(view, view);
    }),
    40,
  );
});

Deno.test("what only the forward pass reads does not count", () => {
  // relu's gradient reads relu's output, not the sum before it.
  assert.equal(stored((x) => relu(add(x, x))), 40);
  // Nothing needs the gradient of what was not placed.
  const graph = new Graph();
  const x = graph.leaf({ name: "x", type: "f32", length: 10 });
  gradients(graph, mean(relu(x)), [x]);
  assert.equal(storedActivationBytes(graph), 0);
});
