import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { add, multiply, scale, subtract } from "../../core/ops/arithmetic.ts";
import { correct } from "../../core/ops/correct.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { ShapeError, type Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sigmoid } from "../../core/ops/sigmoid.ts";
import { sum } from "../../core/ops/sum.ts";
import { assertClose, checkMeaning } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { Numbers } from "../ops/numbers.ts";

const graphOf = (value: Value) => value.builder as Graph;
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** The product of row vectors [rows, from] with a matrix [from, to], in f64. */
function product(x: readonly number[], w: readonly number[], from: number, to: number): number[] {
  return Array.from({ length: x.length / from * to }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < from; k++) {
      sum += x[Math.floor(i / to) * from + k]! * w[k * to + i % to]!;
    }
    return sum;
  });
}

test("a parameter that is used in two layers gets the gradients of both", async () => {
  const numbers = new Numbers(1);
  await checkMeaning({
    inputs: [numbers.plain([2, 3]), numbers.tensor([3, 3], { zeros: 0, tiny: 0, scale: 0.25 })],
    emit: ([x, w]) => matmul(sigmoid(matmul(x!, w!)), w!),
    formula: ([x, w]) => product(product(x!, w!, 3, 3).map(logistic), w!, 3, 3),
  }, numbers);
});

test("a value that is used twice, even by one op, gets both gradients", async () => {
  const numbers = new Numbers(2);
  await checkMeaning({
    inputs: [numbers.plain([5])],
    emit: ([x]) => subtract(add(multiply(x!, x!), add(x!, x!)), multiply(x!, multiply(x!, x!))),
    formula: ([x]) => x!.map((x) => x * x + 2 * x - x ** 3),
  }, numbers);
});

test("gradients pass through a reshape", async () => {
  const numbers = new Numbers(3);
  await checkMeaning({
    inputs: [numbers.plain([2, 6]), numbers.plain([4, 2])],
    emit: ([x, w]) => matmul(graphOf(x!).reshape(x!, [3, 4]), w!),
    formula: ([x, w]) => product(x!, w!, 4, 2),
  }, numbers);
});

test("a reshaped parameter that is also used as it is gets both gradients in its own shape", async () => {
  const numbers = new Numbers(4);
  await checkMeaning({
    inputs: [numbers.plain([2, 2])],
    emit: ([x]) => multiply(graphOf(x!).reshape(x!, [4]), graphOf(x!).reshape(sigmoid(x!), [4])),
    formula: ([x]) => x!.map((x) => x * logistic(x)),
  }, numbers);
});

test("constants are no obstacle and get no gradient", async () => {
  const numbers = new Numbers(5);
  await checkMeaning({
    inputs: [numbers.plain([4])],
    emit: ([x]) => add(scale(x!, 3), graphOf(x!).constant(new Float32Array([1, 2, 3, 4]), [4])),
    formula: ([x]) => x!.map((x, i) => 3 * x + i + 1),
  }, numbers);
});

test("two losses of one graph have gradients of their own", async () => {
  const numbers = new Numbers(6);
  const [w, c] = [numbers.plain([4]), numbers.plain([4])];
  const states = await reference({
    inputs: [w, c],
    emit: ([w, c]) => {
      const shared = multiply(w!, c!);
      const first = sum(multiply(shared, w!));
      const second = sum(shared);
      return [
        ...gradients(graphOf(w!), first, [w!]),
        ...gradients(graphOf(w!), second, [w!, c!]),
      ];
    },
  });
  assertClose(states.get("output0")!, [...w.data].map((w, i) => 2 * w * c.data[i]!), "first");
  assertClose(states.get("output1")!, c.data, "second by w");
  assertClose(states.get("output2")!, w.data, "second by c");
});

test("one net's gradient passes through another, whose own parameters cost nothing", () => {
  const graph = new Graph();
  const leaf = (name: string, shape: readonly number[]) =>
    graph.leaf({ name, type: "f32", length: shape.reduce((a, b) => a * b) }, shape);
  const [z, generator, discriminator] = [leaf("z", [2, 3]), leaf("g", [3, 4]), leaf("d", [4, 1])];
  const loss = sum(sigmoid(matmul(relu(matmul(z, generator)), discriminator)));
  const [gradient] = gradients(graph, loss, [generator]);
  graph.place(gradient!, { name: "gradient", type: "f32", length: 12 });
  const { steps } = compile(graph, "pair");
  assert.deepEqual(steps.map(({ label, kernel }) => [label, kernel.name]), [
    ["matmul", "matmul+relu"],
    ["matmul", "matmul+sigmoid"],
    ["gradient/sigmoid_gradient", "sigmoid_gradient"],
    ["gradient/matmul", "matmul+relu_gradient"],
    ["gradient/matmul", "matmul"],
  ]);
});

test("gradients come with respect to inputs as to parameters", async () => {
  const numbers = new Numbers(7);
  const [x, w] = [numbers.plain([1, 3]), numbers.plain([3, 1])];
  const states = await reference({
    inputs: [x, w],
    emit: ([x, w]) => gradients(graphOf(x!), sum(matmul(x!, w!)), [x!, w!]),
  });
  assertClose(states.get("output0")!, w.data, "by the input");
  assertClose(states.get("output1")!, x.data, "by the parameter");
});

test("contributions are added last use first", async () => {
  const states = await reference({
    inputs: [{ shape: [1], data: new Float32Array([1]) }],
    emit: ([x]) => {
      const uses = [2 ** 24, 1, -(2 ** 24)].map((factor) => scale(x!, factor));
      return gradients(graphOf(x!), sum(add(add(uses[0]!, uses[1]!), uses[2]!)), [x!]);
    },
  });
  // (-2^24 + 1) + 2^24 is 1; in the order of use it would be 0.
  assert.deepEqual([...states.get("output0")!], [1]);
});

test("gradients() rejects a loss that is no scalar", () => {
  const graph = new Graph();
  const x = graph.constant(new Float32Array(3), [3]);
  assert.throws(
    () => gradients(graph, x, [x]),
    (error) =>
      error instanceof ShapeError &&
      /only a scalar has gradients, not \[3\]; take its mean/.test(error.message),
  );
});

test("gradients() rejects a value that the loss does not depend on", () => {
  const graph = new Graph();
  const x = graph.constant(new Float32Array(3), [3]);
  const other = graph.constant(new Float32Array(8), [2, 4]);
  const loss = sum(x);
  assert.throws(() => gradients(graph, loss, [other]), /depends on none of the values given/);
  assert.throws(() => gradients(graph, loss, [x, other]), /does not depend on .* \[2, 4\]/);
});

test("gradients() rejects a path through an op without gradient and names it", () => {
  const graph = new Graph();
  const logits = graph.constant(new Float32Array(6), [2, 3]);
  const labels = graph.constant(new Uint32Array(2), [2]);
  const loss = graph.scope("metrics", () => sum(correct(logits, labels)));
  assert.throws(
    () => gradients(graph, loss, [logits]),
    /metrics\/correct: correct has no gradient/,
  );
});

test("an op without gradient beside the path does no harm", () => {
  const graph = new Graph();
  const x = graph.constant(new Float32Array(2), [2]);
  const logits = graph.constant(new Float32Array(6), [2, 3]);
  const hits = correct(logits, graph.constant(new Uint32Array(2), [2]));
  const [gradient] = gradients(graph, sum(multiply(x, hits)), [x]);
  assert.deepEqual(gradient!.shape, [2]);
});
