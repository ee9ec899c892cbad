/** The update of RMSprop (Tieleman and Hinton 2012). */
import reciprocalWgsl from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import rsqrtWgsl from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import wgsl from "../../shaders/rmsprop.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { reciprocal } from "../numerics/reciprocal.ts";
import { linear } from "./dispatch.ts";
import { type Op, size } from "./op.ts";
import { fill } from "./template.ts";

const { fround } = Math;
const SMALLEST_SQUARE = 2 ** -120;

/**
 * In place over flat buffers: parameters, gradients, mean squares of the gradients, and the scalars
 * [rho, 1 - rho, learning rate, epsilon].
 */
export const rmspropOp: Op<unknown> = {
  name: "rmsprop",
  infer: () => undefined,
  kernel([parameters]) {
    const count = size(parameters!.shape);
    const { workgroups, constants } = linear(count);
    return {
      name: "rmsprop",
      dispatch: () => ({ wgsl: fill(reciprocalWgsl + rsqrtWgsl + wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "write" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
        { type: "f32", access: "read" },
      ],
      reference([parameters, gradients, squares, scalars]: readonly View[]) {
        const [rho, keep, rate, epsilon] = scalars as
          & Float32Array
          & [number, number, number, number];
        for (let i = 0; i < parameters!.length; i++) {
          const g = gradients![i]!;
          const sum = fround(fround(rho * squares![i]!) + fround(keep * fround(g * g)));
          const v = sum < SMALLEST_SQUARE ? 0 : sum;
          squares![i] = v;
          // numerics' root is the correctly rounded one, which the engine gives at once.
          const root = fround(Math.sqrt(v));
          const step = fround(g * reciprocal(fround(root + epsilon)));
          parameters![i] = flush(fround(parameters![i]! - fround(rate * step)));
        }
      },
      simd: () => [{
        units: count,
        grain: 4,
        work: 6 * count,
        calls: [{ entry: "rmsprop", arguments: [0, 1, 2, 3].map((binding) => ({ binding })) }],
      }],
    };
  },
};
