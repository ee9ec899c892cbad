/**
 * A net under construction: the graph it is emitted into and the parameters it declares. A declared
 * net is a list of layers, each a plain object; `applyNet` emits them one after the other.
 */
import type { Graph } from "../graph/graph.ts";
import type { Shape, Value } from "../ops/op.ts";
import type { Initialiser } from "./initialisers.ts";
import type { Parameters } from "./parameters.ts";

/** What a layer emits itself into. */
export class Net {
  /** The parameters' values by name, in order of use, for gradients. */
  readonly used = new Map<string, Value>();

  constructor(readonly graph: Graph, readonly parameters: Parameters) {}

  /** The value of a parameter of the layer that is being emitted, declared if it is new. */
  parameter(role: string, shape: Shape, initialiser: Initialiser): Value {
    const name = `${this.graph.path}/${role}`;
    const known = this.used.get(name);
    const { offset } = this.parameters.declare(name, shape, initialiser);
    if (known) return known;
    const value = this.graph.leaf(this.parameters.state("parameters"), shape, offset);
    this.used.set(name, value);
    return value;
  }
}
