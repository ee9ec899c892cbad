/** Logistic function. */
import expWgsl from "../../shaders/lib/exp.wgsl" with { type: "text" };
import reciprocalWgsl from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import sigmoidWgsl from "../../shaders/lib/sigmoid.wgsl" with { type: "text" };
import gradientWgsl from "../../shaders/sigmoid_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/sigmoid.wgsl" with { type: "text" };
import { sigmoid as logistic } from "../numerics/sigmoid.ts";
import { elementwiseOp } from "./elementwise.ts";
import type { Op, Value } from "./op.ts";

const { fround } = Math;

/** 1 / (1 + exp(-x)), stored as +0 below -35.3; any shape. */
export function sigmoid(x: Value): Value {
  return x.builder.apply(sigmoidOp, [x], {});
}

/** The op behind {@link sigmoid}. */
export const sigmoidOp: Op<unknown> = elementwiseOp({
  name: "sigmoid",
  infer: ([x]) => x!,
  stage: () => ({
    name: "sigmoid",
    libraries: [expWgsl, reciprocalWgsl, sigmoidWgsl],
    wgsl,
    apply: logistic,
    simd: true,
  }),
  gradient: ({ output }, dy) => [dy.builder.apply(sigmoidGradientOp, [dy, output], {})],
});

/** dy * y * (1 - y). */
export const sigmoidGradientOp: Op<unknown> = elementwiseOp({
  name: "sigmoid_gradient",
  infer: ([dy]) => dy!,
  stage: () => ({
    name: "sigmoid_gradient",
    wgsl: gradientWgsl,
    apply: (dy, y) => fround(dy * fround(y * fround(1 - y))),
    simd: true,
  }),
});
