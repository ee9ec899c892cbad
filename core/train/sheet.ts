/** Small results of a program, side by side in one state, so that one read brings them all. */
import type { Memory } from "../device/device.ts";
import { OFFSET_ALIGNMENT } from "../device/program.ts";
import type { Graph, State } from "../graph/graph.ts";
import { size, type Value } from "../ops/op.ts";

/** See the top of this file. */
export class Sheet {
  readonly #places = new Map<string, { readonly offset: number; readonly length: number }>();
  #length = 0;

  /** @param name of the state. */
  constructor(readonly name: string) {}

  /** Makes a program leave an f32 value here, under a name that no other one has. */
  keep(graph: Graph, name: string, value: Value): void {
    const [offset, length] = [this.#length, size(value.shape)];
    this.#places.set(name, { offset, length });
    this.#length += Math.ceil(length / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
    graph.place(value, this.#state(), offset);
  }

  /** What the program left here when it ran last, by name. */
  async read(memory: Memory): Promise<ReadonlyMap<string, Float32Array>> {
    const all = await memory.read(this.name) as Float32Array;
    return new Map(
      Array.from(
        this.#places,
        ([name, { offset, length }]) => [name, all.subarray(offset, offset + length)],
      ),
    );
  }

  /** As long as all that is kept by the time the program is compiled. */
  #state(): State {
    const length = () => this.#length;
    return {
      name: this.name,
      type: "f32",
      get length() {
        return length();
      },
    };
  }
}
