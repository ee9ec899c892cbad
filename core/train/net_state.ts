/**
 * What a net in training has on a device: its parameters and the running statistics beside them,
 * both drawn anew by the program `initialise`, its optimiser's moments, and the keys of the random
 * streams that its layers draw from. Several nets may lie on one device, each under its owner's name.
 */
import type { View } from "../device/program.ts";
import type { Memory } from "../device/device.ts";
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { Graph, type State } from "../graph/graph.ts";
import { FLAT, type Noise } from "../nn/net.ts";
import { Parameters } from "../nn/parameters.ts";
import { type Optimiser, optimiserKind } from "../optim/optimisers.ts";
import type { Shape, Value } from "../ops/op.ts";
import { stream } from "../random/streams.ts";
import type { CheckpointTensor } from "./checkpoint.ts";

const ZERO = new Uint32Array(1);
/** Elements from one key to the next: a place in a state begins at a multiple of them. */
const KEY_STRIDE = 64;

/** A state that holds one number for each number of a layout, by tensors at the same places. */
export interface Flat {
  /** The state's name. */
  readonly buffer: string;
  readonly layout: Parameters;
  /** What stands before a tensor's name in a checkpoint. */
  readonly prefix: string;
  /** Whether it outlives a step. */
  readonly kept: boolean;
}

/** A tensor of a checkpoint. */
export interface Saved {
  readonly shape: Shape;
  readonly data: View;
}

/** See the top of this file. */
export class NetState {
  readonly parameters: Parameters;
  readonly statistics: Parameters;
  readonly #streams: string[] = [];

  /** @param owner stands before the names of the net's states; none where there is one net only. */
  constructor(readonly owner = "") {
    this.parameters = new Parameters(owner);
    this.statistics = new Parameters(owner);
  }

  /** The program that draws all parameters; the net's other programs are built before it. */
  initialise(): CompiledProgram {
    const graph = new Graph();
    const step = graph.constant(ZERO, [1]);
    this.#drawn().forEach(({ name, shape, initialiser, offset, state }, i) => {
      const key = graph.leaf(this.#keys(), [2], i * KEY_STRIDE);
      graph.scope(name, () => graph.place(initialiser(shape, key, step), state, offset));
    });
    return compile(graph, this.owner ? `initialise ${this.owner}` : "initialise");
  }

  /** Writes the keys under which a seed draws the parameters. */
  writeKeys(memory: Memory, seed: number): void {
    this.#drawn().forEach(({ name }, i) => {
      const { key } = stream(seed, `initialise/${name}`);
      memory.write(this.#keys().name, Uint32Array.from(key), i * KEY_STRIDE);
    });
  }

  /** What the layer of a name draws with in a graph. */
  noise(graph: Graph, step: Value, layer: string): Noise {
    if (!this.#streams.includes(layer)) this.#streams.push(layer);
    const key = graph.leaf(this.#streamKeys(), [2], this.#streams.indexOf(layer) * KEY_STRIDE);
    return { key, step };
  }

  /** Whether a step's program draws random numbers. */
  get draws(): boolean {
    return this.#streams.length > 0;
  }

  /** Writes the keys of the layers' streams. */
  writeStreams(memory: Memory, seed: number): void {
    this.#streams.forEach((layer, i) => {
      const { key } = stream(seed, `noise/${layer}`);
      memory.write(this.#streamKeys().name, Uint32Array.from(key), i * KEY_STRIDE);
    });
  }

  /** Its flat buffers under an optimiser. */
  flats(optimiser: Optimiser): Flat[] {
    const flat = (name: string, layout: Parameters, prefix: string, kept = true): Flat => (
      { buffer: layout.state(name).name, layout, prefix, kept }
    );
    return [
      flat(FLAT.parameters, this.parameters, ""),
      flat(FLAT.statistics, this.statistics, ""),
      ...optimiserKind(optimiser).moments.map((moment) =>
        flat(moment, this.parameters, `${moment}/`)
      ),
      flat(FLAT.gradients, this.parameters, "gradients/", false),
    ].filter(({ layout }) => layout.count > 0);
  }

  /** Parameters, then statistics, in order of declaration and without padding. */
  async weights(memory: Memory): Promise<Float32Array<ArrayBuffer>[]> {
    return [
      await this.trained(memory),
      ...this.statistics.count > 0 ? [await packed(memory, this.statistics, FLAT.statistics)] : [],
    ];
  }

  /** The parameters alone. */
  trained(memory: Memory): Promise<Float32Array<ArrayBuffer>> {
    return packed(memory, this.parameters, FLAT.parameters);
  }

  /**
   * Writes saved parameters and statistics where the net has them.
   *
   * @throws {TypeError} naming the tensor when one is missing or has another shape.
   */
  restore(memory: Memory, saved: ReadonlyMap<string, Saved>): void {
    for (const { layout, state } of this.#layouts()) {
      layout.restore(saved, (offset, data) => memory.write(state.name, data, offset));
    }
  }

  #layouts() {
    return [
      { layout: this.parameters, state: this.parameters.state(FLAT.parameters) },
      { layout: this.statistics, state: this.statistics.state(FLAT.statistics) },
    ];
  }

  #drawn() {
    return this.#layouts().flatMap(({ layout, state }) =>
      layout.list.map((parameter) => ({ ...parameter, state }))
    );
  }

  #keys(): State {
    return this.#keyState("keys", () => this.#drawn().length);
  }

  #streamKeys(): State {
    return this.#keyState("stream keys", () => this.#streams.length);
  }

  /** Keys in a row; how many is read when a program is compiled. */
  #keyState(name: string, count: () => number): State {
    return {
      name: this.owner ? `${this.owner} ${name}` : name,
      type: "u32",
      get length() {
        return count() * KEY_STRIDE;
      },
    };
  }
}

async function packed(
  memory: Memory,
  layout: Parameters,
  name: string,
): Promise<Float32Array<ArrayBuffer>> {
  return layout.packed(await memory.read(layout.state(name).name) as Float32Array);
}

/** The tensors of flat buffers that outlive a step: everything that a resume needs. */
export async function keptTensors(
  memory: Memory,
  flats: readonly Flat[],
): Promise<CheckpointTensor[]> {
  const parts = await Promise.all(
    flats.filter(({ kept }) => kept).map(async ({ layout, buffer, prefix }) =>
      layout.tensors(await memory.read(buffer) as Float32Array)
        .map(({ name, ...rest }) => ({ name: prefix + name, ...rest }))
    ),
  );
  return parts.flat();
}

/**
 * Writes saved tensors into their flat buffers.
 *
 * @throws {TypeError} naming the tensor when one is missing or has another shape.
 */
export function restoreTensors(
  memory: Memory,
  flats: readonly Flat[],
  saved: ReadonlyMap<string, Saved>,
): void {
  for (const { layout, buffer, prefix, kept } of flats) {
    if (kept) layout.restore(saved, (offset, data) => memory.write(buffer, data, offset), prefix);
  }
}

/** One vector after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
