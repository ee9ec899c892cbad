/** Which ops share a dispatch, and which are computed beforehand. */
import assert from "node:assert/strict";
import { Graph } from "../../core/graph/graph.ts";
import { advance } from "../../core/ops/advance.ts";
import { add, multiply, scale } from "../../core/ops/arithmetic.ts";
import { gather } from "../../core/ops/gather.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { size, type Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import { sigmoid } from "../../core/ops/sigmoid.ts";
import {
  softmaxCrossEntropy,
  softmaxCrossEntropyGradientOp,
} from "../../core/ops/softmax_cross_entropy.ts";
import { sum } from "../../core/ops/sum.ts";
import { transpose } from "../../core/ops/transpose.ts";
import { test } from "../ops/harness.ts";
import type { Tensor } from "../ops/numbers.ts";
import { input, names, ofConstants, state } from "./scheduled.ts";

/** The kernels of the program that leaves what `emit` returns in the state `y`. */
function kernels(emit: (graph: Graph) => Value): string[] {
  const graph = new Graph();
  const y = emit(graph);
  graph.place(y, state("y", size(y.shape)));
  return names(graph);
}

const product = (graph: Graph) => matmul(input(graph, "x", [8, 8]), input(graph, "w", [8, 8]));

test("a chain of elementwise ops joins the op before it", () => {
  assert.deepEqual(
    kernels((graph) => scale(relu(add(product(graph), input(graph, "b", [8]))), 2)),
    ["matmul+add+relu+multiply"],
  );
  assert.deepEqual(kernels((graph) => sigmoid(relu(input(graph, "x", [3])))), ["relu+sigmoid"]);
});

test("an elementwise op joins through a reshape", () => {
  assert.deepEqual(
    kernels((graph) => {
      const flat = graph.reshape(relu(graph.reshape(product(graph), [4, 16])), [64]);
      return add(flat, input(graph, "b", [64]));
    }),
    ["matmul+relu+add"],
  );
});

test("a value that is used twice is stored", () => {
  assert.deepEqual(
    kernels((graph) => {
      const x = product(graph);
      return add(relu(x), x);
    }),
    ["matmul", "relu+add"],
  );
  assert.deepEqual(
    kernels((graph) => {
      const x = product(graph);
      return multiply(x, x);
    }),
    ["matmul", "multiply"],
  );
});

test("a value that is also used under another shape is stored", () => {
  assert.deepEqual(
    kernels((graph) => {
      const x = product(graph);
      return add(graph.reshape(relu(x), [64]), graph.reshape(x, [64]));
    }),
    ["matmul", "relu+add"],
  );
});

test("a value joins with its one needed use, whatever else nobody needs", () => {
  assert.deepEqual(
    kernels((graph) => {
      const x = product(graph);
      sigmoid(x);
      return relu(x);
    }),
    ["matmul+relu"],
  );
});

test("a second operand is stored", () => {
  assert.deepEqual(
    kernels((graph) => add(input(graph, "z", [8, 8]), relu(product(graph)))),
    ["matmul+relu", "add"],
  );
});

test("an op that does not hand over its elements stays alone", () => {
  assert.deepEqual(
    kernels((graph) => relu(transpose(product(graph)))),
    ["matmul", "transpose", "relu"],
  );
});

test("a value that was placed in a state is stored", () => {
  const graph = new Graph();
  const x = product(graph);
  graph.place(x, state("kept", 64));
  graph.place(relu(x), state("y", 64));
  assert.deepEqual(names(graph), ["matmul", "relu"]);
});

test("broadcasting that enlarges the elements begins a dispatch", () => {
  assert.deepEqual(
    kernels((graph) => add(relu(input(graph, "x", [3])), input(graph, "b", [2, 3]))),
    ["relu", "add"],
  );
  assert.deepEqual(
    kernels((graph) => add(relu(input(graph, "x", [3])), input(graph, "b", [1, 3]))),
    ["relu+add"],
  );
});

test("a dispatch has at most 8 bindings", () => {
  const sums = (terms: number) => (graph: Graph) =>
    Array.from({ length: terms }, (_, i) => input(graph, `term${i}`, [3])).reduce(add);
  assert.deepEqual(kernels(sums(7)), ["add+add+add+add+add+add"]);
  assert.deepEqual(kernels(sums(8)), ["add+add+add+add+add+add", "add"]);
  assert.deepEqual(
    kernels((graph) => relu(sums(8)(graph))),
    ["add+add+add+add+add+add", "add+relu"],
  );
});

/** relu(x w) in y, with whatever `between` emits between the two. */
function around(between: (graph: Graph, product: Value) => void, y = "y"): Graph {
  const graph = new Graph();
  const x = product(graph);
  between(graph, x);
  graph.place(relu(x), state(y, 64));
  return graph;
}

function descend(graph: Graph, weights: string): void {
  const inputs = [input(graph, weights, [64]), input(graph, "g", [64]), input(graph, "rate", [1])];
  graph.effect(sgdOp, inputs, {});
}

test("an op does not join past an effect on a state that its dispatch reads", () => {
  assert.deepEqual(names(around((graph) => descend(graph, "w"))), ["matmul", "sgd", "relu"]);
  assert.deepEqual(names(around((graph) => descend(graph, "v"))), ["sgd", "matmul+relu"]);
});

test("an op does not join past a value that is placed in a state which its dispatch reads", () => {
  const placing = (name: string) => (graph: Graph) =>
    graph.place(transpose(input(graph, "z", [8, 8])), state(name, 64));
  assert.deepEqual(names(around(placing("w"))), ["matmul", "transpose", "relu"]);
  assert.deepEqual(names(around(placing("v"))), ["transpose", "matmul+relu"]);
});

test("a placed value that a dispatch reads is not overwritten before it", () => {
  const graph = new Graph();
  const kept = transpose(input(graph, "z", [8, 8]));
  graph.place(kept, state("w", 64));
  const x = matmul(input(graph, "x", [8, 8]), kept);
  descend(graph, "w");
  graph.place(relu(x), state("y", 64));
  assert.deepEqual(names(graph), ["transpose", "matmul", "sgd", "relu"]);
});

test("an op that is placed in a state which the dispatch would read stays alone", () => {
  assert.deepEqual(names(around(() => {}, "w")), ["matmul", "relu"]);
  assert.deepEqual(names(around(() => {}, "v")), ["matmul+relu"]);
});

test("effects keep their order", () => {
  const graph = around((graph) => {
    advance(graph.leaf({ name: "step", type: "u32", length: 1 }));
    descend(graph, "v");
    advance(graph.leaf({ name: "step", type: "u32", length: 1 }));
  });
  assert.deepEqual(names(graph), ["advance", "sgd", "advance", "matmul+relu"]);
});

/** A classifier's losses, then their gradient with `between` emitted between the two. */
function losses(
  graph: Graph,
  between: (graph: Graph) => void = () => {},
  upstream: (graph: Graph) => Value = (graph) => graph.constant(new Float32Array(8).fill(0.5), [8]),
): readonly [losses: Value, gradient: Value] {
  const logits = input(graph, "logits", [8, 4]);
  const labels = graph.leaf({ name: "labels", type: "u32", length: 8 });
  const values = softmaxCrossEntropy(logits, labels);
  between(graph);
  const inputs = [logits, labels, upstream(graph)];
  return [values, graph.apply(softmaxCrossEntropyGradientOp, inputs, {})];
}

/** The kernels of a program that uses both. */
function withLosses(...emitted: Parameters<typeof losses>): string[] {
  const [values, gradient] = losses(...emitted);
  const [graph] = emitted;
  graph.place(relu(values), state("losses", 8));
  graph.place(relu(gradient), state("gradient", 32));
  return names(graph);
}

const BOTH = "softmax_cross_entropy_both";
const ALONE = ["softmax_cross_entropy", "softmax_cross_entropy_gradient"];

test("an op whose work another one does as well is done with that one, in its own place", () => {
  assert.deepEqual(withLosses(new Graph()), [BOTH, "relu", "relu"]);
  assert.deepEqual(
    withLosses(new Graph(), (graph) => descend(graph, "v")),
    [BOTH, "sgd", "relu", "relu"],
  );
});

test("an op is not done earlier than a state that it reads is written", () => {
  assert.deepEqual(
    withLosses(new Graph(), (graph) => descend(graph, "logits")),
    [ALONE[0], "sgd", ALONE[1], "relu", "relu"],
  );
  assert.deepEqual(
    withLosses(new Graph(), (graph) => {
      graph.place(transpose(input(graph, "z", [4, 8])), state("logits", 32));
    }),
    [ALONE[0], "transpose", ALONE[1], "relu", "relu"],
  );
});

test("an op is not done earlier than what it reads besides is computed", () => {
  const upstream = (graph: Graph) => relu(input(graph, "upstream", [8]));
  assert.deepEqual(
    withLosses(new Graph(), () => {}, upstream),
    [ALONE[0], "relu", ALONE[1], "relu", "relu"],
  );
});

test("an op that is placed in a state, which may be read until then, is done in its place", () => {
  const graph = new Graph();
  const [values, gradient] = losses(graph);
  graph.place(relu(values), state("losses", 8));
  graph.place(gradient, state("gradient", 32));
  assert.deepEqual(names(graph), [...ALONE, "relu"]);
});

test("an op whose work nobody else does is done alone, as is one that nobody includes", () => {
  const graph = new Graph();
  const [values] = losses(graph);
  graph.place(values, state("losses", 8));
  assert.deepEqual(names(graph), [ALONE[0]]);
  const other = new Graph();
  const [, gradient] = losses(other);
  other.place(relu(gradient), state("gradient", 32));
  assert.deepEqual(names(other), [ALONE[1], "relu"]);
});

const FOUR: Tensor = { shape: [2, 2], data: new Float32Array([1, -2, 3, 4]) };

test("ops of constants are computed when the program is compiled", () => {
  const { program, folded } = ofConstants([FOUR], (graph, [four]) => {
    const flat = graph.reshape(relu(transpose(four!)), [4]);
    return add(input(graph, "x", [4]), scale(flat, 2));
  });
  assert.deepEqual(program.steps.map(({ kernel }) => kernel.name), ["add"]);
  assert.deepEqual([...folded.values()].at(-1), new Float32Array([2, 6, 0, 8]));
  assert.deepEqual([...program.initial.values()], [new Float32Array([2, 6, 0, 8])]);
});

test("indices are computed as u32", () => {
  const table: Tensor = { shape: [4], data: new Uint32Array([3, 0xffffffff, 1, 0]) };
  const first: Tensor = { shape: [3], data: new Uint32Array([2, 0, 2]) };
  const { program } = ofConstants(
    [table, first],
    (graph, [table, first]) => gather(input(graph, "x", [5]), gather(table!, first!)),
  );
  assert.deepEqual([...program.initial.values()], [new Uint32Array([1, 3, 1])]);
});

test("a value of constants that is placed in a state is computed in each run", () => {
  const { program, folded } = ofConstants([FOUR], (_, [four]) => relu(four!));
  assert.deepEqual(program.steps.map(({ kernel }) => kernel.name), ["relu"]);
  assert.equal(folded.size, 0);
});

test("a value of more than 4096 elements is no constant, but what is summed of it may be", () => {
  const large = (rows: number): Tensor => ({
    shape: [rows, 64],
    data: new Float32Array(rows * 64),
  });
  const steps = (rows: number, emit: (x: Value) => Value) =>
    ofConstants([large(rows)], (graph, [x]) => add(input(graph, "x", [1]), emit(x!)))
      .program.steps.map(({ kernel }) => kernel.name);
  assert.deepEqual(steps(64, relu), ["add"]);
  assert.deepEqual(steps(65, relu), ["relu", "add"]);
  assert.deepEqual(steps(65, sum), ["add"]);
});
