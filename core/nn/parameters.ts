/**
 * The parameters of a net: each has a name, a shape and an initialiser, and lies at a fixed offset
 * of one flat buffer, so that an optimiser, a digest or a checkpoint is one dispatch or one copy.
 */
import { OFFSET_ALIGNMENT, type View } from "../device/program.ts";
import type { State } from "../graph/graph.ts";
import { sameShape, type Shape, show, size } from "../ops/op.ts";
import type { Initialiser } from "./initialisers.ts";

/** One parameter tensor and where it lies. */
export interface Parameter {
  /** `<layer>/<role>`, e.g. `conv2d1/weights`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initialiser: Initialiser;
  /** Elements from the start of the flat buffer. */
  readonly offset: number;
}

/** All parameters of a net, in order of declaration. */
export class Parameters {
  readonly #byName = new Map<string, Parameter>();
  #length = 0;

  /** @param owner keeps the flat buffers of several nets apart, e.g. `generator`. */
  constructor(readonly owner = "") {}

  /**
   * Declares a parameter, or finds it again: a net is built once for each program that uses it.
   *
   * @throws {TypeError} when the name is already a parameter of another shape.
   */
  declare(name: string, shape: Shape, initialiser: Initialiser): Parameter {
    const known = this.#byName.get(name);
    if (known) {
      if (!sameShape(known.shape, shape)) {
        throw new TypeError(
          `parameter "${name}" is ${show(known.shape)} and cannot also be ${show(shape)}; ` +
            "give one of the two layers another name",
        );
      }
      return known;
    }
    const parameter = { name, shape, initialiser, offset: this.#length };
    this.#byName.set(name, parameter);
    this.#length += Math.ceil(size(shape) / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
    return parameter;
  }

  /** In order of declaration, which is the order in the flat buffer. */
  get list(): readonly Parameter[] {
    return [...this.#byName.values()];
  }

  /** Number of trainable numbers, padding left out. */
  get count(): number {
    return this.list.reduce((sum, { shape }) => sum + size(shape), 0);
  }

  /**
   * A flat state as long as all parameters together: their own, their gradients, a moment. Its
   * length is read when a program is compiled, so parameters declared until then are in it.
   */
  state(name: string): State {
    const length = () => this.#length;
    return {
      name: this.owner ? `${this.owner} ${name}` : name,
      type: "f32",
      get length() {
        return length();
      },
    };
  }

  /** The tensors of a flat buffer by name, without the padding between them. */
  tensors(flat: Float32Array): { name: string; shape: Shape; data: Float32Array }[] {
    return this.list.map(({ name, shape, offset }) => ({
      name,
      shape,
      data: flat.subarray(offset, offset + size(shape)),
    }));
  }

  /** One vector of all tensors in order, without padding: what a weight digest is taken over. */
  packed(flat: Float32Array): Float32Array<ArrayBuffer> {
    const packed = new Float32Array(this.count);
    let at = 0;
    for (const { data } of this.tensors(flat)) {
      packed.set(data, at);
      at += data.length;
    }
    return packed;
  }

  /**
   * Hands each parameter's saved values to `write`, at its offset of the flat buffer.
   *
   * @param prefix before each parameter's name, for a moment's tensors.
   * @throws {TypeError} naming the tensor when one is missing or has another shape.
   */
  restore(
    saved: ReadonlyMap<string, { readonly shape: Shape; readonly data: View }>,
    write: (offset: number, data: View) => void,
    prefix = "",
  ): void {
    for (const { name, shape, offset } of this.list) {
      const tensor = saved.get(prefix + name);
      if (!tensor || !sameShape(tensor.shape, shape) || typeOf(tensor.data) !== "f32") {
        throw new TypeError(
          `the checkpoint does not fit the net: "${prefix}${name}" must be f32 ${show(shape)}, ` +
            (tensor ? `not ${typeOf(tensor.data)} ${show(tensor.shape)}` : "but is missing"),
        );
      }
      write(offset, tensor.data);
    }
  }
}

function typeOf(data: View): "f32" | "u32" {
  return data instanceof Float32Array ? "f32" : "u32";
}
