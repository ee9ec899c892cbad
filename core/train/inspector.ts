/** Inspects a net in supervised training between two steps, and leaves the training as it was. */
import type { Memory } from "../device/device.ts";
import type { CompiledProgram } from "../graph/compile.ts";
import { type Filling, type InspectionPrograms, SIZE } from "./inspection.ts";
import { STATES } from "./window.ts";

/**
 * What was found of a net before a step, on the batch of that step. Where the training is about to
 * diverge, numbers are not finite.
 */
export interface Inspection {
  /** What the step makes small; a cross-entropy in nats. */
  readonly loss: number;
  /** Over all outputs of each layer. */
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  /** Share of each layer's channels that are 0 throughout, by their moments. */
  readonly dead: readonly number[];
  /**
   * How far the step moves the vector of each layer's channel means, over the root of its channels'
   * summed variances before it: single channels that hardly vary do not rule it. NaN where none does.
   */
  readonly drift: readonly number[];
  /** Norm of the loss's gradient by the parameters of each layer that learns. */
  readonly gradients: readonly number[];
  /** Norm of what the step changes of these, over their own; 0 where they are all 0. */
  readonly updates: readonly number[];
  /** By step size along the gradient. */
  readonly landscape?: {
    readonly losses: readonly number[];
    /** Distances of the gradients there from the one here. */
    readonly changes: readonly number[];
  };
  /** By layer: the outputs below the first bin, in each bin, and from the end of the last one on. */
  readonly histograms?: Readonly<Record<string, readonly number[]>>;
}

type Sums = ReadonlyMap<string, Float32Array>;

/** See the top of this file. */
export class Inspector {
  readonly #memory: Memory;
  readonly #programs: InspectionPrograms;
  readonly #step: CompiledProgram;
  readonly #begin: (step: number) => void;

  /** @param begin writes what the program `step` needs for one step. */
  constructor(
    memory: Memory,
    programs: InspectionPrograms,
    step: CompiledProgram,
    begin: (step: number) => void,
  ) {
    this.#memory = memory;
    this.#programs = programs;
    this.#step = step;
    this.#begin = begin;
  }

  /** Names of all layers in order. */
  get layers(): readonly string[] {
    return this.#programs.layers;
  }

  /** Names of the layers that learn. */
  get trained(): readonly string[] {
    return this.#programs.trained;
  }

  /** Inspects the net before the step that so many steps went before. */
  async inspect(step: number): Promise<Inspection> {
    const { layers, trained, hold, outputs, changes, along, putBack } = this.#programs;
    const memory = this.#memory;
    this.#begin(step);
    memory.run(hold);
    const before = await this.#filled(outputs);
    memory.run(this.#step);
    const [loss] = await memory.read(STATES.ring, 0, 1);
    // The step moved on to the next row of its tables.
    memory.write(STATES.cursor, new Uint32Array(1));
    const after = await this.#filled(outputs);
    const sums = await this.#filled(changes);
    const slopes: Sums[] = [];
    for (const size of along?.sizes ?? []) {
      memory.write(SIZE.name, Float32Array.of(size));
      slopes.push(await this.#filled(along!));
    }
    memory.run(putBack);
    const spreads = layers.map((layer) => spread(before, after, layer));
    const histograms = layers.flatMap((layer) => {
      const counts = before.get(`${layer}/histogram`);
      return counts ? [[layer, [...counts]] as const] : [];
    });
    return {
      loss: loss!,
      mean: spreads.map(({ mean }) => mean),
      variance: spreads.map(({ variance }) => variance),
      dead: spreads.map(({ dead }) => dead),
      drift: spreads.map(({ drift }) => drift),
      gradients: trained.map((layer) => norm(sums, `${layer}/gradient`)),
      updates: trained.map((layer) => {
        const own = norm(sums, `${layer}/held`);
        return own === 0 ? 0 : norm(sums, `${layer}/update`) / own;
      }),
      ...(along && {
        landscape: {
          losses: slopes.map((slope) => slope.get("loss")![0]!),
          changes: slopes.map((slope) => norm(slope, "change")),
        },
      }),
      ...(histograms.length > 0 && { histograms: Object.fromEntries(histograms) }),
    };
  }

  #filled({ program, sheet }: Filling): Promise<Sums> {
    this.#memory.run(program);
    return sheet.read(this.#memory);
  }
}

/** From the sum of squares of x / s, and s. */
function norm(sums: Sums, name: string): number {
  const [s, q] = sums.get(name)!;
  return s! * Math.sqrt(q!);
}

/** Of a layer's channels, each of as many outputs. */
function spread(before: Sums, after: Sums, layer: string) {
  const means = before.get(`${layer}/mean`)!;
  const variances = before.get(`${layer}/variance`)!;
  const later = after.get(`${layer}/mean`)!;
  const count = means.length;
  const mean = means.reduce((sum, m) => sum + m, 0) / count;
  let [variance, dead, moved, spread] = [0, 0, 0, 0];
  means.forEach((m, i) => {
    const v = variances[i]!;
    variance += (v + (m - mean) * (m - mean)) / count;
    if (v === 0 && m === 0) dead++;
    moved += (later[i]! - m) * (later[i]! - m);
    spread += v;
  });
  const drift = spread === 0 ? NaN : Math.sqrt(moved / spread);
  return { mean, variance, dead: dead / count, drift };
}
