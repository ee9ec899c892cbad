/** That neither sharing a dispatch nor being computed beforehand changes a bit. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { View } from "../../core/device/program.ts";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { add, multiply, subtract } from "../../core/ops/arithmetic.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { maxPoolGradientOp } from "../../core/ops/max_pool.ts";
import { type Shape, size, type Value } from "../../core/ops/op.ts";
import { relu, reluGradientOp } from "../../core/ops/relu.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import { sigmoid, sigmoidGradientOp } from "../../core/ops/sigmoid.ts";
import {
  softmaxCrossEntropy,
  softmaxCrossEntropyGradientOp,
} from "../../core/ops/softmax_cross_entropy.ts";
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
import { input, names, ofConstants, state } from "./scheduled.ts";

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
