/** What a backward pass keeps from the forward pass. */
import { size, type Value } from "../ops/op.ts";
import { GRADIENT_SCOPE } from "./gradients.ts";
import type { Graph } from "./graph.ts";
import { needed } from "./schedule.ts";

/**
 * Bytes of the computed f32 values, a gathered batch included, that ops of the backward pass read:
 * the activations that must be stored between the two passes. Parameters, labels and constants do
 * not count; nothing is allocated.
 */
export function storedActivationBytes(graph: Graph): number {
  const bytes = new Map<number, number>();
  for (const { label, inputs } of needed(graph)) {
    if (!isBackward(label)) continue;
    for (const input of inputs) {
      const owner = computed(graph, input);
      if (owner?.type === "f32") bytes.set(owner.id, size(owner.shape) * 4);
    }
  }
  return [...bytes.values()].reduce((sum, n) => sum + n, 0);
}

/** The forward op's result that a value is, or is a view of. */
function computed(graph: Graph, value: Value): Value | undefined {
  const owner = graph.owner(value);
  const node = graph.node(owner);
  return node.kind === "op" && !isBackward(node.label) ? owner : undefined;
}

function isBackward(label: string): boolean {
  return label.startsWith(`${GRADIENT_SCOPE}/`);
}
