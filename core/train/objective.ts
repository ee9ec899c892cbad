/**
 * What a step of supervised training makes small: the mean loss over the step's batch, and whatever
 * terms an arm adds to it or puts in its place. Each term is a pass of the same net, so what the
 * parameters' gradients are taken of is one number.
 */
import type { Graph } from "../graph/graph.ts";
import { type Applied, applyLayers, type Layer } from "../nn/layers.ts";
import { type Mode, Net } from "../nn/net.ts";
import { add, scale, subtract } from "../ops/arithmetic.ts";
import { gather } from "../ops/gather.ts";
import { margin } from "../ops/margin.ts";
import { sameShape, ShapeError, show, type Value } from "../ops/op.ts";
import { random } from "../ops/random.ts";
import { relu } from "../ops/relu.ts";
import { softmaxCrossEntropy } from "../ops/softmax_cross_entropy.ts";
import { sum } from "../ops/sum.ts";
import { emitAdversarialImages } from "./adversary.ts";
import { emitBatch } from "./image_store.ts";
import type { NetState } from "./net_state.ts";
import type { Loss, Stores, SupervisedConfig } from "./supervised_config.ts";
import { emitVirtualLoss, type Virtual } from "./virtual.ts";
import { emitOrder, emitStep, STATES } from "./window.ts";

/** A net over a step's batch. */
export interface Objective {
  readonly net: Net;
  /** The layers as they see the batch: its adversarial images where these are all that is learnt. */
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
  const forward = (net: Net, images: Value) => emitLogits(net, images, config.net, stores.classes);
  const { adversary } = config;
  // Before the passes that move running moments: the attack sees the net as the step finds it.
  const adversarial = adversary && emitAdversarialImages(graph, cursor, adversary, state, {
    x,
    labels,
    weights: config.weights,
    loss: config.loss === "hinge" ? "margin" : "cross-entropy",
    forward: (net, images) => forward(net, images).logits,
  });
  let pass = "";
  const net = new Net(graph, state.parameters, {
    mode,
    statistics: state.statistics,
    weights: config.weights,
    noise: (layer) => state.noise(graph, emitStep(graph, cursor), pass + layer),
  });
  const term = (images: Value, share: number) => {
    const { applied, logits } = forward(net, images);
    const losses = emitLosses(logits, labels, config.loss);
    return { applied, loss: scale(sum(losses), share / config.batch) };
  };
  const { clean } = adversary ?? { clean: 1 };
  const terms = clean > 0 ? [term(x, clean)] : [];
  if (adversarial) {
    pass = "adversarial/";
    terms.push(term(adversarial, 1 - clean));
  }
  const losses = terms.map(({ loss }) => loss);
  const { virtual } = config;
  if (virtual) {
    pass = "unlabelled/";
    losses.push(emitVirtual(net, cursor, { ...config, virtual }, stores, state));
  }
  return {
    net,
    applied: terms[0]!.applied,
    loss: losses.reduce((all, loss) => add(all, loss)),
  };
}

/**
 * Emits the virtual adversarial term over the step's images without labels. The net passes over them
 * as it does in training, but leaves the running moments to the labelled batch.
 */
function emitVirtual(
  net: Net,
  cursor: Value,
  { net: layers, virtual }: SupervisedConfig & { readonly virtual: Virtual },
  { train, classes }: Stores,
  state: NetState,
): Value {
  const { graph } = net;
  const { x } = graph.scope(
    "unlabelled batch",
    () => emitBatch(graph, train, emitOrder(graph, cursor, virtual.batch, STATES.unlabelled)),
  );
  const { key, step } = state.noise(graph, emitStep(graph, cursor), "virtual");
  const directions = random(key, step, { kind: "normal", shape: x.shape });
  const passing = net.as("passing");
  const forward = (x: Value) => emitLogits(passing, x, layers, classes).logits;
  return scale(emitVirtualLoss(graph, { forward, x, directions }, virtual).loss, virtual.weight);
}

/**
 * Emits the loss of each row of logits [rows, classes], 0 where its label is no class: [rows]. The
 * hinge loss is max(0, 1 - margin).
 */
export function emitLosses(logits: Value, labels: Value, loss?: Loss): Value {
  if (loss === undefined) return softmaxCrossEntropy(logits, labels);
  const classes = logits.shape[1]!;
  const ones = logits.builder.constant(new Float32Array(classes).fill(1), [classes]);
  // The margin of a row without a class is 0, which is not far enough: it has no 1 to reach either.
  return relu(subtract(gather(ones, labels), margin(logits, labels)));
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
