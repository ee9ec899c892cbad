/**
 * The programs of supervised training: initialise, one training step, and evaluation on the
 * training and test images. Everything a step needs lies on the device in tables of a window of
 * steps (which images, the optimiser's scalars) and comes back in a ring, so that a window runs
 * without the host.
 */
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { gradients } from "../graph/gradients.ts";
import { Graph, type State } from "../graph/graph.ts";
import { storedActivationBytes } from "../graph/stored.ts";
import { applyLayers, type Layer } from "../nn/layers.ts";
import { Net } from "../nn/net.ts";
import { Parameters } from "../nn/parameters.ts";
import { type Optimiser, optimiserKind } from "../optim/optimisers.ts";
import { advance } from "../ops/advance.ts";
import { correct } from "../ops/correct.ts";
import { gather } from "../ops/gather.ts";
import { maxMagnitude } from "../ops/max_magnitude.ts";
import { mean } from "../ops/mean.ts";
import { sameShape, ShapeError, show, type Value } from "../ops/op.ts";
import { record } from "../ops/record.ts";
import { softmaxCrossEntropy } from "../ops/softmax_cross_entropy.ts";
import { sum } from "../ops/sum.ts";
import { emitBatch, type ImageStore } from "./image_store.ts";

/** Steps that the tables and the ring have room for. */
export const WINDOW = 64;

/** What the programs depend on. */
export interface SupervisedConfig {
  readonly net: readonly Layer[];
  readonly optimiser: Optimiser;
  /** Images per step. */
  readonly batch: number;
}

/** The two sets of images. */
export interface Stores {
  readonly train: ImageStore;
  readonly test: ImageStore;
  readonly classes: number;
}

/** Compiled programs that share their states. */
export interface SupervisedPrograms {
  readonly parameters: Parameters;
  readonly initialise: CompiledProgram;
  /** One step: columns of the ring are the loss and the largest gradient's magnitude. */
  readonly step: CompiledProgram;
  /** One batch: columns of the ring are the sum of losses and the number of hits. */
  readonly evaluate: Readonly<Record<"train" | "test", CompiledProgram>>;
}

/** Names of the states that the host writes and reads. */
export const STATES = {
  cursor: "cursor",
  order: "order",
  schedule: "schedule",
  ring: "ring",
  keys: "keys",
  parameters: "parameters",
  gradients: "gradients",
} as const;

const ZERO = new Uint32Array(1);
const cursorState: State = { name: STATES.cursor, type: "u32", length: 1 };
const ringState: State = { name: STATES.ring, type: "f32", length: WINDOW * 2 };

/**
 * @throws {ShapeError} naming the layer when the net does not fit the images or the classes.
 */
export function buildSupervised(config: SupervisedConfig, stores: Stores): SupervisedPrograms {
  const parameters = new Parameters();
  const step = stepGraph(config, stores, parameters);
  const evaluate = (split: "train" | "test") =>
    compile(evaluateGraph(config, stores, parameters, split), `evaluate ${split}`);
  return {
    parameters,
    initialise: compile(initialiseGraph(parameters), "initialise"),
    step: compile(step, "step"),
    evaluate: { train: evaluate("train"), test: evaluate("test") },
  };
}

/**
 * Bytes of forward values, the batch included, that the backward pass of a step reads; from the
 * graph alone, nothing is allocated.
 */
export function storedBytesOf(config: SupervisedConfig, stores: Stores): number {
  return storedActivationBytes(stepGraph(config, stores, new Parameters()));
}

/** The key of each parameter's stream goes here, in order of declaration. */
export function keyState(parameters: Parameters): State {
  return { name: STATES.keys, type: "u32", length: parameters.list.length * 64 };
}

function initialiseGraph(parameters: Parameters): Graph {
  const graph = new Graph();
  const step = graph.constant(ZERO, [1]);
  const flat = parameters.state(STATES.parameters);
  parameters.list.forEach(({ name, shape, initialiser, offset }, i) => {
    const key = graph.leaf(keyState(parameters), [2], i * 64);
    graph.scope(name, () => graph.place(initialiser(shape, key, step), flat, offset));
  });
  return graph;
}

function stepGraph(config: SupervisedConfig, stores: Stores, parameters: Parameters): Graph {
  const graph = new Graph();
  const cursor = graph.leaf(cursorState);
  const { logits, labels, net } = forwardPass(graph, cursor, config, stores, parameters, "train");
  const loss = mean(softmaxCrossEntropy(logits, labels));
  const flatGradients = parameters.state(STATES.gradients);
  const values = [...net.used.values()];
  const names = [...net.used.keys()];
  gradients(graph, loss, values).forEach((gradient, i) => {
    const { offset } = parameters.list.find(({ name }) => name === names[i])!;
    graph.place(gradient, flatGradients, offset);
  });
  const kind = optimiserKind(config.optimiser);
  const schedule = graph.leaf({
    name: STATES.schedule,
    type: "f32",
    length: WINDOW * kind.scalarCount,
  }, [WINDOW, kind.scalarCount]);
  const ring = graph.leaf(ringState, [WINDOW, 2]);
  graph.scope("metrics", () => {
    record(loss, cursor, ring, 0);
    record(maxMagnitude(graph.leaf(flatGradients)), cursor, ring, 1);
  });
  graph.scope(config.optimiser.optimiser, () => {
    const scalars = graph.reshape(gather(schedule, cursor), [kind.scalarCount]);
    const flat = [parameters.state(STATES.parameters), flatGradients];
    const moments = kind.moments.map((name) => parameters.state(name));
    const buffers = [...flat, ...moments].map((state) => graph.leaf(state));
    graph.effect(kind.op, [...buffers, scalars], {});
  });
  advance(cursor);
  return graph;
}

function evaluateGraph(
  config: SupervisedConfig,
  stores: Stores,
  parameters: Parameters,
  split: "train" | "test",
): Graph {
  const graph = new Graph();
  const cursor = graph.leaf(cursorState);
  const { logits, labels } = forwardPass(graph, cursor, config, stores, parameters, split);
  const ring = graph.leaf(ringState, [WINDOW, 2]);
  record(sum(softmaxCrossEntropy(logits, labels)), cursor, ring, 0);
  record(sum(correct(logits, labels)), cursor, ring, 1);
  advance(cursor);
  return graph;
}

function forwardPass(
  graph: Graph,
  cursor: Value,
  { net: layers, batch }: SupervisedConfig,
  stores: Stores,
  parameters: Parameters,
  split: "train" | "test",
) {
  const order: State = { name: STATES.order, type: "u32", length: WINDOW * batch };
  const { x, labels } = graph.scope("batch", () => {
    const row = gather(graph.leaf(order, [WINDOW, batch]), cursor);
    return emitBatch(graph, stores[split], graph.reshape(row, [batch]));
  });
  const net = new Net(graph, parameters);
  const last = applyLayers(net, x, layers).at(-1);
  const logits = last?.output ?? x;
  if (!sameShape(logits.shape, [batch, stores.classes])) {
    throw new ShapeError(
      `the net's output is ${
        show(logits.shape)
      }, but ${stores.classes} classes at batch ${batch} ` +
        `need [${batch}, ${stores.classes}]; end the net with dense({ units: ${stores.classes} })`,
    );
  }
  return { logits, labels, net };
}
