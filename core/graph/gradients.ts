/**
 * Reverse-mode gradients: walks a graph back from a scalar and emits each op's gradient rule into
 * the same graph. Works for any graph: shared parameters, several losses (a further call), gradients
 * with respect to inputs, one net's gradient through another.
 */
import { add } from "../ops/arithmetic.ts";
import { ShapeError, show, size, type Value } from "../ops/op.ts";
import type { Graph } from "./graph.ts";

/** The scope that gradient ops are emitted under, before their layer's own. */
export const GRADIENT_SCOPE = "gradient";

/**
 * The gradients of a scalar `loss` with respect to each value of `wrt`, in order. Contributions to
 * one value are added in the order in which the walk back meets them: last use first.
 *
 * @throws {ShapeError} when `loss` is not a scalar.
 * @throws {TypeError} when `loss` does not depend on a value of `wrt`, or only through an op that
 * has no gradient.
 */
export function gradients(graph: Graph, loss: Value, wrt: readonly Value[]): Value[] {
  if (size(loss.shape) !== 1) {
    throw new ShapeError(`only a scalar has gradients, not ${show(loss.shape)}; take its mean`);
  }
  const depends = dependents(graph, wrt);
  if (!depends.has(loss.id)) throw new TypeError("the loss depends on none of the values given");
  const found = new Map<number, Value>();
  const contribute = (value: Value, gradient: Value | undefined) => {
    if (!gradient || !depends.has(value.id)) return;
    const known = found.get(value.id);
    found.set(value.id, known ? add(known, gradient) : gradient);
  };
  found.set(loss.id, graph.constant(new Float32Array([1]), loss.shape));
  for (const node of graph.nodes.slice(0).reverse()) {
    const value = node.value;
    const gradient = value && found.get(value.id);
    if (!gradient) continue;
    if (node.kind === "reshape") {
      graph.scope(GRADIENT_SCOPE, () => {
        contribute(node.source, graph.reshape(gradient, node.source.shape));
      });
    } else if (node.kind === "op") {
      const { op, inputs, attributes, label } = node;
      if (!inputs.some((input) => depends.has(input.id))) continue;
      if (!op.gradient) throw new TypeError(`${label}: ${op.name} has no gradient`);
      // A gradient that is taken within a scope says that scope once.
      const outer = label.startsWith(`${graph.path}/`) ? graph.path.length + 1 : 0;
      const layer = label.slice(outer).split("/").slice(0, -1);
      graph.scope([GRADIENT_SCOPE, ...layer].join("/"), () => {
        const applied = { inputs, output: value, attributes };
        op.gradient!(applied, gradient).forEach((g, i) => contribute(inputs[i]!, g));
      });
    }
  }
  return wrt.map((value) => {
    const gradient = found.get(value.id);
    if (!gradient) {
      throw new TypeError(`the loss does not depend on the value of shape ${show(value.shape)}`);
    }
    return gradient;
  });
}

/** Ids of all values that depend on one of `sources`, themselves included. */
function dependents(graph: Graph, sources: readonly Value[]): Set<number> {
  const found = new Set(sources.map((value) => value.id));
  for (const node of graph.nodes) {
    if (!node.value) continue;
    const inputs = node.kind === "op" ? node.inputs : node.kind === "reshape" ? [node.source] : [];
    if (inputs.some((input) => found.has(input.id))) found.add(node.value.id);
  }
  return found;
}
