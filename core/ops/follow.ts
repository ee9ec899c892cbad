/** Running values: exponential moving averages that lie in a state and follow a batch's values. */
import wgsl from "../../shaders/follow.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { type Op, sameShape, ShapeError, show, size, type Value } from "./op.ts";
import { f32, fill } from "./template.ts";

const { fround } = Math;

/** What a running value becomes: keep * running + share * value, both factors rounded to f32. */
export interface FollowAttributes {
  readonly keep: number;
  readonly share: number;
}

/**
 * Lets `running`, as it lies in its state, follow `value` there.
 *
 * @throws {ShapeError} unless both have the same shape.
 */
export function follow(value: Value, running: Value, attributes: FollowAttributes): void {
  value.builder.effect(followOp, [value, running], attributes);
}

/** The op behind {@link follow}. */
export const followOp: Op<FollowAttributes> = {
  name: "follow",
  infer([value, running]) {
    if (!sameShape(value!.shape, running!.shape)) {
      throw new ShapeError(`${show(running!.shape)} cannot follow ${show(value!.shape)}`);
    }
    return undefined;
  },
  kernel([value], _output, { keep, share }) {
    const { workgroups, constants } = linear(size(value!.shape));
    return {
      name: "follow",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, KEEP: f32(keep), SHARE: f32(share) }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([value, running]: readonly View[]) {
        const [kept, taken] = [fround(keep), fround(share)];
        for (let i = 0; i < running!.length; i++) {
          running![i] = flush(fround(fround(kept * running![i]!) + fround(taken * value![i]!)));
        }
      },
    };
  },
};
