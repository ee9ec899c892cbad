/** Rectified linear unit. */
import gradientWgsl from "../../shaders/relu_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/relu.wgsl" with { type: "text" };
import { elementwiseOp } from "./elementwise.ts";
import type { Op, Value } from "./op.ts";

/** x where x > 0, else +0 (Nair and Hinton 2010); any shape. */
export function relu(x: Value): Value {
  return x.builder.apply(reluOp, [x], {});
}

/** The op behind {@link relu}. */
export const reluOp: Op<unknown> = elementwiseOp({
  name: "relu",
  infer: ([x]) => x!,
  stage: () => ({ name: "relu", wgsl, apply: (x) => x > 0 ? x : 0, simd: true }),
  gradient: ({ output }, dy) => [dy.builder.apply(reluGradientOp, [dy, output], {})],
});

/** dy where the output y is positive, else 0. */
export const reluGradientOp: Op<unknown> = elementwiseOp({
  name: "relu_gradient",
  infer: ([dy]) => dy!,
  stage: () => ({
    name: "relu_gradient",
    wgsl: gradientWgsl,
    apply: (dy, y) => y > 0 ? dy : 0,
    simd: true,
  }),
});
