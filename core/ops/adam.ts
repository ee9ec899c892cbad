/** The update of Adam (Kingma and Ba 2015). */
import reciprocalWgsl from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import rsqrtWgsl from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import wgsl from "../../shaders/adam.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { reciprocal } from "../numerics/reciprocal.ts";
import { linear } from "./dispatch.ts";
import { type Op, size } from "./op.ts";
import { fill } from "./template.ts";

const { fround } = Math;
const SMALLEST_SECOND_MOMENT = 2 ** -120;

/**
 * In place over flat buffers: parameters, gradients, first and second moments, and the scalars
 * [beta1, 1 - beta1, beta2, 1 - beta2, rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t), epsilon].
 */
export const adamOp: Op<unknown> = {
  name: "adam",
  infer: () => undefined,
  kernel([parameters]) {
    const count = size(parameters!.shape);
    const { workgroups, constants } = linear(count);
    return {
      name: "adam",
      dispatch: () => ({ wgsl: fill(reciprocalWgsl + rsqrtWgsl + wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "write" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
        { type: "f32", access: "write" },
        { type: "f32", access: "read" },
      ],
      reference([parameters, gradients, first, second, scalars]: readonly View[]) {
        const [beta1, keep1, beta2, keep2, rate, correction, epsilon] = scalars as
          & Float32Array
          & [number, number, number, number, number, number, number];
        for (let i = 0; i < parameters!.length; i++) {
          const g = gradients![i]!;
          const m = flush(fround(fround(beta1 * first![i]!) + fround(keep1 * g)));
          const sum = fround(fround(beta2 * second![i]!) + fround(keep2 * fround(g * g)));
          const v = sum < SMALLEST_SECOND_MOMENT ? 0 : sum;
          first![i] = m;
          second![i] = v;
          // numerics' root is the correctly rounded one, which the engine gives at once.
          const root = fround(fround(Math.sqrt(v)) * correction);
          const step = fround(m * reciprocal(fround(root + epsilon)));
          parameters![i] = flush(fround(parameters![i]! - fround(rate * step)));
        }
      },
      simd: () => [{
        units: count,
        grain: 4,
        work: 8 * count,
        calls: [{ entry: "adam", arguments: [0, 1, 2, 3, 4].map((binding) => ({ binding })) }],
      }],
    };
  },
};
