/**
 * The programs by which a pair in adversarial training is looked at: generated images, held-out real
 * ones, and noise, with what the discriminator in inference mode and a yardstick, a classifier trained
 * before, make of them. They share the pair's states, and each run gives one batch.
 */
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { Graph, type State } from "../graph/graph.ts";
import { ACTIVATIONS } from "../nn/activations.ts";
import { type Applied, applyLayers, type Layer } from "../nn/layers.ts";
import { Net } from "../nn/net.ts";
import { ShapeError, size, type Value } from "../ops/op.ts";
import { random } from "../ops/random.ts";
import { softmax } from "../ops/softmax.ts";
import {
  type AdversarialConfig,
  emitLogits,
  fromRange,
  generatorImages,
  lossOf,
  type Pair,
  toRange,
} from "./adversarial.ts";
import { emitBatch, type ImageStore } from "./image_store.ts";
import { NetState } from "./net_state.ts";

/** Images of one run. */
export const LOOK_BATCH = 250;

/** The form of a yardstick. */
export interface YardstickNet {
  readonly net: readonly Layer[];
  /** The layer whose outputs are the features. */
  readonly features: string;
}

/** Compiled programs that share the pair's states. */
export interface LookPrograms {
  /** Images [LOOK_BATCH, ...] of values in 0..1 from the codes that the host writes. */
  readonly generated: CompiledProgram;
  /** The images in the store `held out` whose indices the host writes, by the discriminator. */
  readonly real: CompiledProgram;
  /** The same by the yardstick, which does not learn; only where there is one. */
  readonly known?: CompiledProgram;
  /** Uniform noise of batch `round`; only where there is a yardstick. */
  readonly noise?: CompiledProgram;
  /** The yardstick, whose weights the host writes. */
  readonly yardstick?: NetState;
  /** Hidden activations, by net and layer, that stand in {@link activationState}s. */
  readonly activations: readonly HiddenActivation[];
}

/** The outputs of an activation inside a net. */
export interface HiddenActivation {
  /** `generator/selu1`. */
  readonly name: string;
  readonly of: "generator" | "discriminator";
  /** Numbers an image. */
  readonly units: number;
}

/** Names of the states that the host writes and reads. */
export const LOOK = {
  round: "look round",
  indices: "look indices",
  codes: "look codes",
  noise: "look noise key",
  images: "look images",
  logits: "look logits",
  losses: "look losses",
  features: "look features",
  probabilities: "look probabilities",
} as const;

/** The state that holds a hidden activation's outputs of one batch. */
export function activationState({ name, units }: HiddenActivation): State {
  return { name: `look activation ${name}`, type: "f32", length: LOOK_BATCH * units };
}

/**
 * @throws {ShapeError} when the yardstick has no layer of that name, or does not fit the images.
 */
export function buildLook(
  config: AdversarialConfig,
  heldOut: ImageStore,
  pair: Pair,
  yardstick: YardstickNet | undefined,
  withActivations: boolean,
): LookPrograms {
  const { image } = heldOut;
  const judge = yardstick && { ...yardstick, state: new NetState("yardstick") };
  const hidden: HiddenActivation[] = [];

  const judged = (graph: Graph, images: Value) => {
    if (!judge) return;
    const net = new Net(graph, judge.state.parameters, { statistics: judge.state.statistics });
    const layers = applyLayers(net, images, judge.net);
    const features = layers.find(({ name }) => name === judge.features)?.output;
    const logits = layers.at(-1)!.output;
    if (!features) {
      throw new ShapeError(
        `the yardstick has no layer "${judge.features}"; it has ${
          layers.map(({ name }) => name).join(", ")
        }`,
      );
    }
    placed(graph, features, LOOK.features);
    placed(graph, softmax(logits), LOOK.probabilities);
  };
  const answered = (graph: Graph, images: Value, label: 0 | 1) => {
    const { parameters, statistics } = pair.discriminator;
    const net = new Net(graph, parameters, { statistics });
    const layers = emitLogits(net, images, config);
    placed(graph, layers.logits, LOOK.logits);
    placed(graph, lossOf(layers.logits, label), LOOK.losses);
    keep(graph, "discriminator", layers.applied);
  };
  const keep = (graph: Graph, of: HiddenActivation["of"], applied: readonly Applied[]) => {
    for (const { name, layer, output } of applied.slice(0, -1)) {
      if (!withActivations || !ACTIVATIONS.includes(layer.layer)) continue;
      const activation = { name: `${of}/${name}`, of, units: size(output.shape) / LOOK_BATCH };
      if (!hidden.some((known) => known.name === activation.name)) hidden.push(activation);
      graph.place(output, activationState(activation));
    }
  };

  const generated = () => {
    const graph = new Graph();
    const shape = [LOOK_BATCH, 1, 1, config.code];
    const codes = graph.leaf({ name: LOOK.codes, type: "f32", length: size(shape) }, shape);
    const { parameters, statistics } = pair.generator;
    const net = new Net(graph, parameters, { statistics });
    const { images: output, applied } = generatorImages(net, codes, config, image);
    keep(graph, "generator", applied);
    const images = fromRange(output, config);
    placed(graph, images, LOOK.images);
    judged(graph, images);
    answered(graph, output, 0);
    return compile(graph, "look at generated images");
  };
  const chosen = (graph: Graph) => {
    const indices: State = { name: LOOK.indices, type: "u32", length: LOOK_BATCH };
    return emitBatch(graph, heldOut, graph.leaf(indices)).x;
  };
  const real = () => {
    const graph = new Graph();
    answered(graph, toRange(chosen(graph), config), 1);
    return compile(graph, "look at real images");
  };
  const known = () => {
    const graph = new Graph();
    judged(graph, chosen(graph));
    return compile(graph, "look at known images");
  };
  const noise = () => {
    const graph = new Graph();
    const key = graph.leaf({ name: LOOK.noise, type: "u32", length: 2 });
    const round = graph.leaf({ name: LOOK.round, type: "u32", length: 1 });
    judged(graph, random(key, round, { kind: "uniform", shape: [LOOK_BATCH, ...image] }));
    return compile(graph, "look at noise");
  };
  const programs = { generated: generated(), real: real(), activations: hidden };
  if (!judge) return programs;
  return { ...programs, known: known(), noise: noise(), yardstick: judge.state };
}

function placed(graph: Graph, value: Value, name: string): void {
  graph.place(value, { name, type: "f32", length: size(value.shape) });
}
