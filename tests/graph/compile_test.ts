import assert from "node:assert/strict";
import fc from "fast-check";
import { OFFSET_ALIGNMENT } from "../../core/device/program.ts";
import { compile, type CompiledProgram } from "../../core/graph/compile.ts";
import { Graph, type State } from "../../core/graph/graph.ts";
import { schedule } from "../../core/graph/schedule.ts";
import { add, multiply } from "../../core/ops/arithmetic.ts";
import { advance } from "../../core/ops/advance.ts";
import { type Shape, size, type Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import { sum } from "../../core/ops/sum.ts";
import { transpose } from "../../core/ops/transpose.ts";
import { cpu, property, test, webGpu } from "../ops/harness.ts";
import type { Numbers } from "../ops/numbers.ts";

const state = (name: string, length: number): State => ({ name, type: "f32", length });

function input(graph: Graph, shape: Shape, name = "x"): Value {
  return graph.leaf(state(name, size(shape)), shape);
}

function rounded(shape: Shape): number {
  return Math.ceil(size(shape) / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT * 4;
}

const slots = (program: CompiledProgram) => program.buffers.filter(({ kind }) => kind === "slot");

test("a chain of equal values needs two slots, however long it is", () => {
  const graph = new Graph();
  let x = input(graph, [10, 10]);
  for (let i = 0; i < 10; i++) x = transpose(x);
  graph.place(x, state("y", 100));
  const program = compile(graph, "chain");
  assert.equal(program.steps.length, 10);
  assert.equal(slots(program).length, 2);
  assert.equal(program.slotBytes, 2 * rounded([100]));
});

test("values that are alive together have slots of their own", () => {
  const graph = new Graph();
  const x = input(graph, [2, 5]);
  const [a, b, c] = [transpose(x), transpose(x), transpose(x)];
  graph.place(transpose(add(add(a, b), c)), state("y", 10));
  assert.equal(slots(compile(graph, "together")).length, 4);
});

test("a slot that is free grows rather than a new one being made", () => {
  const graph = new Graph();
  const small = transpose(transpose(transpose(input(graph, [2, 5], "small"))));
  graph.place(sum(small), state("total", 1));
  const large = transpose(transpose(input(graph, [20, 50], "large")));
  graph.place(sum(large), state("other", 1));
  const lengths = slots(compile(graph, "growth")).map(({ length }) => length);
  assert.deepEqual(lengths, [1024, 1024]);
});

test("what no placed value and no effect needs is dropped", () => {
  const graph = new Graph();
  const x = input(graph, [4]);
  graph.scope("dead", () => relu(multiply(x, x)));
  graph.place(graph.scope("alive", () => relu(x)), state("y", 4));
  advance(graph.leaf({ name: "step", type: "u32", length: 1 }));
  assert.deepEqual(
    compile(graph, "dead").steps.map(({ label }) => label),
    ["alive/relu", "advance"],
  );
});

test("a dispatch that would read and write one state is refused, even in disjoint ranges", () => {
  const graph = new Graph();
  const both = state("both", 128);
  graph.place(relu(graph.leaf(both, [64], 0)), both, 64);
  assert.throws(
    () => compile(graph, "aliased"),
    (error) =>
      error instanceof TypeError &&
      /relu: one buffer would be read and written/.test(error.message),
  );
});

test("an effect that updates a state which it also reads is refused", () => {
  const graph = new Graph();
  const weights = input(graph, [64], "weights");
  graph.effect(sgdOp, [weights, weights, input(graph, [1], "rate")], {});
  assert.throws(() => compile(graph, "aliased"), /sgd: one buffer would be read and written/);
});

test("a constant becomes a state of the program's name with its numbers", () => {
  const graph = new Graph();
  const data = new Float32Array([1, 2]);
  graph.place(relu(graph.constant(data, [2])), state("y", 2));
  const { initial } = compile(graph, "net");
  assert.deepEqual([...initial], [["net/constant0", data]]);
});

test("two programs share a state by name on both devices", async () => {
  const shared = state("shared", 3);
  const writing = new Graph();
  writing.place(relu(input(writing, [3])), shared);
  const reading = new Graph();
  const value = reading.leaf(shared);
  reading.place(add(value, value), state("y", 3));
  const programs = [compile(writing, "writing"), compile(reading, "reading")] as const;
  for (const device of [cpu, await webGpu()]) {
    const memory = await device.load(programs);
    memory.write("x", new Float32Array([1, -1, 4]));
    memory.run(programs[0]);
    memory.run(programs[1]);
    assert.deepEqual([...await memory.read("y")], [2, 0, 8]);
    memory.close();
  }
});

/** A random graph of values that are used again at random distances. */
function randomGraph(ops: number, numbers: Numbers): Graph {
  const graph = new Graph();
  const values = [input(graph, [100]), input(graph, [300], "z"), input(graph, [], "s")];
  const pick = () => values[numbers.below(values.length)]!;
  for (let i = 0; i < ops; i++) {
    const [a, b] = [pick(), pick()];
    const kind = numbers.below(5);
    if (kind === 0) values.push(sum(a));
    else if (kind === 1) values.push(graph.reshape(a, [1, size(a.shape)]));
    else if (kind === 2) values.push(transpose(graph.reshape(a, [size(a.shape), 1])));
    else if (size(a.shape) === size(b.shape) || size(b.shape) === 1) values.push(add(a, b));
    else values.push(relu(a));
  }
  for (let i = 0; i < 3; i++) {
    const value = pick();
    graph.place(value, state(`out${i}`, size(value.shape)));
  }
  return graph;
}

property(
  "no two values that are alive together share a slot, in any graph",
  fc.integer({ min: 1, max: 60 }),
  (ops, numbers) => {
    const graph = randomGraph(ops, numbers);
    const program = compile(graph, "random");
    const { dispatched } = schedule(graph);
    const inputs = dispatched.map(({ reads, operands }) =>
      [...reads, ...operands].map((input) => graph.owner(input))
    );
    const lastUse = new Map<Value, number>();
    dispatched.forEach(({ results }, i) => {
      for (const used of [...inputs[i]!, ...results]) lastUse.set(used, i);
    });

    const held = new Map<number, Value>();
    let live: Value[] = [], peak = 0;
    program.steps.forEach(({ label, slices }, i) => {
      const { reads, results: [value] } = dispatched[i]!;
      const [written] = slices.slice(reads.length);
      inputs[i]!.forEach((used, position) => {
        if (graph.node(used).kind !== "op") return;
        const holds = held.get(slices.filter((slice) => slice !== written)[position]!.buffer);
        assert.equal(holds?.id, used.id, `${label}: an input was overwritten before its last use`);
      });
      held.set(written!.buffer, value!);
      if (!graph.places.has(value!.id)) live.push(value!);
      peak = Math.max(peak, live.reduce((bytes, { shape }) => bytes + rounded(shape), 0));
      live = live.filter((alive) => lastUse.get(alive)! > i);
    });
    assert.ok(program.slotBytes >= peak, "the slots are smaller than what is alive at the peak");
    assert.equal(
      program.slotBytes,
      slots(program).reduce((bytes, { length }) => bytes + length * 4, 0),
    );
  },
);
