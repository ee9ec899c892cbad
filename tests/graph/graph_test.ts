import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { Graph, type State } from "../../core/graph/graph.ts";
import { openCpu } from "../../core/device/cpu.ts";
import { add, multiply, scale } from "../../core/ops/arithmetic.ts";
import { advance, advanceOp } from "../../core/ops/advance.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { type Shape, ShapeError, size } from "../../core/ops/op.ts";
import { relu, reluOp } from "../../core/ops/relu.ts";
import { cpu, execute, test } from "../ops/harness.ts";

const state = (name: string, length: number, type: State["type"] = "f32"): State => ({
  name,
  type,
  length,
});

function zeros(graph: Graph, shape: Shape) {
  return graph.constant(new Float32Array(size(shape)), shape);
}

test("a shape error names the layer's path, both shapes and what would fit", () => {
  const graph = new Graph();
  const emit = () =>
    graph.scope(
      "block1",
      () => graph.scope("dense", () => matmul(zeros(graph, [2, 3]), zeros(graph, [4, 5]))),
    );
  assert.throws(emit, (error) => {
    assert.ok(error instanceof ShapeError);
    assert.match(error.message, /^layer "block1\/dense": matmul: /);
    assert.match(error.message, /\[2, 3\] and \[4, 5\]/);
    assert.match(error.message, /give the right operand 3 rows/);
    return true;
  });
  assert.equal(graph.path, "", "the scopes are left after an error");
});

test("an op's label is its path of scopes", () => {
  const graph = new Graph();
  const y = graph.scope("block1", () => relu(zeros(graph, [3])));
  graph.place(y, state("y", 3));
  assert.deepEqual(compile(graph, "labels").steps.map(({ label }) => label), ["block1/relu"]);
});

test("reshape() rejects another number of elements", () => {
  const graph = new Graph();
  assert.throws(
    () => graph.scope("flatten", () => graph.reshape(zeros(graph, [2, 3]), [5])),
    /layer "flatten": \[2, 3\] cannot be reshaped to \[5\]: 6 elements are not 5/,
  );
});

test("constant() rejects numbers that do not fill the shape", () => {
  assert.throws(() => new Graph().constant(new Float32Array(3), [2]), ShapeError);
});

test("an axis that is not a positive integer is rejected", () => {
  const graph = new Graph();
  for (const axis of [0, -1, 1.5]) {
    assert.throws(() => graph.leaf(state("x", 4), [axis]), ShapeError);
  }
});

test("leaf() and place() reject what does not fit the state, and offsets off the grid", () => {
  const graph = new Graph();
  const small = state("small", 100);
  assert.throws(
    () => graph.leaf(small, [50], 64),
    /f32 \[50\] at 64 does not fit the state "small"/,
  );
  assert.throws(() => graph.leaf(small, [4], 3), /offset 3 in "small" is not a multiple of 64/);
  assert.throws(() => graph.place(zeros(graph, [101]), small), ShapeError);
  assert.throws(() => graph.place(zeros(graph, [2]), state("words", 2, "u32")), ShapeError);
});

test("a value of another graph is rejected", () => {
  const other = zeros(new Graph(), [2]);
  assert.throws(() => add(zeros(new Graph(), [2]), other), /a value of another graph/);
});

test("apply() is for ops with a result, effect() for those without", () => {
  const graph = new Graph();
  const counters = graph.leaf(state("counters", 1, "u32"));
  assert.throws(() => graph.apply(advanceOp, [counters], {}), /advance has no result/);
  assert.throws(() => graph.effect(reluOp, [zeros(graph, [2])], {}), /relu has a result/);
});

test("placing a value twice leaves it in both states, a leaf and a constant too", async () => {
  const graph = new Graph();
  const x = graph.leaf(state("x", 3));
  const y = relu(x);
  graph.place(y, state("first", 3));
  graph.place(y, state("second", 128), 64);
  graph.place(x, state("third", 3));
  graph.place(graph.constant(new Float32Array([7]), []), state("fourth", 1));
  graph.place(graph.reshape(y, [3, 1]), state("fifth", 3));
  const states = await execute(
    cpu,
    compile(graph, "copies"),
    new Map([["x", new Float32Array([1, -2, 3])]]),
  );
  assert.deepEqual([...states.get("first")!], [1, 0, 3]);
  assert.deepEqual([...states.get("second")!.slice(64, 67)], [1, 0, 3]);
  assert.deepEqual([...states.get("third")!], [1, -2, 3]);
  assert.deepEqual([...states.get("fourth")!], [7]);
  assert.deepEqual([...states.get("fifth")!], [1, 0, 3]);
});

test("ops run in the order in which they were emitted, so uses before an update see the old value", async () => {
  const graph = new Graph();
  const counters = graph.leaf(state("counters", 1, "u32"));
  graph.place(counters, state("before", 1, "u32"));
  advance(counters);
  graph.place(counters, state("after", 1, "u32"));
  const states = await execute(
    cpu,
    compile(graph, "order"),
    new Map([["counters", new Uint32Array([5])]]),
  );
  assert.equal(states.get("before")![0], 5);
  assert.equal(states.get("after")![0], 6);
});

test("a value placed in a state does not overtake an earlier read of the state", async () => {
  const graph = new Graph();
  const old = graph.leaf(state("x", 2));
  const fresh = relu(graph.leaf(state("z", 2)));
  graph.place(add(old, old), state("twice", 2));
  graph.place(fresh, state("x", 2));
  const states = await execute(
    cpu,
    compile(graph, "overtaking"),
    new Map([["x", new Float32Array([1, 2])], ["z", new Float32Array([5, 6])]]),
  );
  assert.deepEqual([...states.get("twice")!], [2, 4]);
  assert.deepEqual([...states.get("x")!], [5, 6]);
});

test("a placed value can be used by further ops", async () => {
  const graph = new Graph();
  const x = graph.leaf(state("x", 2));
  const y = multiply(x, x);
  graph.place(y, state("square", 2));
  graph.place(add(y, x), state("sum", 2));
  const states = await execute(
    cpu,
    compile(graph, "use"),
    new Map([["x", new Float32Array([2, -3])]]),
  );
  assert.deepEqual([...states.get("sum")!], [6, 6]);
});

Deno.test("place() copies a value whose state is read after it, so the reader sees the old contents", async () => {
  const graph = new Graph();
  const state = { name: "state", type: "f32", length: 64 } as const;
  const old = graph.leaf(state, [2]);
  const next = scale(graph.constant(new Float32Array([3, 4]), [2]), 2);
  const sumOfBoth = add(old, next);
  graph.place(next, state);
  graph.place(sumOfBoth, { name: "result", type: "f32", length: 64 });
  const program = compile(graph, "late place");
  const memory = await openCpu("test").load([program]);
  for (const [name, view] of program.initial) memory.write(name, view);
  memory.write("state", new Float32Array([10, 20]));
  memory.run(program);
  assert.deepEqual([...await memory.read("result", 0, 2)], [16, 28]);
  assert.deepEqual([...await memory.read("state", 0, 2)], [6, 8]);
});
