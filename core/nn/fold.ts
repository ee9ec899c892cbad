/**
 * Folding: a batch normalisation in inference scales and shifts each channel by fixed numbers, and so
 * may the layer before it, if that is a sum of weighted inputs. What is then left computes the same
 * function with fewer layers, up to rounding: normalisation helps a net to learn and adds nothing to
 * what a net can express.
 */
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { sameShape, type Shape, show, size } from "../ops/op.ts";
import type { BatchNorm } from "./batch_norm.ts";
import type { Conv2d } from "./conv2d.ts";
import type { Conv2dTranspose } from "./conv2d_transpose.ts";
import type { Dense } from "./dense.ts";
import { type Layer, type LayerDeclaration, layerNames, layerSchema } from "./layers.ts";

/** Trained tensors by name: `dense1/weights`, `batchNorm1/running mean`. */
export type NetTensors = ReadonlyMap<string, { readonly shape: Shape; readonly data: View }>;

/** A net with what was trained of it. */
export interface TrainedNet {
  readonly layers: readonly Layer[];
  readonly tensors: NetTensors;
}

/** A layer whose outputs are weighted sums; the last axis of its weights is its channels. */
type Linear = Conv2d | Conv2dTranspose | Dense;

/** A layer of the folded net, with its name and its tensors as they were saved. */
interface Part {
  readonly name: string;
  readonly layer: Layer;
  readonly tensors: NetTensors;
}

/** Whether a batch normalisation of a net can be folded. */
export function canFold(layers: readonly Layer[]): boolean {
  return layers.some(({ layer }, i) => layer === "batchNorm" && isLinear(layers[i - 1]));
}

/**
 * The same net for inference without each batch normalisation that directly follows a conv2d,
 * conv2dTranspose or dense layer, whose weights and bias it goes into: with s = gamma /
 * sqrt(running variance + epsilon), weights * s and (bias - running mean) * s + beta, by output
 * channel, in f64 and rounded once to f32. Such a layer has a bias then. Layers are counted anew, so
 * a batch normalisation that stays may have another name. Tensors that are no layer's, as an
 * optimiser's moments, are left out.
 *
 * @param layers the net as it is declared.
 * @param tensors its parameters and running statistics: conv weights [kernel height, kernel width,
 * channels, filters], dense [features, units], all others [channels].
 * @throws {TypeError} naming the tensor that is missing or has another shape.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { batchNorm, dense, foldBatchNorm } from "../../mod.ts";
 *
 * const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
 * const { layers, tensors } = foldBatchNorm(
 *   [dense({ units: 1 }), batchNorm({ epsilon: 0.5 })],
 *   new Map([
 *     ["dense1/weights", { shape: [2, 1], data: Float32Array.of(1, 2) }],
 *     ["dense1/bias", one(3)],
 *     ["batchNorm1/gamma", one(6)],
 *     ["batchNorm1/beta", one(7)],
 *     ["batchNorm1/running mean", one(1)],
 *     ["batchNorm1/running variance", one(3.5)],
 *   ]),
 * );
 * assert.deepEqual(layers, [{ layer: "dense", units: 1 }]);
 * assert.deepEqual([...tensors.keys()], ["dense1/weights", "dense1/bias"]);
 * assert.deepEqual(tensors.get("dense1/weights")!.data, Float32Array.of(3, 6));
 * assert.deepEqual(tensors.get("dense1/bias")!.data, Float32Array.of((3 - 1) * 3 + 7));
 * ```
 */
export function foldBatchNorm(
  layers: readonly LayerDeclaration[],
  tensors: NetTensors,
): TrainedNet {
  const declared = layers.map((layer) => layerSchema.parse(layer));
  const names = layerNames(declared);
  const parts: Part[] = [];
  declared.forEach((layer, i) => {
    const own = [...tensors].filter(([name]) => name.startsWith(`${names[i]}/`));
    const part = { name: names[i]!, layer, tensors: new Map(own) };
    const last = parts.at(-1);
    if (layer.layer === "batchNorm" && last && isLinear(last.layer)) {
      parts.splice(-1, 1, folded(last, last.layer, part, layer));
    } else {
      parts.push(part);
    }
  });
  const left = parts.map(({ layer }) => layer);
  const anew = layerNames(left);
  const renamed = parts.flatMap(({ name, tensors }, i) =>
    [...tensors].map(([tensor, saved]) => [anew[i] + tensor.slice(name.length), saved] as const)
  );
  return { layers: left, tensors: new Map(renamed) };
}

function isLinear(layer: Layer | undefined): layer is Linear {
  return layer?.layer === "conv2d" || layer?.layer === "conv2dTranspose" ||
    layer?.layer === "dense";
}

/** A linear part with the batch normalisation that follows it. */
function folded(linear: Part, layer: Linear, norm: Part, { epsilon }: BatchNorm): Part {
  const channels = layer.layer === "dense" ? layer.units : layer.filters;
  const take = (part: Part, role: string, shape?: Shape) => {
    const name = `${part.name}/${role}`;
    const found = part.tensors.get(name);
    const expected = shape ?? [...found?.shape.slice(0, -1) ?? [], channels];
    if (
      found?.data instanceof Float32Array && sameShape(found.shape, expected) &&
      found.data.length === size(expected)
    ) return { shape: expected, data: found.data };
    throw new TypeError(
      `the tensors do not fit the net: "${name}" must be f32 with the ${channels} channels of ` +
        `${linear.name} on its last axis, for ${norm.name} to be folded into it, ` +
        (found ? `not ${show(found.shape)}` : "but is missing"),
    );
  };
  const numbers = (part: Part, role: string) => take(part, role, [channels]).data;
  const variance = numbers(norm, "running variance");
  const scale = Array.from(
    numbers(norm, "gamma"),
    (gamma, c) => gamma / Math.sqrt(variance[c]! + epsilon),
  );
  const mean = numbers(norm, "running mean"), beta = numbers(norm, "beta");
  const weights = take(linear, "weights");
  const bias = layer.bias === false ? new Float32Array(channels) : numbers(linear, "bias");
  const { bias: _, ...biased } = layer;
  return {
    name: linear.name,
    layer: biased,
    tensors: new Map([
      [`${linear.name}/weights`, {
        shape: weights.shape,
        data: Float32Array.from(weights.data, (w, i) => stored(w * scale[i % channels]!)),
      }],
      [`${linear.name}/bias`, {
        shape: [channels],
        data: Float32Array.from(bias, (b, c) => stored((b - mean[c]!) * scale[c]! + beta[c]!)),
      }],
    ]),
  };
}

/** As f32, by the contract's rule for small numbers. */
function stored(x: number): number {
  return flush(Math.fround(x));
}
