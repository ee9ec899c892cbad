/**
 * The programs of adversarial training (Goodfellow et al. 2014): the discriminator's step and the
 * generator's. Each updates its own net alone; what the other one computes on the way is a function
 * of its parameters as they are. The generator's program reads no image.
 *
 * The discriminator's step: a batch of real images, labelled 1, and as many fresh generated ones,
 * labelled 0, pass it one after the other, so that a batch normalisation takes the moments of either
 * kind apart; the loss is the mean binary cross-entropy over both. Of generator and discriminator
 * only the net that learns moves its running moments.
 */
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import { type Applied, applyLayers, type Layer } from "../nn/layers.ts";
import { type Mode, Net } from "../nn/net.ts";
import type { Optimiser } from "../optim/optimisers.ts";
import { add, scalar, scale, subtract } from "../ops/arithmetic.ts";
import { advance } from "../ops/advance.ts";
import { binaryCrossEntropy } from "../ops/binary_cross_entropy.ts";
import { maxMagnitude } from "../ops/max_magnitude.ts";
import { sameShape, type Shape, ShapeError, show, size, type Value } from "../ops/op.ts";
import { random } from "../ops/random.ts";
import { record } from "../ops/record.ts";
import { sum } from "../ops/sum.ts";
import { emitBatch, type ImageStore } from "./image_store.ts";
import { NetState } from "./net_state.ts";
import { emitGradients, emitUpdate } from "./update.ts";
import { emitCursor, emitOrder, emitRing, emitStep } from "./window.ts";

/** What the programs depend on. */
export interface AdversarialConfig {
  /** Numbers of a code. */
  readonly code: number;
  readonly generator: { readonly net: readonly Layer[]; readonly optimiser: Optimiser };
  readonly discriminator: { readonly net: readonly Layer[]; readonly optimiser: Optimiser };
  readonly pixels: "-1..1" | "0..1";
  /** Real images per step. */
  readonly batch: number;
}

/** Both nets on a device. */
export interface Pair {
  readonly generator: NetState;
  readonly discriminator: NetState;
}

/** Compiled programs that share their states. */
export interface AdversarialPrograms extends Pair {
  readonly initialise: readonly CompiledProgram[];
  /** Columns 0 and 1 of the ring are its loss and its largest gradient's magnitude. */
  readonly discriminatorStep: CompiledProgram;
  /** Columns 2 and 3 are the same of the generator; the cursor moves on. */
  readonly generatorStep: CompiledProgram;
}

/** Columns of the ring. */
export const COLUMNS = 4;

/**
 * @throws {ShapeError} when the generator's output is not the discriminator's input, or what this
 * puts out is not one logit an image.
 */
export function buildAdversarial(
  config: AdversarialConfig,
  store: ImageStore,
): AdversarialPrograms {
  const pair = {
    generator: new NetState("generator"),
    discriminator: new NetState("discriminator"),
  };
  // Both graphs before the first is compiled: states are as long as all that was declared needs.
  const ofDiscriminator = discriminatorGraph(config, store, pair);
  const ofGenerator = generatorGraph(config, store.image, pair);
  return {
    ...pair,
    initialise: [pair.generator.initialise(), pair.discriminator.initialise()],
    discriminatorStep: compile(ofDiscriminator, "discriminator's step"),
    generatorStep: compile(ofGenerator, "generator's step"),
  };
}

function discriminatorGraph(config: AdversarialConfig, store: ImageStore, pair: Pair): Graph {
  const graph = new Graph();
  const cursor = emitCursor(graph);
  const step = emitStep(graph, cursor);
  const { batch, discriminator: { optimiser } } = config;
  const real = graph.scope("batch", () => {
    const { x } = emitBatch(graph, store, emitOrder(graph, cursor, batch));
    return toRange(x, config);
  });
  const generator = generatorNet(graph, step, pair, "passing", "beside real ones");
  const codes = emitCodes(graph, step, config, pair, "beside real ones");
  const { images: fake } = generatorImages(generator, codes, config, store.image);
  let kind = "real";
  const net = new Net(graph, pair.discriminator.parameters, {
    mode: "training",
    statistics: pair.discriminator.statistics,
    noise: (layer) => pair.discriminator.noise(graph, step, `${kind}/${layer}`),
  });
  const onReal = sum(lossOf(emitLogits(net, real, config).logits, 1));
  kind = "generated";
  const onFake = sum(lossOf(emitLogits(net, fake, config).logits, 0));
  const loss = scale(add(onReal, onFake), 1 / (2 * batch));
  finish(graph, net, loss, optimiser, cursor, 0);
  return graph;
}

function generatorGraph(config: AdversarialConfig, image: Shape, pair: Pair): Graph {
  const graph = new Graph();
  const cursor = emitCursor(graph);
  const step = emitStep(graph, cursor);
  const { batch, generator: { optimiser } } = config;
  const generator = generatorNet(graph, step, pair, "training", "labelled real");
  const codes = emitCodes(graph, step, config, pair, "labelled real");
  const { images: fake } = generatorImages(generator, codes, config, image);
  const discriminator = new Net(graph, pair.discriminator.parameters, {
    mode: "passing",
    statistics: pair.discriminator.statistics,
    noise: (layer) => pair.discriminator.noise(graph, step, `labelled real/${layer}`),
  });
  const loss = scale(sum(lossOf(emitLogits(discriminator, fake, config).logits, 1)), 1 / batch);
  finish(graph, generator, loss, optimiser, cursor, 2);
  advance(cursor);
  return graph;
}

function finish(
  graph: Graph,
  net: Net,
  loss: Value,
  optimiser: Optimiser,
  cursor: Value,
  column: number,
): void {
  const flatGradients = emitGradients(graph, loss, net);
  const ring = emitRing(graph, COLUMNS);
  graph.scope("metrics", () => {
    record(loss, cursor, ring, column);
    record(maxMagnitude(flatGradients), cursor, ring, column + 1);
  });
  emitUpdate(graph, net, optimiser, flatGradients, cursor);
}

function generatorNet(
  graph: Graph,
  step: Value,
  { generator }: Pair,
  mode: Mode,
  use: string,
): Net {
  const { parameters, statistics } = generator;
  return new Net(graph, parameters, {
    mode,
    statistics,
    noise: (layer) => generator.noise(graph, step, `${use}/${layer}`),
  });
}

function emitCodes(
  graph: Graph,
  step: Value,
  { code, batch }: AdversarialConfig,
  { generator }: Pair,
  use: string,
): Value {
  const { key } = generator.noise(graph, step, `codes, ${use}`);
  return graph.scope(
    "codes",
    () => random(key, step, { kind: "normal", shape: [batch, 1, 1, code] }),
  );
}

/**
 * Emits the generator over codes [batch, 1, 1, code]: images in its range, and its layers.
 *
 * @throws {ShapeError} when what it puts out is no batch of images.
 */
export function generatorImages(
  net: Net,
  codes: Value,
  { generator }: Pick<AdversarialConfig, "generator">,
  image: Shape,
): { readonly images: Value; readonly applied: readonly Applied[] } {
  const applied = net.graph.scope("generator", () => applyLayers(net, codes, generator.net));
  const images = applied.at(-1)?.output ?? codes;
  const wanted = [codes.shape[0]!, ...image];
  if (!sameShape(images.shape, wanted)) {
    throw new ShapeError(
      `the generator's output is ${show(images.shape)}, but the discriminator's input is ` +
        `${show(wanted)}, a batch of images; change the generator's last layers`,
    );
  }
  return { images, applied };
}

/**
 * Emits the discriminator over images in its range: logits [batch], and its layers.
 *
 * @throws {ShapeError} when what it puts out is not one logit an image.
 */
export function emitLogits(
  net: Net,
  images: Value,
  { discriminator }: Pick<AdversarialConfig, "discriminator">,
): { readonly logits: Value; readonly applied: readonly Applied[] } {
  const applied = net.graph.scope(
    "discriminator",
    () => applyLayers(net, images, discriminator.net),
  );
  const output = applied.at(-1)?.output ?? images;
  const batch = images.shape[0]!;
  if (size(output.shape) !== batch) {
    throw new ShapeError(
      `the discriminator's output is ${show(output.shape)}, but a batch of ${batch} images needs ` +
        `${batch} logits; end it with one unit or one filter over the whole image`,
    );
  }
  return { logits: net.graph.reshape(output, [batch]), applied };
}

/** Emits the binary cross-entropy of logits [batch] against one label, in nats: [batch]. */
export function lossOf(logits: Value, label: 0 | 1): Value {
  const targets = logits.builder.constant(
    new Float32Array(logits.shape[0]!).fill(label),
    logits.shape,
  );
  return binaryCrossEntropy(logits, targets);
}

/** Emits pixels in 0..1 as the discriminator is given them. */
export function toRange(x: Value, { pixels }: Pick<AdversarialConfig, "pixels">): Value {
  return pixels === "0..1" ? x : subtract(scale(x, 2), scalar(x.builder, 1));
}

/** Emits what the generator puts out as pixels in 0..1. */
export function fromRange(y: Value, { pixels }: Pick<AdversarialConfig, "pixels">): Value {
  return pixels === "0..1" ? y : scale(add(y, scalar(y.builder, 1)), 0.5);
}
