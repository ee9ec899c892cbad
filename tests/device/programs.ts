/** Small programs for tests of devices. */
import type { Dispatch, Kernel, Program, View } from "../../core/device/program.ts";
import { compile, type CompiledProgram } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { advance } from "../../core/ops/advance.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { relu } from "../../core/ops/relu.ts";
import { sgdOp } from "../../core/ops/sgd.ts";

/** One kernel over states x and y of `length` elements, as it runs on any adapter. */
export function program(
  { wgsl = "", workgroups = [1, 1, 1], ...kernel }: Partial<Kernel & Dispatch>,
  length = 4,
): Program {
  const whole: Kernel = {
    name: "test",
    dispatch: () => ({ wgsl, workgroups }),
    bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
    reference([x, y]: readonly View[]) {
      y!.set(x!);
    },
    ...kernel,
  };
  return {
    name: "test program",
    buffers: [
      { kind: "state", name: "x", type: "f32", length },
      { kind: "state", name: "y", type: "f32", length },
    ],
    steps: [{
      kernel: whole,
      label: "layer/test",
      slices: [{ buffer: 0, offset: 0, length }, { buffer: 1, offset: 0, length }],
    }],
  };
}

/** y = x * relu(x) over `length` elements: two steps and a slot, since a second operand is not fused. */
export function twoSteps(length: number): CompiledProgram {
  const graph = new Graph();
  const x = graph.leaf({ name: "x", type: "f32", length });
  graph.place(multiply(x, relu(x)), { name: "y", type: "f32", length });
  return compile(graph, "two steps");
}

/** weights -= rate * gradients, and a counter of the runs: a program whose runs build on each other. */
export function training(length: number): CompiledProgram {
  const graph = new Graph();
  const leaf = (name: string, length: number) => graph.leaf({ name, type: "f32", length });
  graph.effect(sgdOp, [leaf("weights", length), leaf("gradients", length), leaf("rate", 1)], {});
  advance(graph.leaf({ name: "step", type: "u32", length: 1 }));
  return compile(graph, "training");
}
