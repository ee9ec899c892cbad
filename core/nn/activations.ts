/** Activation layers: an elementwise function each, without parameters. */
import { z } from "zod";
import { relu as reluOp } from "../ops/relu.ts";
import { sigmoid as sigmoidOp } from "../ops/sigmoid.ts";
import type { LayerKind } from "./layer.ts";

const reluSchema = z.strictObject({ layer: z.literal("relu") });
const sigmoidSchema = z.strictObject({ layer: z.literal("sigmoid") });

/** A declared rectified linear unit. */
export type Relu = z.infer<typeof reluSchema>;
/** A declared logistic function. */
export type Sigmoid = z.infer<typeof sigmoidSchema>;

/** The layer `relu`. */
export const reluLayer: LayerKind<Relu> = { schema: reluSchema, apply: (_net, x) => reluOp(x) };

/** The layer `sigmoid`. */
export const sigmoidLayer: LayerKind<Sigmoid> = {
  schema: sigmoidSchema,
  apply: (_net, x) => sigmoidOp(x),
};

/** Declares a rectified linear unit. */
export function relu(): Relu {
  return { layer: "relu" };
}

/** Declares a logistic function. */
export function sigmoid(): Sigmoid {
  return { layer: "sigmoid" };
}
