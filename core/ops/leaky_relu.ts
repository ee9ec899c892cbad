/** Leaky rectified linear unit. */
import gradientWgsl from "../../shaders/leaky_relu_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/leaky_relu.wgsl" with { type: "text" };
import { elementwiseOp } from "./elementwise.ts";
import type { Op, Value } from "./op.ts";

const { fround } = Math;

/** What is left of a negative number. */
export interface LeakyReluAttributes {
  /** Above 0, so that the output has the input's sign, and below 1. */
  readonly slope: number;
}

/**
 * x where x > 0, else slope * x (Maas, Hannun and Ng 2013); any shape.
 *
 * @throws {RangeError} unless the slope is above 0 and below 1.
 */
export function leakyRelu(x: Value, attributes: LeakyReluAttributes): Value {
  const { slope } = attributes;
  if (!(slope > 0 && slope < 1)) {
    throw new RangeError(`leaky_relu: the slope must be above 0 and below 1, not ${slope}`);
  }
  return x.builder.apply(leakyReluOp, [x], attributes);
}

/** The op behind {@link leakyRelu}. */
export const leakyReluOp: Op<LeakyReluAttributes> = elementwiseOp({
  name: "leaky_relu",
  infer: ([x]) => x!,
  stage({ slope }) {
    const factor = fround(slope);
    return {
      name: "leaky_relu",
      wgsl,
      constants: { SLOPE: factor },
      apply: (x) => x > 0 ? x : fround(factor * x),
      simd: true,
    };
  },
  gradient: ({ output, attributes }, dy) => [
    dy.builder.apply(leakyReluGradientOp, [dy, output], attributes),
  ],
});

/** dy where the output y is positive, else slope * dy. */
export const leakyReluGradientOp: Op<LeakyReluAttributes> = elementwiseOp({
  name: "leaky_relu_gradient",
  infer: ([dy]) => dy!,
  stage({ slope }) {
    const factor = fround(slope);
    return {
      name: "leaky_relu_gradient",
      wgsl: gradientWgsl,
      constants: { SLOPE: factor },
      apply: (dy, y) => y > 0 ? dy : fround(factor * dy),
      simd: true,
    };
  },
});
