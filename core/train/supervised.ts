/**
 * The programs of supervised training: initialise, one training step, and evaluation on the
 * training and test images.
 */
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import { storedActivationBytes } from "../graph/stored.ts";
import { Net } from "../nn/net.ts";
import { advance } from "../ops/advance.ts";
import { correct } from "../ops/correct.ts";
import { maxMagnitude } from "../ops/max_magnitude.ts";
import { record } from "../ops/record.ts";
import { sum } from "../ops/sum.ts";
import { emitBatch } from "./image_store.ts";
import { NetState } from "./net_state.ts";
import { emitLogits, emitLosses, emitObjective } from "./objective.ts";
import type { Stores, SupervisedConfig } from "./supervised_config.ts";
import { emitDecay, emitGradients, emitUpdate } from "./update.ts";
import { emitCursor, emitOrder, emitRing } from "./window.ts";

/** Compiled programs that share their states. */
export interface SupervisedPrograms {
  readonly net: NetState;
  readonly initialise: CompiledProgram;
  /** One step: columns of the ring are the loss and the largest gradient's magnitude. */
  readonly step: CompiledProgram;
  /** One batch: columns of the ring are the sum of losses and the number of hits. */
  readonly evaluate: Readonly<Record<"train" | "test", CompiledProgram>>;
}

/** Columns of the ring. */
const COLUMNS = 2;

/**
 * @throws {ShapeError} naming the layer when the net does not fit the images or the classes.
 */
export function buildSupervised(config: SupervisedConfig, stores: Stores): SupervisedPrograms {
  const net = new NetState();
  const step = stepGraph(config, stores, net);
  const evaluate = (split: "train" | "test") =>
    compile(evaluateGraph(config, stores, net, split), `evaluate ${split}`);
  return {
    net,
    initialise: net.initialise(),
    step: compile(step, "step"),
    evaluate: { train: evaluate("train"), test: evaluate("test") },
  };
}

/**
 * Bytes of forward values, the batch included, that the backward pass of a step reads; from the
 * graph alone, nothing is allocated.
 */
export function storedBytesOf(config: SupervisedConfig, stores: Stores): number {
  return storedActivationBytes(stepGraph(config, stores, new NetState()));
}

function stepGraph(config: SupervisedConfig, stores: Stores, state: NetState): Graph {
  const graph = new Graph();
  const cursor = emitCursor(graph);
  const { net, loss } = emitObjective(graph, cursor, config, stores, state, "training");
  const flatGradients = emitGradients(graph, loss, net);
  const ring = emitRing(graph, COLUMNS);
  graph.scope("metrics", () => {
    record(loss, cursor, ring, 0);
    record(maxMagnitude(flatGradients), cursor, ring, 1);
  });
  const followed = config.weightDecay === undefined
    ? flatGradients
    : emitDecay(graph, net, flatGradients, config.weightDecay);
  emitUpdate(graph, net, config.optimiser, followed, cursor);
  advance(cursor);
  return graph;
}

function evaluateGraph(
  { net: layers, weights, batch, loss }: SupervisedConfig,
  stores: Stores,
  { parameters, statistics }: NetState,
  split: "train" | "test",
): Graph {
  const graph = new Graph();
  const cursor = emitCursor(graph);
  const { x, labels } = graph.scope(
    "batch",
    () => emitBatch(graph, stores[split], emitOrder(graph, cursor, batch)),
  );
  const net = new Net(graph, parameters, { statistics, weights });
  const { logits } = emitLogits(net, x, layers, stores.classes);
  const ring = emitRing(graph, COLUMNS);
  record(sum(emitLosses(logits, labels, loss)), cursor, ring, 0);
  record(sum(correct(logits, labels)), cursor, ring, 1);
  advance(cursor);
  return graph;
}
