/**
 * Compiles a graph into a program: plans the memory of its schedule and binds each dispatch to its
 * buffers.
 *
 * The plan: walking the steps in order, a value takes the smallest free slot that holds it, else
 * the largest free one, which grows; a slot is free again after the last use of its value. Slots are
 * separate buffers, because one buffer may not be bound for reading and for writing in one dispatch.
 */
import {
  type BufferSpec,
  type KernelBinding,
  OFFSET_ALIGNMENT,
  type Program,
  type Slice,
  type Step,
  type View,
} from "../device/program.ts";
import { size, type Value } from "../ops/op.ts";
import type { Graph, Place, State } from "./graph.ts";
import { type Dispatched, type Schedule, schedule } from "./schedule.ts";

/** A program with what its plan found. */
export interface CompiledProgram extends Program {
  /** Bytes of all slots: the most scratch memory that is alive at any step, after rounding. */
  readonly slotBytes: number;
  /** Numbers that must be in place before the first run, by buffer name. */
  readonly initial: ReadonlyMap<string, View>;
}

/**
 * @param name names the program and its constants.
 * @throws {TypeError} when one dispatch would both read and write a state.
 */
export function compile(graph: Graph, name: string): CompiledProgram {
  const scheduled = schedule(graph);
  const plan = new Plan(graph, name, scheduled);
  const steps = scheduled.dispatched.map(({ label, kernel, reads, results, operands }, i): Step => {
    const read = reads.map((input) => plan.slice(input));
    const written = results.map((result) => plan.define(result));
    const slices = [...read, ...written, ...operands.map((operand) => plan.slice(operand))];
    plan.release(i);
    refuseAliasing(label, slices, kernel.bindings);
    return { kernel, label, slices };
  });
  return { name, steps, ...plan.result() };
}

function refuseAliasing(
  label: string,
  slices: readonly Slice[],
  bindings: readonly KernelBinding[],
): void {
  const written = slices.filter((_, i) => bindings[i]!.access === "write").map((s) => s.buffer);
  const all = slices.map((s) => s.buffer);
  for (const buffer of written) {
    if (all.filter((b) => b === buffer).length > 1) {
      throw new TypeError(`${label}: one buffer would be read and written in one dispatch`);
    }
  }
}

class Plan {
  readonly #graph: Graph;
  readonly #program: string;
  readonly #folded: Schedule["folded"];
  readonly #buffers: {
    kind: BufferSpec["kind"];
    name: string;
    type: BufferSpec["type"];
    length: number;
  }[] = [];
  readonly #states = new Map<string, number>();
  readonly #initial = new Map<string, View>();
  /** Slot of each live computed value, by the id of the value that owns the memory. */
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  /** Owners whose last use is the step of that index. */
  readonly #dying: number[][];

  constructor(graph: Graph, program: string, { dispatched, folded }: Schedule) {
    this.#graph = graph;
    this.#program = program;
    this.#folded = folded;
    this.#dying = dispatched.map(() => []);
    const last = new Map<number, number>();
    dispatched.forEach(({ reads, operands, results }: Dispatched, i) => {
      for (const value of [...reads, ...operands, ...results]) {
        last.set(this.#graph.owner(value).id, i);
      }
    });
    for (const [id, step] of last) this.#dying[step]!.push(id);
  }

  slice(value: Value): Slice {
    const owner = this.#graph.owner(value);
    const { shape } = value;
    const length = size(shape);
    const place = this.#place(owner);
    if (place) return { buffer: this.#state(place.state), offset: place.offset, length, shape };
    return { buffer: this.#slots.get(owner.id)!, offset: 0, length, shape };
  }

  define(value: Value): Slice {
    if (!this.#place(value)) this.#slots.set(value.id, this.#take(size(value.shape)));
    return this.slice(value);
  }

  release(step: number): void {
    for (const id of this.#dying[step]!) {
      const slot = this.#slots.get(id);
      if (slot !== undefined) this.#free.push(slot);
    }
  }

  result() {
    const slots = this.#buffers.filter((buffer) => buffer.kind === "slot");
    return {
      buffers: this.#buffers,
      slotBytes: slots.reduce((sum, { length }) => sum + length * 4, 0),
      initial: this.#initial,
    };
  }

  #place(owner: Value): Place | undefined {
    const node = this.#graph.node(owner);
    if (node.kind === "leaf") return node.place;
    const fixed = node.kind === "constant" ? node.data : this.#folded.get(owner.id);
    if (fixed) {
      const state: State = {
        name: `${this.#program}/constant${owner.id}`,
        type: owner.type,
        length: size(owner.shape),
      };
      this.#initial.set(state.name, fixed);
      return { state, offset: 0 };
    }
    return this.#graph.places.get(owner.id);
  }

  #state({ name, type, length }: State): number {
    let index = this.#states.get(name);
    if (index === undefined) {
      index = this.#buffers.push({ kind: "state", name, type, length }) - 1;
      this.#states.set(name, index);
    }
    return index;
  }

  #take(length: number): number {
    const rounded = Math.ceil(length / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
    const sized = this.#free.sort((a, b) => this.#buffers[a]!.length - this.#buffers[b]!.length);
    const fitting = sized.findIndex((slot) => this.#buffers[slot]!.length >= rounded);
    const [slot] = sized.splice(fitting === -1 ? sized.length - 1 : fitting, 1);
    if (slot === undefined) {
      const count = this.#buffers.filter((buffer) => buffer.kind === "slot").length;
      return this.#buffers.push({
        kind: "slot",
        name: `slot${count}`,
        type: "f32",
        length: rounded,
      }) - 1;
    }
    this.#buffers[slot]!.length = Math.max(this.#buffers[slot]!.length, rounded);
    return slot;
  }
}
