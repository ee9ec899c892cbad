/**
 * What a program dispatches, and in which order: the ops that something needs, in order of emission;
 * ops of small constants are computed here and now, and an elementwise op joins the op whose only
 * use it is, where that hands its elements over.
 */
import type { Kernel, View } from "../device/program.ts";
import { withStages } from "../ops/elementwise.ts";
import { size, type Value } from "../ops/op.ts";
import type { Graph, OpNode } from "./graph.ts";

/** One dispatch: an op and the elementwise ops that joined it. */
export interface Dispatched {
  readonly label: string;
  readonly kernel: Kernel;
  /** The kernel's inputs; its bindings are these, the result, and the second inputs of stages. */
  readonly reads: readonly Value[];
  readonly value: Value | undefined;
  readonly operands: readonly Value[];
}

/** A graph's dispatches, and the values that were computed beforehand. */
export interface Schedule {
  readonly dispatched: readonly Dispatched[];
  readonly folded: ReadonlyMap<number, View>;
}

/** Schedules a graph. */
export function schedule(graph: Graph): Schedule {
  const nodes = needed(graph);
  const folded = fold(graph, nodes);
  return {
    dispatched: join(graph, nodes.filter(({ value }) => !value || !folded.has(value.id)))
      .map((group) => dispatched(group)),
    folded,
  };
}

/** The ops that a placed value or an effect needs, in order of emission. */
export function needed(graph: Graph): OpNode[] {
  const wanted = new Set(graph.places.keys());
  const kept: OpNode[] = [];
  for (const node of graph.nodes.slice().reverse()) {
    if (node.kind === "reshape" && wanted.has(node.value.id)) wanted.add(node.source.id);
    if (node.kind !== "op" || (node.value && !wanted.has(node.value.id))) continue;
    for (const input of node.inputs) wanted.add(input.id);
    kept.push(node);
  }
  return kept.reverse();
}

/** Elements up to which a value of constants is kept as a constant. */
const MOST_FOLDED = 4096;

/** Values of ops of constants alone, by id. */
function fold(graph: Graph, nodes: readonly OpNode[]): Map<number, View> {
  const folded = new Map<number, View>();
  const known = (value: Value): View | undefined => {
    const owner = graph.owner(value);
    const node = graph.node(owner);
    return node.kind === "constant" ? node.data : folded.get(owner.id);
  };
  for (const node of nodes) {
    const { value, inputs } = node;
    if (!value || graph.places.has(value.id) || size(value.shape) > MOST_FOLDED) continue;
    const views = inputs.map(known);
    if (views.some((view) => view === undefined)) continue;
    const data = value.type === "u32"
      ? new Uint32Array(size(value.shape))
      : new Float32Array(size(value.shape));
    const { kernel, reads } = dispatched([node]);
    kernel.reference([
      ...views.slice(0, reads.length) as View[],
      data,
      ...views.slice(reads.length) as View[],
    ]);
    folded.set(value.id, data);
  }
  return folded;
}

/** An op, then elementwise ops that each take the result of the one before. */
type Group = readonly [OpNode, ...OpNode[]];

/** Storage bindings that every adapter grants one dispatch. */
const MOST_BINDINGS = 8;

function join(graph: Graph, nodes: readonly OpNode[]): Group[] {
  const uses = new Map<number, number>();
  for (const input of nodes.flatMap(({ inputs }) => inputs)) {
    const { id } = graph.owner(input);
    uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  const groups = new Map<number, { readonly group: Group; readonly from: number }>();
  nodes.forEach((node, at) => {
    const first = node.op.stage && node.inputs[0];
    const found = first && groups.get(graph.owner(first).id);
    if (
      found && uses.get(graph.owner(first!).id) === 1 && joins(found.group, node, found.from, at)
    ) {
      groups.delete(graph.owner(first!).id);
      groups.set(node.value!.id, { group: [...found.group, node], from: found.from });
    } else {
      groups.set(node.value?.id ?? -1 - at, { group: [node], from: at });
    }
  });
  return [...groups.values()].map(({ group }) => group);

  /** Whether `node` may follow in the dispatch of `group`, which then runs at `node`'s place. */
  function joins(group: Group, node: OpNode, from: number, at: number): boolean {
    const last = group.at(-1)!.value!;
    if (!group[0].op.handsOver || graph.places.has(last.id)) return false;
    if (size(last.shape) !== size(node.value!.shape)) return false;
    const whole = dispatched([...group, node]);
    if (whole.reads.length + 1 + whole.operands.length > MOST_BINDINGS) return false;
    const states = new Set([...whole.reads, ...whole.operands].map(stateOf));
    const written = nodes.slice(from + 1, at).flatMap(writes);
    return [...written, ...writes(node)].every((state) => !states.has(state));
  }

  function writes({ value, inputs }: OpNode): (string | undefined)[] {
    const states = value ? [graph.places.get(value.id)?.state.name] : inputs.map(stateOf);
    return states.filter((name) => name !== undefined);
  }

  function stateOf(value: Value): string | undefined {
    const node = graph.node(graph.owner(value));
    return node.kind === "leaf"
      ? node.place.state.name
      : graph.places.get(graph.owner(value).id)?.state.name;
  }
}

function dispatched([node, ...joined]: Group): Dispatched {
  const { op, inputs, value, attributes, label } = node;
  const kernel = op.kernel(inputs, value, attributes);
  if (!op.handsOver) return { label, kernel, reads: inputs, value, operands: [] };
  const elementwise = op.stage ? [node, ...joined] : joined;
  const stages = elementwise.map(({ op, inputs, value, attributes }) => ({
    stage: op.stage!(attributes),
    operand: inputs[1]?.shape,
    shape: value!.shape,
  }));
  return {
    label,
    kernel: withStages(kernel, stages),
    reads: op.stage ? inputs.slice(0, 1) : inputs,
    value: (joined.at(-1) ?? node).value,
    operands: elementwise.flatMap(({ inputs }) => inputs.slice(1)),
  };
}
