/** Which ops share a dispatch, which are computed beforehand, and that neither changes a bit. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { View } from "../../core/device/program.ts";
import { compile, type CompiledProgram } from "../../core/graph/compile.ts";
import { Graph, type State } from "../../core/graph/graph.ts";
import { schedule } from "../../core/graph/schedule.ts";
import { advance } from "../../core/ops/advance.ts";
import { add, multiply, scale, subtract } from "../../core/ops/arithmetic.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { gather } from "../../core/ops/gather.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { maxPoolGradientOp } from "../../core/ops/max_pool.ts";
import { type Shape, size, type Value } from "../../core/ops/op.ts";
import { relu, reluGradientOp } from "../../core/ops/relu.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import {
  softmaxCrossEntropy,
  softmaxCrossEntropyGradientOp,
} from "../../core/ops/softmax_cross_entropy.ts";
import { sigmoid, sigmoidGradientOp } from "../../core/ops/sigmoid.ts";
import { sum, sumTree } from "../../core/ops/sum.ts";
import { transpose } from "../../core/ops/transpose.ts";
import {
  assertSameBits,
  both,
  type Case,
  cpu,
  execute,
  property,
  type States,
  test,
  webGpu,
} from "../ops/harness.ts";
import { Numbers, type Tensor } from "../ops/numbers.ts";

const state = (name: string, length: number): State => ({ name, type: "f32", length });

function input(graph: Graph, name: string, shape: Shape): Value {
  return graph.leaf(state(name, size(shape)), shape);
}

/** The kernels of the program that leaves what `emit` returns in the state `y`. */
function kernels(emit: (graph: Graph) => Value): string[] {
  const graph = new Graph();
  const y = emit(graph);
  graph.place(y, state("y", size(y.shape)));
  return names(graph);
}

function names(graph: Graph): string[] {
  return compile(graph, "test").steps.map(({ kernel }) => kernel.name);
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

/** A flat length's most interesting shapes for a random producer; a value and its operands' shapes. */
type Producer = (leaf: (shape: Shape) => Value) => Value;

const PRODUCERS: Readonly<Record<string, Producer>> = {
  "matmul": (leaf) => matmul(leaf([9, 6]), leaf([6, 10])),
  "matmul, whole vectors": (leaf) => matmul(leaf([9, 8]), leaf([8, 12])),
  "matmul, left transposed": (leaf) => matmul(leaf([6, 9]), leaf([6, 10]), { transposeA: true }),
  "matmul, right transposed": (leaf) => matmul(leaf([9, 6]), leaf([10, 6]), { transposeB: true }),
  "matmul, both transposed": (leaf) =>
    matmul(leaf([8, 12]), leaf([8, 8]), { transposeA: true, transposeB: true }),
  "conv2d": (leaf) => conv2d(leaf([2, 5, 6, 3]), leaf([3, 2, 3, 5]), { padding: "same" }),
  "conv2d, whole vectors": (leaf) => conv2d(leaf([1, 5, 6, 4]), leaf([3, 2, 4, 8])),
  "conv2dInputGradient": (leaf) =>
    conv2dInputGradient(leaf([2, 3, 5, 4]), leaf([3, 2, 3, 4]), {
      stride: 1,
      padding: "valid",
      input: [2, 5, 6, 3],
    }),
  "conv2dWeightGradient": (leaf) =>
    conv2dWeightGradient(leaf([2, 5, 6, 3]), leaf([2, 3, 5, 4]), {
      stride: 1,
      padding: "valid",
      weights: [3, 2, 3, 4],
    }),
  "maxPool's gradient": (leaf) => {
    const x = leaf([2, 5, 6, 3]);
    return x.builder.apply(maxPoolGradientOp, [x, leaf([2, 2, 3, 3])], { size: 2, stride: 2 });
  },
  "maxPool's gradient, windows that overlap": (leaf) => {
    const x = leaf([2, 5, 7, 3]);
    return x.builder.apply(maxPoolGradientOp, [x, leaf([2, 2, 3, 3])], { size: 3, stride: 2 });
  },
  "sum": (leaf) => sum(leaf([3, 40, 4]), [1]),
  "sumTree": (leaf) => sumTree(leaf([2, 7, 12])),
  "add": (leaf) => add(leaf([5, 1]), leaf([5, 7])),
  "relu": (leaf) => relu(leaf([4, 9])),
};

/** Stages by name; `same`, `last` and `one` are operands of x's shape, its last axis and one number. */
const STAGES: Readonly<
  Record<string, (x: Value, operands: Readonly<Record<"same" | "last" | "one", Value>>) => Value>
> = {
  "add of the same shape": (x, { same }) => add(x, same),
  "add of a bias": (x, { last }) => add(x, last),
  "subtract": (x, { same }) => subtract(x, same),
  "subtract of a bias": (x, { last }) => subtract(x, last),
  "multiply": (x, { same }) => multiply(x, same),
  "multiply by a number": (x, { one }) => multiply(x, one),
  "relu": (x) => relu(x),
  "relu's gradient": (x, { same }) => x.builder.apply(reluGradientOp, [x, same], {}),
  "sigmoid": (x) => sigmoid(x),
  "sigmoid's gradient": (x, { same }) => x.builder.apply(sigmoidGradientOp, [x, same], {}),
};

interface Chain {
  readonly producer: string;
  readonly stages: readonly string[];
  /** Whether the stages work on a flat view. */
  readonly flat: boolean;
}

const chains: fc.Arbitrary<Chain> = fc.record({
  producer: fc.constantFrom(...Object.keys(PRODUCERS)),
  stages: fc.array(fc.constantFrom(...Object.keys(STAGES)), { minLength: 1, maxLength: 3 }),
  flat: fc.boolean(),
});

/** The chain's result and then, to be kept apart, what it passes through. */
function emitChain({ producer, stages, flat }: Chain, leaf: (shape: Shape) => Value): Value[] {
  const first = PRODUCERS[producer]!(leaf);
  const graph = first.builder;
  const x = flat ? graph.reshape(first, [size(first.shape)]) : first;
  const operands = { same: leaf(x.shape), last: leaf(x.shape.slice(-1)), one: leaf([]) };
  const values = [x];
  for (const stage of stages) values.unshift(STAGES[stage]!(values[0]!, operands));
  return values;
}

/** The numbers that a chain's leaves have. */
function drawLeaves(chain: Chain, numbers: Numbers): Tensor[] {
  const tensors: Tensor[] = [];
  const graph = new Graph();
  emitChain(chain, (shape) => {
    tensors.push(numbers.tensor(shape));
    return input(graph, `leaf${tensors.length}`, shape);
  });
  return tensors;
}

const inOrder = (values: readonly Value[]) => {
  let next = 0;
  return () => values[next++]!;
};

property(
  "fusion changes no bit of what any chain of elementwise ops makes of what was handed over",
  chains,
  async (chain, numbers) => {
    const inputs = drawLeaves(chain, numbers);
    const fused: Case = {
      inputs,
      emit: (values) => emitChain(chain, inOrder(values)).slice(0, 1),
    };
    const apart: Case = { inputs, emit: (values) => emitChain(chain, inOrder(values)) };
    assertSameBits(
      (await both(fused)).get("output0")!,
      (await both(apart)).get("output0")!,
      `${chain.producer}, ${chain.stages.join(", ")}`,
    );

    const dispatches = (keep: number) =>
      kernelsOf(inputs, (leaf) => emitChain(chain, leaf).slice(0, keep)).length;
    assert.equal(dispatches(1), dispatches(Infinity) - chain.stages.length);
  },
);

function kernelsOf(
  inputs: readonly Tensor[],
  emit: (leaf: (shape: Shape) => Value) => readonly Value[],
): string[] {
  const graph = new Graph();
  const leaves = inOrder(inputs.map(({ shape }, i) => input(graph, `input${i}`, shape)));
  emit(leaves).forEach((value, i) => graph.place(value, state(`output${i}`, size(value.shape))));
  return names(graph);
}

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

property(
  "doing the work of two ops in one changes no bit",
  fc.integer({ min: 1, max: 150 }).chain((rows) =>
    fc.record({ rows: fc.constant(rows), classes: fc.integer({ min: 1, max: 12 }) })
  ),
  async ({ rows, classes }, numbers) => {
    const inputs = [
      numbers.tensor([rows, classes], { scale: 4 }),
      // One label in so many is that of no class.
      numbers.indices(rows, classes + 1),
    ];
    const upstream = numbers.tensor([rows]).data as Float32Array;
    const emit = (apart: boolean) => ([logits, labels]: readonly Value[]) => {
      const graph = logits!.builder;
      const losses = softmaxCrossEntropy(logits!, labels!);
      const given = [logits!, labels!, graph.constant(upstream, [rows])];
      const gradient = graph.apply(softmaxCrossEntropyGradientOp, given, {});
      return apart
        ? [losses, gradient]
        : [losses, graph.reshape(transpose(gradient), [rows * classes])];
    };
    const expected = await both({ inputs, emit: emit(true) });
    const actual = await both({ inputs, emit: emit(false) });
    assertSameBits(actual.get("output0")!, expected.get("output0")!, "losses");
    const turned = expected.get("output1")!.map((_, i, gradient) =>
      gradient[i % rows * classes + Math.floor(i / rows)]!
    );
    assertSameBits(actual.get("output1")!, turned, "gradient");
  },
);

const STATES = 3;

/**
 * A random graph that reads, updates and overwrites three states of 64 elements in any order; with
 * `apart`, every value that lies in none of them is placed in a state of its own.
 */
function effectfulGraph(ops: number, numbers: Numbers, apart: boolean): Graph {
  const graph = new Graph();
  const name = () => `s${numbers.below(STATES)}`;
  const values: Value[] = [];
  const lies = new Map<Value, string>();
  /** One of the last values, which is then rarely used again, or a state as it is here. */
  const read = () => {
    if (values.length > 0 && numbers.below(4) > 0) {
      const at = values.length - 1 - numbers.below(Math.min(3, values.length));
      return numbers.below(4) === 0 ? values[at]! : values.splice(at, 1)[0]!;
    }
    const from = name();
    const leaf = input(graph, from, [64]);
    lies.set(leaf, from);
    return leaf;
  };
  for (let i = 0; i < ops; i++) {
    const [a, b, to, kind] = [read(), read(), name(), numbers.below(8)];
    if (kind > 4) {
      const from = name();
      if (from !== to) {
        graph.effect(sgdOp, [
          input(graph, to, [64]),
          input(graph, from, [64]),
          input(graph, "rate", [1]),
        ], {});
      }
      continue;
    }
    const square = (x: Value) => graph.reshape(x, [8, 8]);
    const value = kind === 0
      ? graph.reshape(matmul(square(a), square(b)), [64])
      : kind === 1
      ? relu(a)
      : kind === 2
      ? graph.reshape(transpose(square(a)), [64])
      : kind === 3
      ? subtract(a, b)
      : add(a, b);
    const aliased = [a, b].some((used) => lies.get(used) === to);
    if (numbers.below(3) === 0 && !aliased) {
      graph.place(value, state(to, 64));
      lies.set(value, to);
    } else if (apart) graph.place(value, state(`apart${i}`, 64));
    values.push(value);
  }
  graph.place(values.at(-1) ?? read(), state("y", 64));
  return graph;
}

let joined = 0;

property(
  "fusion changes no bit of any state, in whatever order states are read, updated and overwritten",
  fc.integer({ min: 1, max: 60 }),
  async (ops, numbers) => {
    const seed = numbers.word();
    const build = (apart: boolean) =>
      compile(effectfulGraph(ops, new Numbers(seed), apart), "test");
    const [fused, apart] = [build(false), build(true)];
    joined += fused.steps.filter(({ kernel }) => kernel.name.includes("+")).length;
    const written = new Map<string, View>(
      Array.from({ length: STATES }, (_, i) => [`s${i}`, numbers.plain([64]).data]),
    );
    written.set("rate", new Float32Array([0.125]));
    const expected = await execute(cpu, apart, written);
    same(await execute(cpu, fused, written), expected);
    same(await execute(await webGpu(), fused, written), expected);
  },
);

function same(actual: States, expected: States): void {
  for (const [name, view] of actual) assertSameBits(view, expected.get(name)!, name);
}

test("the random graphs of effects hold dispatches of several ops", () => {
  assert.ok(joined > 0);
});

/** Fixed numbers, and what compile() makes of the program that leaves `emit`'s value in `y`. */
function ofConstants(
  inputs: readonly Tensor[],
  emit: (graph: Graph, constants: readonly Value[]) => Value,
): { readonly program: CompiledProgram; readonly folded: ReadonlyMap<number, View> } {
  const graph = new Graph();
  const constants = inputs.map(({ shape, data }) => graph.constant(data, shape));
  const y = emit(graph, constants);
  graph.place(y, { name: "y", type: y.type, length: size(y.shape) });
  return { program: compile(graph, "test"), folded: schedule(graph).folded };
}

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

property(
  "what is computed when the program is compiled has the bits of running it",
  chains,
  async (chain, numbers) => {
    const inputs = drawLeaves(chain, numbers);
    const running: Case = { inputs, emit: (values) => emitChain(chain, inOrder(values))[0]! };
    const { program, folded } = ofConstants(inputs, (graph, constants) => {
      const [y] = emitChain(chain, inOrder(constants));
      return add(input(graph, "x", y!.shape), y!);
    });
    assert.deepEqual(program.steps.map(({ kernel }) => kernel.name), ["add"]);
    const [last] = [...folded.values()].slice(-1);
    assertSameBits(last!, (await both(running)).get("output0")!, JSON.stringify(chain));
  },
);
