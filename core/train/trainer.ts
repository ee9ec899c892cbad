/** A net being trained on a device: its buffers, its state between steps, and what it is asked. */
import { type BatchOrder, evaluationBatches, NO_IMAGE } from "../data/batches.ts";
import type { Dataset, Images } from "../data/dataset.ts";
import type { Device, Memory, StepTime } from "../device/device.ts";
import { optimiserKind } from "../optim/optimisers.ts";
import { stream } from "../random/streams.ts";
import type { CheckpointTensor } from "./checkpoint.ts";
import { type ImageStore, upload } from "./image_store.ts";
import {
  STATES,
  type Stores,
  type SupervisedConfig,
  type SupervisedPrograms,
  WINDOW,
} from "./supervised.ts";

/** What a window of training steps measured, step by step. */
export interface WindowResult {
  /** The step after the last one of the window. */
  readonly end: number;
  /** Mean cross-entropy of each step's batch, in nats. */
  readonly losses: readonly number[];
  /** Magnitude of each step's largest gradient. */
  readonly largestGradients: readonly number[];
}

/** Accuracy in 0..1 and mean cross-entropy in nats over `count` images. */
export interface Evaluation {
  readonly accuracy: number;
  readonly loss: number;
  readonly count: number;
}

/** Loads the programs and the images; one trainer at a time fits most devices. */
export async function openTrainer(
  device: Device,
  { programs, config, stores, data, seed, order }: {
    readonly programs: SupervisedPrograms;
    readonly config: SupervisedConfig;
    readonly stores: Stores;
    readonly data: Dataset;
    readonly seed: number;
    /** Which of the data set's training images each step sees. */
    readonly order: BatchOrder;
  },
): Promise<Trainer> {
  const { initialise, step, evaluate } = programs;
  const all = [initialise, step, evaluate.train, evaluate.test];
  const memory = await device.load(all);
  for (const program of all) for (const [name, view] of program.initial) memory.write(name, view);
  const dataBytes = upload(memory, stores.train, data.train) +
    upload(memory, stores.test, data.test);
  return new Trainer(memory, programs, config, stores.test, seed, order, dataBytes);
}

/** See {@link openTrainer}. */
export class Trainer {
  readonly #memory: Memory;
  readonly #programs: SupervisedPrograms;
  readonly #config: SupervisedConfig;
  readonly #test: ImageStore;
  readonly #seed: number;
  readonly #order: BatchOrder;
  readonly #dataBytes: number;

  constructor(
    memory: Memory,
    programs: SupervisedPrograms,
    config: SupervisedConfig,
    test: ImageStore,
    seed: number,
    order: BatchOrder,
    dataBytes: number,
  ) {
    this.#memory = memory;
    this.#programs = programs;
    this.#config = config;
    this.#test = test;
    this.#seed = seed;
    this.#order = order;
    this.#dataBytes = dataBytes;
  }

  get stepsPerEpoch(): number {
    return this.#order.stepsPerEpoch;
  }

  /** Where each parameter's tensor lies in the flat buffers. */
  get parameters(): SupervisedPrograms["parameters"] {
    return this.#programs.parameters;
  }

  /** Bytes of all device buffers. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Bytes of all device buffers but the images. */
  get bytesBesidesData(): number {
    return this.#memory.bytes - this.#dataBytes;
  }

  /** Draws the parameters from the streams of the seed. */
  initialise(): void {
    this.#programs.parameters.list.forEach(({ name }, i) => {
      const { key } = stream(this.#seed, `initialise/${name}`);
      this.#memory.write(STATES.keys, Uint32Array.from(key), i * 64);
    });
    this.#memory.run(this.#programs.initialise);
  }

  /** Queues steps `from` to `to - 1` (at most {@link WINDOW}); resolves when they have run. */
  async train(from: number, to: number): Promise<WindowResult> {
    const { batch, optimiser } = this.#config;
    const order = new Uint32Array(WINDOW * batch);
    for (let step = from; step < to; step++) {
      order.set(this.#order.batch(step), (step - from) * batch);
    }
    this.#memory.write(STATES.order, order);
    this.#memory.write(STATES.schedule, optimiserKind(optimiser).scalars(optimiser, from, to));
    this.#memory.write(STATES.cursor, new Uint32Array(1));
    this.#memory.run(this.#programs.step, to - from);
    const ring = await this.#memory.read(STATES.ring, 0, (to - from) * 2);
    return {
      end: to,
      losses: Array.from(ring.filter((_, i) => i % 2 === 0)),
      largestGradients: Array.from(ring.filter((_, i) => i % 2 === 1)),
    };
  }

  /** Evaluates on the given images of one split; every image counts once. */
  async evaluate(split: "train" | "test", indices: Uint32Array): Promise<Evaluation> {
    const { batch } = this.#config;
    const batches = evaluationBatches(indices.length, batch)
      .map((rows) => rows.map((row) => row === NO_IMAGE ? NO_IMAGE : indices[row]!));
    let loss = 0, hits = 0;
    for (let first = 0; first < batches.length; first += WINDOW) {
      const window = batches.slice(first, first + WINDOW);
      const order = new Uint32Array(WINDOW * batch);
      window.forEach((rows, i) => order.set(rows, i * batch));
      this.#memory.write(STATES.order, order);
      this.#memory.write(STATES.cursor, new Uint32Array(1));
      this.#memory.run(this.#programs.evaluate[split], window.length);
      const ring = await this.#memory.read(STATES.ring, 0, window.length * 2);
      for (let i = 0; i < window.length; i++) {
        loss += ring[2 * i]!;
        hits += ring[2 * i + 1]!;
      }
    }
    return { accuracy: hits / indices.length, loss: loss / indices.length, count: indices.length };
  }

  /** Puts other test images of the same form in the place of the first ones. */
  showTest(images: Images): void {
    upload(this.#memory, { ...this.#test, count: images.count }, images);
  }

  /** All trainable numbers in order of declaration, without padding. */
  async weights(): Promise<Float32Array<ArrayBuffer>> {
    return this.#programs.parameters.packed(await this.#flat(STATES.parameters));
  }

  /** Everything that a resume needs: parameters, then the optimiser's moments. */
  async state(): Promise<CheckpointTensor[]> {
    const buffers = await Promise.all(this.#buffers().map((name) => this.#flat(name)));
    return this.#buffers().flatMap((buffer, i) =>
      this.#programs.parameters.tensors(buffers[i]!)
        .map(({ name, ...rest }) => ({ name: tensorPrefix(buffer) + name, ...rest }))
    );
  }

  /**
   * Takes up a saved state.
   *
   * @throws {TypeError} naming the tensor when one is missing or has another shape.
   */
  restore(tensors: ReadonlyMap<string, Omit<CheckpointTensor, "name">>): void {
    for (const buffer of this.#buffers()) {
      this.#programs.parameters.restore(
        tensors,
        (offset, data) => this.#memory.write(buffer, data, offset),
        tensorPrefix(buffer),
      );
    }
  }

  /** Times each dispatch of one training step on the device; the state moves on by one step. */
  profile(): Promise<StepTime[]> {
    this.#memory.write(STATES.cursor, new Uint32Array(1));
    return this.#memory.profile(this.#programs.step);
  }

  /** Frees the device buffers. */
  close(): void {
    this.#memory.close();
  }

  #buffers(): string[] {
    return [STATES.parameters, ...optimiserKind(this.#config.optimiser).moments];
  }

  async #flat(name: string): Promise<Float32Array> {
    return await this.#memory.read(name) as Float32Array;
  }
}

/** What stands before a parameter's name in a checkpoint. */
export function tensorPrefix(buffer: string): string {
  return buffer === STATES.parameters ? "" : `${buffer}/`;
}
