/** A pair of nets in adversarial training on a device. */
import type { BatchOrder } from "../data/batches.ts";
import type { Images } from "../data/dataset.ts";
import type { Device, Memory, StepTime } from "../device/device.ts";
import { optimiserKind } from "../optim/optimisers.ts";
import { type AdversarialConfig, type AdversarialPrograms, COLUMNS } from "./adversarial.ts";
import type { CheckpointTensor } from "./checkpoint.ts";
import { type ImageStore, uploadRecords, uploadTables } from "./image_store.ts";
import { type Flat, joined, keptTensors, restoreTensors } from "./net_state.ts";
import { type LookParts, lookProgramsOf, PairLooker, uploadLook } from "./pair_looker.ts";
import type { Training, WindowResult } from "./training.ts";
import { scheduleState } from "./update.ts";
import { STATES, writeSteps, writeWindow } from "./window.ts";

/** What a pair is opened with. */
export interface PairParts {
  readonly programs: AdversarialPrograms;
  readonly config: AdversarialConfig;
  readonly store: ImageStore;
  readonly images: Images;
  readonly seed: number;
  readonly order: BatchOrder;
  /** What it takes to look at it. */
  readonly look?: LookParts;
}

/** A pair in training, and who looks at it where it was opened with what that takes. */
export interface OpenPair {
  readonly trainer: PairTrainer;
  readonly looker?: PairLooker;
}

/**
 * Loads the programs, the images and the yardstick.
 *
 * @throws {TypeError} naming the tensor when one of the yardstick's is missing or has another shape.
 */
export async function openPair(device: Device, parts: PairParts): Promise<OpenPair> {
  const { programs, config, store, images, seed, look } = parts;
  const all = [
    ...programs.initialise,
    ...[programs.discriminatorStep, programs.generatorStep],
    ...look ? lookProgramsOf(look) : [],
  ];
  const memory = await device.load(all);
  try {
    for (const program of all) for (const [name, view] of program.initial) memory.write(name, view);
    for (const net of [programs.generator, programs.discriminator]) net.writeStreams(memory, seed);
    uploadTables(memory, "unit");
    const bytes = uploadRecords(memory, store, images) + (look ? uploadLook(memory, look) : 0);
    return {
      trainer: new PairTrainer(memory, parts, bytes),
      ...(look && { looker: new PairLooker(memory, look, config, seed) }),
    };
  } catch (error) {
    memory.close();
    throw error;
  }
}

/** See {@link openPair}. */
export class PairTrainer implements Training {
  readonly flats: readonly Flat[];
  readonly #memory: Memory;
  readonly #parts: PairParts;
  readonly #dataBytes: number;

  constructor(memory: Memory, parts: PairParts, dataBytes: number) {
    const { programs, config } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#dataBytes = dataBytes;
    this.flats = [
      ...programs.generator.flats(config.generator.optimiser),
      ...programs.discriminator.flats(config.discriminator.optimiser),
    ];
  }

  get stepsPerEpoch(): number {
    return this.#parts.order.stepsPerEpoch;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  get bytesBesidesData(): number {
    return this.#memory.bytes - this.#dataBytes;
  }

  initialise(): void {
    const { programs: { generator, discriminator, initialise }, seed } = this.#parts;
    for (const net of [generator, discriminator]) net.writeKeys(this.#memory, seed);
    for (const program of initialise) this.#memory.run(program);
  }

  async train(from: number, to: number): Promise<WindowResult> {
    const memory = this.#memory;
    const { programs, config, order } = this.#parts;
    writeWindow(memory, { from, to }, order);
    writeSteps(memory, from);
    for (const owner of ["generator", "discriminator"] as const) {
      const { optimiser } = config[owner];
      const scalars = optimiserKind(optimiser).scalars(optimiser, from, to);
      memory.write(scheduleState(owner, optimiser).name, scalars);
    }
    for (let step = from; step < to; step++) {
      memory.run(programs.discriminatorStep);
      memory.run(programs.generatorStep);
    }
    const ring = await memory.read(STATES.ring, 0, (to - from) * COLUMNS);
    const column = (n: number) => Array.from(ring.filter((_, i) => i % COLUMNS === n));
    const [ofDiscriminator, ofGenerator] = [column(1), column(3)];
    return {
      end: to,
      losses: { discriminator: column(0), generator: column(2) },
      largestGradients: ofDiscriminator.map((value, i) => Math.max(value, ofGenerator[i]!)),
    };
  }

  async weights(): Promise<Float32Array<ArrayBuffer>> {
    const { programs: { generator, discriminator } } = this.#parts;
    return joined([
      ...await generator.weights(this.#memory),
      ...await discriminator.weights(this.#memory),
    ]);
  }

  async parameters(): Promise<Float32Array<ArrayBuffer>> {
    const { programs: { generator, discriminator } } = this.#parts;
    return joined([
      await generator.trained(this.#memory),
      await discriminator.trained(this.#memory),
    ]);
  }

  state(): Promise<CheckpointTensor[]> {
    return keptTensors(this.#memory, this.flats);
  }

  restore(tensors: ReadonlyMap<string, Omit<CheckpointTensor, "name">>): void {
    restoreTensors(this.#memory, this.flats, tensors);
  }

  async profile(): Promise<StepTime[]> {
    const { discriminatorStep, generatorStep } = this.#parts.programs;
    this.#memory.write(STATES.cursor, new Uint32Array(1));
    return [
      ...await this.#memory.profile(discriminatorStep),
      ...await this.#memory.profile(generatorStep),
    ];
  }

  close(): void {
    this.#memory.close();
  }
}
