/** Activation layers: an elementwise function each, without parameters. */
import { z } from "zod";
import { leakyRelu as leakyReluOp } from "../ops/leaky_relu.ts";
import { relu as reluOp } from "../ops/relu.ts";
import { selu as seluOp } from "../ops/selu.ts";
import { sigmoid as sigmoidOp } from "../ops/sigmoid.ts";
import { tanh as tanhOp } from "../ops/tanh.ts";
import type { LayerKind } from "./layer.ts";

const leakyReluSchema = z.strictObject({
  layer: z.literal("leakyRelu"),
  slope: z.number().gt(0).lt(1).default(0.2),
});
const reluSchema = z.strictObject({ layer: z.literal("relu") });
const seluSchema = z.strictObject({ layer: z.literal("selu") });
const sigmoidSchema = z.strictObject({ layer: z.literal("sigmoid") });
const tanhSchema = z.strictObject({ layer: z.literal("tanh") });

/** A declared leaky rectified linear unit, its slope filled in. */
export type LeakyRelu = z.output<typeof leakyReluSchema>;
/** A leaky rectified linear unit as it is declared. */
export type LeakyReluDeclaration = z.input<typeof leakyReluSchema>;
/** A declared rectified linear unit. */
export type Relu = z.infer<typeof reluSchema>;
/** A declared scaled exponential linear unit. */
export type Selu = z.infer<typeof seluSchema>;
/** A declared logistic function. */
export type Sigmoid = z.infer<typeof sigmoidSchema>;
/** A declared hyperbolic tangent. */
export type Tanh = z.infer<typeof tanhSchema>;

/** The names of all activation layers. */
export const ACTIVATIONS: readonly string[] = ["relu", "leakyRelu", "selu", "sigmoid", "tanh"];

/** The layer `leakyRelu`. */
export const leakyReluLayer: LayerKind<LeakyRelu> = {
  schema: leakyReluSchema,
  apply: (_net, x, { slope }) => leakyReluOp(x, { slope }),
};

/** The layer `relu`. */
export const reluLayer: LayerKind<Relu> = { schema: reluSchema, apply: (_net, x) => reluOp(x) };

/** The layer `selu`. */
export const seluLayer: LayerKind<Selu> = { schema: seluSchema, apply: (_net, x) => seluOp(x) };

/** The layer `sigmoid`. */
export const sigmoidLayer: LayerKind<Sigmoid> = {
  schema: sigmoidSchema,
  apply: (_net, x) => sigmoidOp(x),
};

/** The layer `tanh`. */
export const tanhLayer: LayerKind<Tanh> = { schema: tanhSchema, apply: (_net, x) => tanhOp(x) };

/**
 * Declares a leaky rectified linear unit, which leaves `slope` of a negative number, 0.2 if left out.
 *
 * @example
 * ```ts
 * import { leakyRelu } from "./activations.ts";
 * console.assert(leakyRelu({ slope: 0.1 }).layer === "leakyRelu");
 * ```
 */
export function leakyRelu(config: Omit<LeakyReluDeclaration, "layer"> = {}): LeakyReluDeclaration {
  return { layer: "leakyRelu", ...config };
}

/** Declares a rectified linear unit. */
export function relu(): Relu {
  return { layer: "relu" };
}

/** Declares a scaled exponential linear unit. */
export function selu(): Selu {
  return { layer: "selu" };
}

/** Declares a logistic function. */
export function sigmoid(): Sigmoid {
  return { layer: "sigmoid" };
}

/** Declares a hyperbolic tangent. */
export function tanh(): Tanh {
  return { layer: "tanh" };
}
