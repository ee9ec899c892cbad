/** Copies a tensor, for a value that must lie in two places. */
import wgsl from "../../shaders/copy.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { type Op, size } from "./op.ts";
import { fill } from "./template.ts";

/** The same elements, of either type, elsewhere; bits are copied, so u32 passes unharmed. */
export const copyOp: Op<unknown> = {
  name: "copy",
  infer: ([x]) => x!,
  kernel([x]) {
    const { workgroups, constants } = linear(size(x!.shape));
    return {
      name: "copy",
      dispatch: () => ({ wgsl: fill(wgsl, constants), workgroups }),
      bindings: [{ type: x!.type, access: "read" }, { type: x!.type, access: "write" }],
      reference([x, y]: readonly View[]) {
        y!.set(x!);
      },
    };
  },
  gradient: (_, dy) => [dy],
};
