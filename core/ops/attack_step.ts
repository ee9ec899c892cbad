/** One step of an attack in the max norm (Goodfellow et al. 2015; Madry et al. 2018). */
import wgsl from "../../shaders/attack_step.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { type Op, sameShape, ShapeError, show, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/**
 * x moved by a step in the direction of the gradient's sign, then back into the ball around the origin
 * and into 0..1; x, gradient and origin of any one shape. Where the gradient is 0, x does not move.
 * For an origin in 0..1 the result is at most epsilon + 2^-25 from it: the ball's ends are rounded.
 *
 * No gradient flows through a step: as in adversarial training, what it gives is data.
 *
 * @param sizes f32 [2]: epsilon, the ball's radius, and the step's size; a negative one descends.
 * @throws {ShapeError} when the tensors do not fit together.
 */
export function attackStep(x: Value, gradient: Value, origin: Value, sizes: Value): Value {
  return x.builder.apply(attackStepOp, [x, gradient, origin, sizes], {});
}

/** The op behind {@link attackStep}. */
export const attackStepOp: Op<unknown> = {
  name: "attack_step",
  infer([x, gradient, origin, sizes]) {
    for (const other of [gradient!, origin!]) {
      if (!sameShape(x!.shape, other.shape)) {
        throw new ShapeError(
          `x ${show(x!.shape)}, gradient ${show(gradient!.shape)} and origin ` +
            `${show(origin!.shape)} must have the same shape`,
        );
      }
    }
    if ([x, gradient, origin, sizes].some((one) => one!.type !== "f32")) {
      throw new ShapeError("x, gradient, origin and sizes must be f32");
    }
    if (!sameShape(sizes!.shape, [2])) {
      throw new ShapeError(
        `sizes must be [2], epsilon and the step's size, not ${show(sizes!.shape)}`,
      );
    }
    return x!;
  },
  kernel([x]) {
    const { workgroups, constants } = linear(size(x!.shape));
    const read = { type: "f32", access: "read" } as const;
    return {
      name: "attack_step",
      dispatch: () => ({ wgsl: fill(wgsl, constants), workgroups }),
      bindings: [read, read, read, read, { type: "f32", access: "write" }],
      reference([x, gradient, origin, sizes, y]: readonly View[]) {
        const [epsilon, step] = sizes as unknown as [number, number];
        for (let i = 0; i < constants.COUNT; i++) {
          const slope = flush(gradient![i]!);
          let next = slope === 0 ? x![i]! : fround(x![i]! + (slope < 0 ? -step : step));
          const low = fround(origin![i]! - epsilon);
          const high = fround(origin![i]! + epsilon);
          if (next < low) next = low;
          if (next > high) next = high;
          if (next < 0) next = 0;
          if (next > 1) next = 1;
          y![i] = flush(next);
        }
      },
    };
  },
  gradient: ({ inputs }) => inputs.map(() => undefined),
};
