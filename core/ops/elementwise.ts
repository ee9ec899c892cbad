/** Kernels that compute each output element from one element of each input. */
import binary from "../../shaders/lib/binary.wgsl" with { type: "text" };
import unary from "../../shaders/lib/unary.wgsl" with { type: "text" };
import type { Kernel, View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { broadcastIndex } from "./broadcast.ts";
import { linear } from "./dispatch.ts";
import { type Shape, size } from "./op.ts";
import { type Constants, fill } from "./template.ts";

/** A kernel `y = apply(x)`; `wgsl` holds `fn apply(x)` and what it needs. */
export function unaryKernel(
  name: string,
  wgsl: string,
  shape: Shape,
  apply: (x: number) => number,
): Kernel {
  const { workgroups, constants } = linear(size(shape));
  return {
    name,
    wgsl: fill(wgsl + unary, constants),
    bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
    workgroups,
    reference([x, y]: readonly View[]) {
      for (let i = 0; i < constants.COUNT; i++) y![i] = flush(apply(x![i]!));
    },
  };
}

/** A kernel `y = apply(a, b)` with broadcasting; `wgsl` holds `fn apply(a, b)`. */
export function binaryKernel(
  name: string,
  wgsl: string,
  shapes: { readonly a: Shape; readonly b: Shape; readonly y: Shape },
  apply: (a: number, b: number) => number,
  extra: Constants = {},
): Kernel {
  const { workgroups, constants } = linear(size(shapes.y));
  const a = broadcastIndex(shapes.a, shapes.y);
  const b = broadcastIndex(shapes.b, shapes.y);
  const indices = `fn a_index(i: u32) -> u32 { return ${a.wgsl}; }\n` +
    `fn b_index(i: u32) -> u32 { return ${b.wgsl}; }\n`;
  return {
    name,
    wgsl: fill(indices + wgsl + binary, { ...constants, ...extra }),
    bindings: [
      { type: "f32", access: "read" },
      { type: "f32", access: "read" },
      { type: "f32", access: "write" },
    ],
    workgroups,
    reference([left, right, y]: readonly View[]) {
      const run = Math.min(a.run, b.run);
      for (let start = 0; start < constants.COUNT; start += run) {
        const aStart = a.at(start), bStart = b.at(start);
        for (let j = 0; j < run; j++) {
          y![start + j] = flush(apply(left![aStart + j * a.step]!, right![bStart + j * b.step]!));
        }
      }
    },
  };
}
