/**
 * What a step of supervised training makes small: the mean loss over the step's batch, and whatever
 * terms an arm adds to it or puts in its place. Each term is a pass of the same net, so what the
 * parameters' gradients are taken of is one number.
 */
import type { Graph } from "../graph/graph.ts";
import { type Applied, applyLayers, type Layer } from "../nn/layers.ts";
import { type Mode, Net } from "../nn/net.ts";
import { mean } from "../ops/mean.ts";
import { sameShape, ShapeError, show, type Value } from "../ops/op.ts";
import { softmaxCrossEntropy } from "../ops/softmax_cross_entropy.ts";
import { emitBatch } from "./image_store.ts";
import type { NetState } from "./net_state.ts";
import type { Stores, SupervisedConfig } from "./supervised.ts";
import { emitOrder, emitStep } from "./window.ts";

/** A net over a step's batch. */
export interface Objective {
  readonly net: Net;
  /** The layers as they see the batch. */
  readonly applied: readonly Applied[];
  /** The scalar whose gradient the step follows. */
  readonly loss: Value;
}

/**
 * Emits the objective of the step at the cursor; the net's layers draw what the step draws.
 *
 * @throws {ShapeError} naming the layer when the net does not fit the images or the classes.
 */
export function emitObjective(
  graph: Graph,
  cursor: Value,
  config: SupervisedConfig,
  stores: Stores,
  state: NetState,
  mode: Exclude<Mode, "inference">,
): Objective {
  const { x, labels } = graph.scope(
    "batch",
    () => emitBatch(graph, stores.train, emitOrder(graph, cursor, config.batch)),
  );
  const net = new Net(graph, state.parameters, {
    mode,
    statistics: state.statistics,
    weights: config.weights,
    noise: (layer) => state.noise(graph, emitStep(graph, cursor), layer),
  });
  const { applied, logits } = emitLogits(net, x, config.net, stores.classes);
  return { net, applied, loss: mean(emitLosses(logits, labels)) };
}

/** Emits the loss of each row of logits [rows, classes], 0 where its label is no class: [rows]. */
export function emitLosses(logits: Value, labels: Value): Value {
  return softmaxCrossEntropy(logits, labels);
}

/**
 * Emits layers over images [batch, height, width, channels]: logits [batch, classes].
 *
 * @throws {ShapeError} naming the layer that does not fit, or the output that is no such logits.
 */
export function emitLogits(
  net: Net,
  x: Value,
  layers: readonly Layer[],
  classes: number,
): { readonly applied: readonly Applied[]; readonly logits: Value } {
  const applied = applyLayers(net, x, layers);
  const logits = applied.at(-1)?.output ?? x;
  const batch = x.shape[0]!;
  if (!sameShape(logits.shape, [batch, classes])) {
    throw new ShapeError(
      `the net's output is ${show(logits.shape)}, but ${classes} classes at batch ${batch} need ` +
        `[${batch}, ${classes}]; end the net with dense({ units: ${classes} })`,
    );
  }
  return { applied, logits };
}
