/**
 * The graph: what a model emits its ops into. Values are symbolic, shapes are checked as they are
 * emitted, and the order of emission is the order of execution, so an update of a state comes after
 * every use of its old value that was emitted before it.
 *
 * State buffers are the memory that outlives a run (parameters, gradients, moments, data); programs
 * that name the same state share it. A leaf is a tensor that lies in a state; `place` makes a
 * computed value lie there.
 */
import { type ElementType, OFFSET_ALIGNMENT, type View } from "../device/program.ts";
import {
  type Builder,
  type Op,
  type Shape,
  ShapeError,
  show,
  size,
  type TensorType,
  type Value,
} from "../ops/op.ts";
import { copyOp } from "../ops/copy.ts";

/** A buffer that keeps its contents between runs and is shared by name between programs. */
export interface State {
  readonly name: string;
  readonly type: ElementType;
  /** Elements. */
  readonly length: number;
}

/** Where a value lies in a state. */
export interface Place {
  readonly state: State;
  /** Elements; a multiple of {@link OFFSET_ALIGNMENT}. */
  readonly offset: number;
}

/** What a graph knows of one value. */
export type Node =
  | { readonly kind: "leaf"; readonly value: Value; readonly place: Place }
  | { readonly kind: "constant"; readonly value: Value; readonly data: View }
  | { readonly kind: "reshape"; readonly value: Value; readonly source: Value }
  | {
    readonly kind: "op";
    /** Absent for an op that only updates its inputs. */
    readonly value?: Value;
    // deno-lint-ignore no-explicit-any -- attributes are typed where the op is emitted
    readonly op: Op<any>;
    readonly inputs: readonly Value[];
    readonly attributes: unknown;
    readonly label: string;
  };

/** A node that an op emitted. */
export type OpNode = Extract<Node, { kind: "op" }>;

/** A graph under construction. */
export class Graph implements Builder {
  /** Everything emitted so far, in order. */
  readonly nodes: Node[] = [];
  /** Where computed values were placed, by value id. */
  readonly places = new Map<number, Place>();
  readonly #byId: Node[] = [];
  readonly #scopes: string[] = [];

  /** Emits under a name; layers nest, and errors and profiles show the path. */
  scope<T>(name: string, emit: () => T): T {
    this.#scopes.push(name);
    try {
      return emit();
    } finally {
      this.#scopes.pop();
    }
  }

  /** The path of scopes that ops are emitted under, e.g. `block1/conv`. */
  get path(): string {
    return this.#scopes.join("/");
  }

  apply<A>(op: Op<A>, inputs: readonly Value[], attributes: A): Value {
    const type = this.#infer(op, inputs, attributes);
    if (!type) throw new TypeError(`${op.name} has no result; emit it with effect()`);
    const value = this.#value(type);
    this.#emit({ kind: "op", value, op, inputs, attributes, label: this.#label(op.name) });
    return value;
  }

  effect<A>(op: Op<A>, inputs: readonly Value[], attributes: A): void {
    if (this.#infer(op, inputs, attributes)) {
      throw new TypeError(`${op.name} has a result; emit it with apply()`);
    }
    this.nodes.push({ kind: "op", op, inputs, attributes, label: this.#label(op.name) });
  }

  reshape(source: Value, shape: Shape): Value {
    if (size(shape) !== size(source.shape)) {
      throw new ShapeError(
        `${this.#at()}${show(source.shape)} cannot be reshaped to ${show(shape)}: ${
          size(source.shape)
        } elements are not ${size(shape)}`,
      );
    }
    const value = this.#value({ shape, type: source.type });
    this.#emit({ kind: "reshape", value, source });
    return value;
  }

  constant(data: Float32Array | Uint32Array, shape: Shape): Value {
    if (data.length !== size(shape)) {
      throw new ShapeError(`${data.length} numbers do not fill ${show(shape)}`);
    }
    const type = data instanceof Float32Array ? "f32" : "u32";
    const value = this.#value({ shape, type });
    this.#emit({ kind: "constant", value, data });
    return value;
  }

  /** A tensor that lies in a state, from `offset` elements on. */
  leaf(state: State, shape: Shape = [state.length], offset = 0): Value {
    const value = this.#value({ shape, type: state.type });
    this.#emit({ kind: "leaf", value, place: checked(state, offset, value) });
    return value;
  }

  /**
   * Makes the program leave `value` in a state, at `offset` elements. It is computed right there,
   * unless it lies elsewhere already or the state's old contents are read after it: then it is copied.
   */
  place(value: Value, state: State, offset = 0): void {
    const place = checked(state, offset, value);
    const owner = this.owner(value);
    const node = this.node(owner);
    if (node.kind === "op" && !this.places.has(owner.id) && !this.#readSince(node, state)) {
      this.places.set(owner.id, place);
    } else {
      this.places.set(this.apply(copyOp, [value], {}).id, place);
    }
  }

  /** Whether a state is read by an op that was emitted after `node`. */
  #readSince(node: Node, state: State): boolean {
    return this.nodes.slice(this.nodes.indexOf(node) + 1).some((later) =>
      later.kind === "op" && later.inputs.some((input) => {
        const source = this.node(this.owner(input));
        return source.kind === "leaf" && source.place.state.name === state.name;
      })
    );
  }

  /** The value whose memory `value` is a view of: itself, unless it is a reshaped one. */
  owner(value: Value): Value {
    const node = this.node(value);
    return node.kind === "reshape" ? this.owner(node.source) : value;
  }

  /** The node that defines a value. */
  node(value: Value): Node {
    const node = this.#byId[value.id];
    if (!node || value.builder !== this) throw new TypeError("a value of another graph was used");
    return node;
  }

  #infer<A>(op: Op<A>, inputs: readonly Value[], attributes: A): TensorType | undefined {
    for (const input of inputs) this.node(input);
    try {
      return op.infer(inputs, attributes);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`${this.#at()}${op.name}: ${error.message}`, { cause: error });
    }
  }

  #at(): string {
    return this.path ? `layer "${this.path}": ` : "";
  }

  #label(name: string): string {
    return this.path ? `${this.path}/${name}` : name;
  }

  #value({ shape, type }: TensorType): Value {
    if (!shape.every((axis) => Number.isInteger(axis) && axis > 0)) {
      throw new ShapeError(
        `${this.#at()}${show(shape)} has an axis that is not a positive integer`,
      );
    }
    return { id: this.#byId.length, shape, type, builder: this };
  }

  #emit(node: Node & { readonly value: Value }): void {
    this.nodes.push(node);
    this.#byId.push(node);
  }
}

function checked(state: State, offset: number, value: Value): Place {
  if (offset % OFFSET_ALIGNMENT !== 0) {
    throw new RangeError(`offset ${offset} in "${state.name}" is not a multiple of 64`);
  }
  if (value.type !== state.type || offset + size(value.shape) > state.length) {
    throw new ShapeError(
      `${value.type} ${
        show(value.shape)
      } at ${offset} does not fit the state "${state.name}" of ${state.length} ${state.type}`,
    );
  }
  return { state, offset };
}
