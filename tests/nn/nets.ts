/** Declared nets for tests, and what building one gives. */
import { Graph } from "../../core/graph/graph.ts";
import { type Applied, applyLayers, type Layer, layerSchema } from "../../core/nn/layers.ts";
import { Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import { type Shape, size } from "../../core/ops/op.ts";
import { conv2d, dense, flatten, maxPool, relu, sigmoid } from "../../mod.ts";

/** A small net with every kind of layer; its parameters need padding between them. */
export const EVERY_KIND: readonly Layer[] = [
  conv2d({ filters: 3, kernel: 3, padding: "same" }),
  relu(),
  maxPool({ size: 2 }),
  conv2d({ filters: 5, kernel: [1, 2], stride: 2 }),
  sigmoid(),
  flatten(),
  dense({ units: 7 }),
  dense({ units: 4 }),
].map((layer) => layerSchema.parse(layer));

/** A net that was built once over inputs of this shape, without the batch axis. */
export function built(
  layers: readonly Layer[],
  input: Shape,
): { readonly applied: Applied[]; readonly net: Net } {
  const graph = new Graph();
  const net = new Net(graph, new Parameters());
  const x = graph.leaf({ name: "input", type: "f32", length: 2 * size(input) }, [2, ...input]);
  return { applied: applyLayers(net, x, layers), net };
}
