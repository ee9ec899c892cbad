/** Rectified linear unit. */
import gradientWgsl from "../../shaders/relu_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/relu.wgsl" with { type: "text" };
import { binaryKernel, unaryKernel } from "./elementwise.ts";
import type { Op, Value } from "./op.ts";

/** x where x > 0, else +0 (Nair and Hinton 2010); any shape. */
export function relu(x: Value): Value {
  return x.builder.apply(reluOp, [x], {});
}

/** The op behind {@link relu}. */
export const reluOp: Op<unknown> = {
  name: "relu",
  infer: ([x]) => x!,
  kernel: ([x]) => unaryKernel("relu", wgsl, x!.shape, (x) => x > 0 ? x : 0),
  gradient: ({ output }, dy) => [dy.builder.apply(reluGradientOp, [dy, output], {})],
};

/** dy where the output y is positive, else 0. */
export const reluGradientOp: Op<unknown> = {
  name: "relu_gradient",
  infer: ([dy]) => dy!,
  kernel: ([dy]) =>
    binaryKernel(
      "relu_gradient",
      gradientWgsl,
      { a: dy!.shape, b: dy!.shape, y: dy!.shape },
      (dy, y) => y > 0 ? dy : 0,
    ),
};
