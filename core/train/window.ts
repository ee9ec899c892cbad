/**
 * A window of training steps: everything that its steps need lies on the device in tables of a row a
 * step, and what they measure comes back in a ring, so that a window runs without the host.
 */
import type { BatchOrder } from "../data/batches.ts";
import type { Memory } from "../device/device.ts";
import type { Graph, State } from "../graph/graph.ts";
import { gather } from "../ops/gather.ts";
import type { Value } from "../ops/op.ts";

/** Steps that the tables and the ring have room for. */
export const WINDOW = 64;

/** Names of the states that the host writes and reads. */
export const STATES = {
  cursor: "cursor",
  order: "order",
  unlabelled: "unlabelled order",
  steps: "steps",
  ring: "ring",
} as const;

/** Emits the row that the present step reads. */
export function emitCursor(graph: Graph): Value {
  return graph.leaf({ name: STATES.cursor, type: "u32", length: 1 });
}

/** Emits the ring of so many columns. */
export function emitRing(graph: Graph, columns: number): Value {
  const state: State = { name: STATES.ring, type: "f32", length: WINDOW * columns };
  return graph.leaf(state, [WINDOW, columns]);
}

/** Emits the images of the present step: u32 [batch], out of an order of the window. */
export function emitOrder(
  graph: Graph,
  cursor: Value,
  batch: number,
  name: typeof STATES.order | typeof STATES.unlabelled = STATES.order,
): Value {
  const state: State = { name, type: "u32", length: WINDOW * batch };
  return graph.reshape(gather(graph.leaf(state, [WINDOW, batch]), cursor), [batch]);
}

/** Emits the number of the present step, counted from 0 over the whole training: u32 [1]. */
export function emitStep(graph: Graph, cursor: Value): Value {
  return gather(graph.leaf({ name: STATES.steps, type: "u32", length: WINDOW }), cursor);
}

/** Writes what steps `from` to `to - 1` need, but for the optimisers' scalars. */
export function writeWindow(
  memory: Memory,
  { from, to }: { readonly from: number; readonly to: number },
  order: BatchOrder,
): void {
  const table = (row: (step: number) => Uint32Array) =>
    new Uint32Array(Array.from({ length: to - from }, (_, i) => [...row(from + i)]).flat());
  memory.write(STATES.order, table((step) => order.batch(step)));
  if (order.unlabelled) memory.write(STATES.unlabelled, table(order.unlabelled));
  memory.write(STATES.cursor, new Uint32Array(1));
}

/** Writes the numbers of the steps from `from` on, for programs that draw random numbers. */
export function writeSteps(memory: Memory, from: number): void {
  memory.write(STATES.steps, Uint32Array.from({ length: WINDOW }, (_, i) => from + i));
}
