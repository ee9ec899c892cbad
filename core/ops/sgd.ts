/** The update of stochastic gradient descent. */
import wgsl from "../../shaders/sgd.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { type Op, size } from "./op.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/** In place over flat buffers: parameters, gradients, scalars [learning rate]. */
export const sgdOp: Op<unknown> = {
  name: "sgd",
  infer: () => undefined,
  kernel([parameters]) {
    const { workgroups, constants } = linear(size(parameters!.shape));
    return {
      name: "sgd",
      dispatch: () => ({ wgsl: fill(wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "write" },
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
      ],
      reference([parameters, gradients, scalars]: readonly View[]) {
        const rate = scalars![0]!;
        for (let i = 0; i < parameters!.length; i++) {
          parameters![i] = flush(fround(parameters![i]! - fround(rate * gradients![i]!)));
        }
      },
    };
  },
};
