/** What a declared net is made of: shapes and parameters by layer, with nothing allocated. */
import { Graph } from "../graph/graph.ts";
import { type Shape, size } from "../ops/op.ts";
import { applyLayers, type Layer, type LayerDeclaration, layerSchema } from "./layers.ts";
import { Net } from "./net.ts";
import { Parameters } from "./parameters.ts";

/** One layer of a described net. */
export interface LayerDescription {
  /** `<kind><n>`, e.g. `conv2d1`. */
  readonly name: string;
  readonly layer: Layer;
  /** Without the batch axis. */
  readonly input: Shape;
  readonly output: Shape;
  /** Trainable numbers of this layer. */
  readonly parameters: number;
}

/**
 * Describes a net over inputs of shape `input` (without the batch axis).
 *
 * @throws {ShapeError} naming the first layer that does not fit its input.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { conv2d } from "./conv2d.ts";
 * import { describeNet } from "./describe.ts";
 * const [conv] = describeNet([conv2d({ filters: 32, kernel: 3 })], [32, 32, 3]);
 * assert.deepEqual(conv!.output, [30, 30, 32]);
 * assert.equal(conv!.parameters, 896);
 * ```
 */
export function describeNet(layers: readonly LayerDeclaration[], input: Shape): LayerDescription[] {
  const graph = new Graph();
  const parameters = new Parameters();
  const x = graph.leaf({ name: "input", type: "f32", length: size(input) }, [1, ...input]);
  const declared = layers.map((layer) => layerSchema.parse(layer));
  return applyLayers(new Net(graph, parameters), x, declared).map(
    ({ name, layer, input, output }) => ({
      name,
      layer,
      input: input.shape.slice(1),
      output: output.shape.slice(1),
      parameters: parameters.list
        .filter((parameter) => parameter.name.startsWith(`${name}/`))
        .reduce((sum, { shape }) => sum + size(shape), 0),
    }),
  );
}

/** Trainable numbers of a whole net. */
export function parameterCount(layers: readonly LayerDeclaration[], input: Shape): number {
  return describeNet(layers, input).reduce((sum, { parameters }) => sum + parameters, 0);
}
