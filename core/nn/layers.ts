/** All kinds of layers; adding one adds its file and a line in each of the two lists here. */
import { z } from "zod";
import { ShapeError, type Value } from "../ops/op.ts";
import {
  type LeakyRelu,
  type LeakyReluDeclaration,
  leakyReluLayer,
  type Relu,
  reluLayer,
  type Selu,
  seluLayer,
  type Sigmoid,
  sigmoidLayer,
  type Tanh,
  tanhLayer,
} from "./activations.ts";
import { type BatchNorm, type BatchNormDeclaration, batchNormLayer } from "./batch_norm.ts";
import { type Conv2d, type Conv2dDeclaration, conv2dLayer } from "./conv2d.ts";
import {
  type Conv2dTranspose,
  type Conv2dTransposeDeclaration,
  conv2dTransposeLayer,
} from "./conv2d_transpose.ts";
import { type Dense, denseLayer } from "./dense.ts";
import { type Dropout, dropoutLayer } from "./dropout.ts";
import { type Flatten, flattenLayer } from "./flatten.ts";
import { type GlobalAveragePool, globalAveragePoolLayer } from "./global_average_pool.ts";
import type { LayerKind } from "./layer.ts";
import { type MaxPool, maxPoolLayer } from "./max_pool.ts";
import type { Net } from "./net.ts";
import { type Reshape, reshapeLayer } from "./reshape.ts";
import { type Upsample, upsampleLayer } from "./upsample.ts";

/** A declared layer of any kind, defaults filled in. */
export type Layer =
  | BatchNorm
  | Conv2d
  | Conv2dTranspose
  | Dense
  | Dropout
  | Flatten
  | GlobalAveragePool
  | LeakyRelu
  | MaxPool
  | Relu
  | Reshape
  | Selu
  | Sigmoid
  | Tanh
  | Upsample;

/** A layer of any kind as it is declared. */
export type LayerDeclaration =
  | BatchNormDeclaration
  | Conv2dDeclaration
  | Conv2dTransposeDeclaration
  | LeakyReluDeclaration
  | Exclude<Layer, BatchNorm | Conv2d | Conv2dTranspose | LeakyRelu>;

const KINDS: { readonly [K in Layer["layer"]]: LayerKind<Extract<Layer, { layer: K }>> } = {
  batchNorm: batchNormLayer,
  conv2d: conv2dLayer,
  conv2dTranspose: conv2dTransposeLayer,
  dense: denseLayer,
  dropout: dropoutLayer,
  flatten: flattenLayer,
  globalAveragePool: globalAveragePoolLayer,
  leakyRelu: leakyReluLayer,
  maxPool: maxPoolLayer,
  relu: reluLayer,
  reshape: reshapeLayer,
  selu: seluLayer,
  sigmoid: sigmoidLayer,
  tanh: tanhLayer,
  upsample: upsampleLayer,
};

/** The schema of a declared layer. */
export const layerSchema: z.ZodType<Layer, LayerDeclaration> = z.discriminatedUnion(
  "layer",
  Object.values(KINDS).map((kind) => kind.schema) as never,
);

/** The names of layers in a net: `<kind><n>`, counted from 1 within its kind: `conv2d1`. */
export function layerNames(layers: readonly Layer[]): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ layer }) => {
    const count = (counts.get(layer) ?? 0) + 1;
    counts.set(layer, count);
    return `${layer}${count}`;
  });
}

/** Whether a layer has weights and leaves it to its arm where they start. */
export function leavesWeights(layer: Layer): boolean {
  const has = "weights" in KINDS[layer.layer].schema.shape;
  return has && (layer as { readonly weights?: unknown }).weights === undefined;
}

/** One layer as it was emitted: its name and its output. */
export interface Applied {
  /** See {@link layerNames}. */
  readonly name: string;
  readonly layer: Layer;
  readonly input: Value;
  readonly output: Value;
}

/**
 * Emits layers one after the other, each under its name, and returns what each gave; the last
 * output is the net's.
 *
 * @throws {ShapeError} naming the layer when it does not fit its input.
 */
export function applyLayers(net: Net, x: Value, layers: readonly Layer[]): Applied[] {
  const names = layerNames(layers);
  let input = x;
  return layers.map((layer, i) => {
    const name = names[i]!;
    const kind = KINDS[layer.layer] as LayerKind<Layer>;
    const output = net.graph.scope(
      name,
      () => naming(net.graph.path, () => kind.apply(net, input, layer)),
    );
    const applied = { name, layer, input, output };
    input = output;
    return applied;
  });
}

/** An op's shape error names its layer already; a layer's own check does not. */
function naming<T>(path: string, emit: () => T): T {
  try {
    return emit();
  } catch (error) {
    if (!(error instanceof ShapeError) || error.message.startsWith("layer ")) throw error;
    throw new ShapeError(`layer "${path}": ${error.message}`, { cause: error });
  }
}
