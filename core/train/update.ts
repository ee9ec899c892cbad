/** The end of a training step: gradients, what is measured of them, and the optimiser's update. */
import { gradients } from "../graph/gradients.ts";
import type { Graph, State } from "../graph/graph.ts";
import { FLAT, type Net } from "../nn/net.ts";
import { type Optimiser, optimiserKind } from "../optim/optimisers.ts";
import { add, scale } from "../ops/arithmetic.ts";
import { gather } from "../ops/gather.ts";
import type { Value } from "../ops/op.ts";
import { WINDOW } from "./window.ts";

/** The optimiser's scalars of a window of steps go here. */
export function scheduleState(owner: string, optimiser: Optimiser): State {
  return {
    name: owner ? `${owner} schedule` : "schedule",
    type: "f32",
    length: WINDOW * optimiserKind(optimiser).scalarCount,
  };
}

/** Emits the gradients of a loss with respect to all parameters of a net, into their flat buffer. */
export function emitGradients(graph: Graph, loss: Value, { parameters, used }: Net): Value {
  const flat = parameters.state(FLAT.gradients);
  const names = [...used.keys()];
  gradients(graph, loss, [...used.values()]).forEach((gradient, i) => {
    const { offset } = parameters.list.find(({ name }) => name === names[i])!;
    graph.place(gradient, flat, offset);
  });
  return graph.leaf(flat);
}

/**
 * Emits what an optimiser follows instead of a loss's gradients where a penalty of half `weightDecay`
 * times the squared norm of all parameters is added to the loss: the gradients plus `weightDecay`
 * times the parameters, products below 2^-51 left out as everywhere.
 */
export function emitDecay(
  graph: Graph,
  { parameters }: Net,
  flatGradients: Value,
  weightDecay: number,
): Value {
  const flat = graph.leaf(parameters.state(FLAT.parameters));
  return graph.scope("weight decay", () => add(scale(flat, weightDecay), flatGradients));
}

/** Emits an optimiser's step over the flat buffers of a net. */
export function emitUpdate(
  graph: Graph,
  { parameters }: Net,
  optimiser: Optimiser,
  flatGradients: Value,
  cursor: Value,
): void {
  const kind = optimiserKind(optimiser);
  const state = scheduleState(parameters.owner, optimiser);
  const schedule = graph.leaf(state, [WINDOW, kind.scalarCount]);
  graph.scope(optimiser.optimiser, () => {
    const scalars = graph.reshape(gather(schedule, cursor), [kind.scalarCount]);
    const flat = graph.leaf(parameters.state(FLAT.parameters));
    const moments = kind.moments.map((name) => graph.leaf(parameters.state(name)));
    graph.effect(kind.op, [flat, flatGradients, ...moments, scalars], {});
  });
}
