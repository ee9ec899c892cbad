/** What the tests of schedules share: inputs, and what a graph is compiled to. */
import type { View } from "../../core/device/program.ts";
import { compile, type CompiledProgram } from "../../core/graph/compile.ts";
import { Graph, type State } from "../../core/graph/graph.ts";
import { schedule } from "../../core/graph/schedule.ts";
import { type Shape, size, type Value } from "../../core/ops/op.ts";
import type { Tensor } from "../ops/numbers.ts";

/** A state of f32. */
export const state = (name: string, length: number): State => ({ name, type: "f32", length });

/** What lies in the state of a name. */
export function input(graph: Graph, name: string, shape: Shape): Value {
  return graph.leaf(state(name, size(shape)), shape);
}

/** The kernels of a graph's program. */
export function names(graph: Graph): string[] {
  return compile(graph, "test").steps.map(({ kernel }) => kernel.name);
}

/** Fixed numbers, and what compile() makes of the program that leaves `emit`'s value in `y`. */
export function ofConstants(
  inputs: readonly Tensor[],
  emit: (graph: Graph, constants: readonly Value[]) => Value,
): { readonly program: CompiledProgram; readonly folded: ReadonlyMap<number, View> } {
  const graph = new Graph();
  const constants = inputs.map(({ shape, data }) => graph.constant(data, shape));
  const y = emit(graph, constants);
  graph.place(y, { name: "y", type: y.type, length: size(y.shape) });
  return { program: compile(graph, "test"), folded: schedule(graph).folded };
}
