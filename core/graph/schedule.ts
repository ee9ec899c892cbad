/**
 * What a program dispatches, and in which order: the ops that something needs, in order of emission;
 * ops of small constants are computed here and now, an op whose work another one does as well is
 * done with that one, and an elementwise op joins the op whose only use it is, where that hands its
 * elements over.
 */
import type { Kernel, View } from "../device/program.ts";
import { withStages } from "../ops/elementwise.ts";
import { size, type Value } from "../ops/op.ts";
import type { Graph, OpNode } from "./graph.ts";

/** One dispatch: an op and the elementwise ops that joined it. */
export interface Dispatched {
  readonly label: string;
  readonly kernel: Kernel;
  /** The kernel's inputs; its bindings are these, the results, and the second inputs of stages. */
  readonly reads: readonly Value[];
  readonly results: readonly Value[];
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
  const left = nodes.filter(({ value }) => !value || !folded.has(value.id));
  return {
    dispatched: join(graph, pair(graph, left, folded)).map((group) => dispatched(group)),
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

/** An op, with the one that does its work as well. */
interface Work extends OpNode {
  readonly including?: OpNode;
}

/** Moves an op that includes another one's work to that one's place. */
function pair(graph: Graph, nodes: readonly OpNode[], folded: ReadonlyMap<number, View>): Work[] {
  const works: Work[] = [];
  for (const node of nodes) {
    const at = works.findIndex((work) =>
      work.op === node.op.includes?.op && !work.including &&
      work.inputs.every((input, i) => input === node.inputs[i])
    );
    if (at === -1 || !mayMove(node, at)) works.push(node);
    else works[at] = { ...works[at]!, including: node };
  }
  return works;

  /** What it reads besides is constant, and nothing that both read has been written since. */
  function mayMove({ inputs, value }: OpNode, at: number): boolean {
    const besides = inputs.slice(works[at]!.inputs.length).map((input) => graph.owner(input));
    const states = new Set(inputs.map((input) => stateOf(graph, input)));
    return !graph.places.has(value!.id) &&
      besides.every((v) => graph.node(v).kind === "constant" || folded.has(v.id)) &&
      works.slice(at).flatMap((work) => writes(graph, work)).every((state) => !states.has(state));
  }
}

/** An op, then elementwise ops that each take the result of the one before. */
type Group = readonly [Work, ...Work[]];

/** Storage bindings that every adapter grants one dispatch. */
const MOST_BINDINGS = 8;

function join(graph: Graph, nodes: readonly Work[]): Group[] {
  const uses = new Map<number, number>();
  for (const input of nodes.flatMap(({ inputs, including }) => (including?.inputs ?? inputs))) {
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
  function joins(group: Group, node: Work, from: number, at: number): boolean {
    const last = group.at(-1)!.value!;
    if (!group[0].op.handsOver || graph.places.has(last.id)) return false;
    if (size(last.shape) !== size(node.value!.shape)) return false;
    const whole = dispatched([...group, node]);
    if (whole.reads.length + 1 + whole.operands.length > MOST_BINDINGS) return false;
    const states = new Set([...whole.reads, ...whole.operands].map((v) => stateOf(graph, v)));
    const written = nodes.slice(from + 1, at + 1).flatMap((work) => writes(graph, work));
    return written.every((state) => !states.has(state));
  }
}

/** Names of the states that an op writes. */
function writes(graph: Graph, { value, inputs }: OpNode): string[] {
  const states = value
    ? [graph.places.get(value.id)?.state.name]
    : inputs.map((input) => stateOf(graph, input));
  return states.filter((name) => name !== undefined);
}

/** The name of the state that a value lies in, if it does. */
function stateOf(graph: Graph, value: Value): string | undefined {
  const owner = graph.owner(value);
  const node = graph.node(owner);
  return (node.kind === "leaf" ? node.place : graph.places.get(owner.id))?.state.name;
}

function dispatched([node, ...joined]: Group): Dispatched {
  const { op, inputs, value, attributes, label, including } = node;
  if (including) {
    return {
      label,
      kernel: including.op.includes!.kernel(including.inputs, including.attributes),
      reads: including.inputs,
      results: [value!, including.value!],
      operands: [],
    };
  }
  const kernel = op.kernel(inputs, value, attributes);
  if (!op.handsOver) {
    return { label, kernel, reads: inputs, results: value ? [value] : [], operands: [] };
  }
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
    results: [(joined.at(-1) ?? node).value!],
    operands: elementwise.flatMap(({ inputs }) => inputs.slice(1)),
  };
}
