/** The greatest magnitude of a tensor, which is how NaN and infinity are found. */
import wgsl from "../../shaders/max_magnitude.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { type Op, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

const RUN = 512;

/** max |x| as a scalar; NaN if any element is NaN, else infinity if any is infinite. */
export function maxMagnitude(x: Value): Value {
  let result = x;
  do {
    result = x.builder.apply(maxMagnitudeOp, [result], { run: RUN });
  } while (size(result.shape) > 1);
  return x.builder.reshape(result, []);
}

/** The same of each row of x [rows, ...]: [rows]. */
export function rowMagnitudes(x: Value): Value {
  return x.builder.apply(maxMagnitudeOp, [x], { run: size(x.shape.slice(1)) });
}

/** The greatest magnitude of each run of elements. */
export const maxMagnitudeOp: Op<{ readonly run: number }> = {
  name: "max_magnitude",
  infer: ([x], { run }) => ({ shape: [Math.ceil(size(x!.shape) / run)], type: "f32" }),
  kernel([x], y, { run }) {
    const total = size(x!.shape);
    const { workgroups, constants } = linear(size(y!.shape));
    return {
      name: "max_magnitude",
      dispatch: () => ({
        wgsl: fill(wgsl, { ...constants, LENGTH: run, TOTAL: total }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        const bits = (view: View) => new Uint32Array(view.buffer, view.byteOffset, view.length);
        const from = bits(x!), to = bits(y!);
        for (let i = 0; i < to.length; i++) {
          let greatest = 0;
          const end = Math.min((i + 1) * run, total);
          for (let k = i * run; k < end; k++) greatest = Math.max(greatest, from[k]! & 0x7fffffff);
          to[i] = greatest;
        }
      },
      simd: () => [{
        units: constants.COUNT,
        work: total,
        calls: [{
          entry: "max_magnitude",
          arguments: [{ binding: 0 }, { binding: 1 }, run, total],
        }],
      }],
    };
  },
};
