/** Counters that step along with a program, so that many runs fit one submission. */
import wgsl from "../../shaders/advance.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** Adds one to each u32 of `counters`, in place. */
export function advance(counters: Value): void {
  counters.builder.effect(advanceOp, [counters], {});
}

/** The op behind {@link advance}. */
export const advanceOp: Op<unknown> = {
  name: "advance",
  infer([counters]) {
    expectRank("the counters", counters!, 1, "u32");
    return undefined;
  },
  kernel([counters]) {
    const { workgroups, constants } = linear(size(counters!.shape));
    return {
      name: "advance",
      dispatch: () => ({ wgsl: fill(wgsl, { COUNT: constants.COUNT }), workgroups }),
      bindings: [{ type: "u32", access: "write" }],
      reference([counters]: readonly View[]) {
        for (let i = 0; i < counters!.length; i++) counters![i]! += 1;
      },
    };
  },
};
