/** Looks at a pair of nets between two steps: what the generator makes, and what is made of it. */
import type { Images } from "../data/dataset.ts";
import type { Memory } from "../device/device.ts";
import type { CompiledProgram } from "../graph/compile.ts";
import { size } from "../ops/op.ts";
import { normal, stream } from "../random/streams.ts";
import type { AdversarialConfig } from "./adversarial.ts";
import { type ImageStore, uploadRecords } from "./image_store.ts";
import { activationState, LOOK, LOOK_BATCH, type LookPrograms } from "./look.ts";
import { joined, type Saved } from "./net_state.ts";

/** Images with what the nets made of them; rows of images come first in every list. */
export interface Looked {
  readonly count: number;
  /** Values in 0..1; of generated images only. */
  readonly images?: Float32Array;
  /** The discriminator's of generated and real images; above 0 it took the image for real. */
  readonly logits?: Float32Array;
  /** Its binary cross-entropy against the truth, in nats. */
  readonly losses?: Float32Array;
  /** The yardstick's of generated and known images and noise. */
  readonly features?: Float32Array;
  readonly probabilities?: Float32Array;
}

/**
 * The kinds of images that are looked at. The known ones are the real ones as the yardstick sees them:
 * it does not learn, so it need be asked only once.
 */
export type LookKind = "generated" | "real" | "known" | "noise";

/** What it takes to look. */
export interface LookParts {
  readonly programs: LookPrograms;
  /** The real images. */
  readonly store: ImageStore;
  readonly images: Images;
  /** The yardstick's weights, by the names of its parameters. */
  readonly yardstick?: ReadonlyMap<string, Saved>;
}

/** All programs of a look. */
export function lookProgramsOf({ programs }: LookParts): CompiledProgram[] {
  const { generated, real, known, noise } = programs;
  return [generated, real, known, noise].filter((program) => program !== undefined);
}

/**
 * Copies the images and the yardstick to where the programs read them, and says how many bytes the
 * images take.
 *
 * @throws {TypeError} naming the tensor when one of the yardstick's is missing or has another shape.
 */
export function uploadLook(
  memory: Memory,
  { programs, store, images, yardstick }: LookParts,
): number {
  if (programs.yardstick && yardstick) {
    // The same noise for every pair, since nothing is learned from it.
    memory.write(LOOK.noise, Uint32Array.from(stream(0, "look/noise").key));
    programs.yardstick.restore(memory, yardstick);
  }
  return uploadRecords(memory, store, images);
}

/** See the top of this file. */
export class PairLooker {
  readonly #memory: Memory;
  readonly #parts: LookParts;
  readonly #config: AdversarialConfig;
  readonly #seed: number;
  /** Codes by batch. */
  readonly #drawn: Float32Array<ArrayBuffer>[] = [];

  constructor(memory: Memory, parts: LookParts, config: AdversarialConfig, seed: number) {
    this.#memory = memory;
    this.#parts = parts;
    this.#config = config;
    this.#seed = seed;
  }

  /**
   * Looks at the first `count` images of a kind: generated ones from codes that are always the same,
   * held-out real or known ones in order, or noise.
   */
  async look(kind: LookKind, count: number): Promise<Looked> {
    const memory = this.#memory;
    const program = this.#parts.programs[kind];
    if (!program) throw new TypeError(`there is no yardstick to look at ${kind} with`);
    const outputs = Object.fromEntries(
      Object.entries<string>(OUTPUTS[kind])
        .filter(([, state]) => program.buffers.some(({ name }) => name === state))
        .map(([output, state]) => [output, { state, parts: [] as Float32Array[] }]),
    );
    for (let first = 0, round = 0; first < count; first += LOOK_BATCH, round++) {
      this.#begin(kind, round);
      memory.run(program);
      for (const { state, parts } of Object.values(outputs)) {
        const { length } = program.buffers.find(({ name }) => name === state)!;
        const rows = Math.min(LOOK_BATCH, count - first);
        parts.push(await memory.read(state, 0, length / LOOK_BATCH * rows) as Float32Array);
      }
    }
    return {
      count,
      ...Object.fromEntries(
        Object.entries(outputs).map(([output, { parts }]) => [output, joined(parts)]),
      ),
    };
  }

  /**
   * The outputs of each hidden activation for the first images, by net and layer: of the generator
   * on codes, of the discriminator on generated and then on real images.
   */
  async activations(): Promise<ReadonlyMap<string, Float32Array>> {
    const found = new Map<string, Float32Array[]>();
    for (const kind of ["generated", "real"] as const) {
      const program = this.#parts.programs[kind];
      this.#begin(kind, 0);
      this.#memory.run(program);
      const rows = kind === "real" ? Math.min(LOOK_BATCH, this.#parts.store.count) : LOOK_BATCH;
      for (const activation of this.#parts.programs.activations) {
        if (kind === "real" && activation.of === "generator") continue;
        const { name } = activationState(activation);
        const outputs = await this.#memory.read(name, 0, rows * activation.units) as Float32Array;
        found.set(activation.name, [...found.get(activation.name) ?? [], outputs]);
      }
    }
    return new Map([...found].map(([name, parts]) => [name, joined(parts)]));
  }

  /** The images, values in 0..1, that the generator makes of codes [count, code] in inference mode. */
  async generate(codes: Float32Array): Promise<Float32Array> {
    const { programs, store: { image } } = this.#parts;
    const { code } = this.#config;
    const parts: Float32Array[] = [];
    for (let first = 0; first < codes.length; first += LOOK_BATCH * code) {
      const batch = new Float32Array(LOOK_BATCH * code);
      const rows = codes.subarray(first, first + batch.length);
      batch.set(rows);
      this.#memory.write(LOOK.codes, batch);
      this.#memory.run(programs.generated);
      const length = rows.length / code * size(image);
      parts.push(await this.#memory.read(LOOK.images, 0, length) as Float32Array);
    }
    return joined(parts);
  }

  /** The codes [count, code] that every look begins with. */
  codes(count: number): Float32Array<ArrayBuffer> {
    return joined(Array.from({ length: Math.ceil(count / LOOK_BATCH) }, (_, i) => this.#codes(i)))
      .subarray(0, count * this.#config.code);
  }

  /** Writes what one batch of a kind needs. */
  #begin(kind: LookKind, round: number): void {
    if (kind === "generated") this.#memory.write(LOOK.codes, this.#codes(round));
    else if (kind === "noise") this.#memory.write(LOOK.round, Uint32Array.of(round));
    else {
      // An index from the number of images on gives an image of zeros, which nobody reads.
      const indices = Uint32Array.from({ length: LOOK_BATCH }, (_, i) => round * LOOK_BATCH + i);
      this.#memory.write(LOOK.indices, indices);
    }
  }

  #codes(round: number): Float32Array<ArrayBuffer> {
    const { code } = this.#config;
    const source = stream(this.#seed, "look/codes");
    return this.#drawn[round] ??= Float32Array.from(
      { length: LOOK_BATCH * code },
      (_, i) => normal(source, round, i),
    );
  }
}

/** States that the discriminator's answers stand in, and the yardstick's. */
const ANSWERS = { logits: LOOK.logits, losses: LOOK.losses };
const JUDGED = { features: LOOK.features, probabilities: LOOK.probabilities };

/** The states that a look reads. */
const OUTPUTS: Readonly<Record<LookKind, Partial<Record<keyof Looked, string>>>> = {
  generated: { images: LOOK.images, ...ANSWERS, ...JUDGED },
  real: ANSWERS,
  known: JUDGED,
  noise: JUDGED,
};
