/** What is kept between two numbers. */
import gradientWgsl from "../../shaders/clamp_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/clamp.wgsl" with { type: "text" };
import { elementwiseOp } from "./elementwise.ts";
import { type Op, ShapeError, type Value } from "./op.ts";

const { fround } = Math;

/** The two numbers, rounded to f32. */
export interface ClampAttributes {
  readonly from: number;
  readonly to: number;
}

/**
 * x, but no less than `from` and no more than `to`; any shape. The gradient passes where x is from
 * the one to the other, both included.
 *
 * @throws {RangeError} unless `from` is a number below `to`.
 * @throws {ShapeError} when x is not f32.
 */
export function clamp(x: Value, attributes: ClampAttributes): Value {
  const { from, to } = attributes;
  if (!(fround(from) < fround(to) && Number.isFinite(fround(to) - fround(from)))) {
    throw new RangeError(`clamp: from must be a number below to, not ${from} to ${to}`);
  }
  return x.builder.apply(clampOp, [x], attributes);
}

/** The op behind {@link clamp}. */
export const clampOp: Op<ClampAttributes> = elementwiseOp({
  name: "clamp",
  infer([x]) {
    if (x!.type !== "f32") throw new ShapeError(`the input must be f32, not ${x!.type}`);
    return x!;
  },
  stage(attributes) {
    const { FROM, TO } = constantsOf(attributes);
    return {
      name: "clamp",
      wgsl,
      constants: { FROM, TO },
      apply: (x) => x > TO ? TO : x < FROM ? FROM : x,
    };
  },
  gradient: ({ inputs: [x], attributes }, dy) => [
    dy.builder.apply(clampGradientOp, [dy, x!], attributes),
  ],
});

/** dy where the input x is from the one to the other, else 0. */
export const clampGradientOp: Op<ClampAttributes> = elementwiseOp({
  name: "clamp_gradient",
  infer: ([dy]) => dy!,
  stage(attributes) {
    const { FROM, TO } = constantsOf(attributes);
    return {
      name: "clamp_gradient",
      wgsl: gradientWgsl,
      constants: { FROM, TO },
      apply: (dy, x) => x >= FROM && x <= TO ? dy : 0,
    };
  },
});

function constantsOf({ from, to }: ClampAttributes) {
  return { FROM: fround(from), TO: fround(to) };
}
