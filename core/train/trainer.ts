/** A net being trained on a device: its buffers, its state between steps, and what it is asked. */
import { type BatchOrder, evaluationBatches, NO_IMAGE } from "../data/batches.ts";
import type { Dataset, Images } from "../data/dataset.ts";
import type { PixelScale } from "../data/pixels.ts";
import type { Device, Memory, StepTime } from "../device/device.ts";
import type { CompiledProgram } from "../graph/compile.ts";
import { optimiserKind } from "../optim/optimisers.ts";
import { SIZES, sizesOf } from "./adversary.ts";
import type { CheckpointTensor } from "./checkpoint.ts";
import { type ImageStore, upload, uploadTables } from "./image_store.ts";
import type { InspectionPrograms } from "./inspection.ts";
import { Inspector } from "./inspector.ts";
import { type Flat, joined, keptTensors, restoreTensors } from "./net_state.ts";
import { pixelTensors } from "./pixel_tensors.ts";
import type { SupervisedPrograms } from "./supervised.ts";
import type { Stores, SupervisedConfig } from "./supervised_config.ts";
import type { Training, WindowResult } from "./training.ts";
import { scheduleState } from "./update.ts";
import { STATES, WINDOW, writeSteps, writeWindow } from "./window.ts";

/** Accuracy in 0..1 and mean loss over `count` images; a cross-entropy is in nats. */
export interface Evaluation {
  readonly accuracy: number;
  readonly loss: number;
  readonly count: number;
}

/** What a trainer is opened with besides the images. */
export interface TrainerOptions {
  readonly programs: SupervisedPrograms;
  /** What it takes to inspect the net, if it shall be. */
  readonly inspection?: InspectionPrograms | undefined;
  readonly config: SupervisedConfig;
  readonly stores: Stores;
  readonly seed: number;
  /** Which of the data set's training images each step sees. */
  readonly order: BatchOrder;
  /** How the images reach the net: with pixels k/255 if left out. */
  readonly pixels?: PixelScale;
}

/** Loads the programs and the images; one trainer at a time fits most devices. */
export async function openTrainer(
  device: Device,
  { data, ...options }: TrainerOptions & { readonly data: Dataset },
): Promise<Trainer> {
  const { programs: { initialise, step, evaluate }, inspection, stores, pixels = "unit" } = options;
  const all = [initialise, step, evaluate.train, evaluate.test, ...programsOf(inspection)];
  const memory = await device.load(all);
  for (const program of all) for (const [name, view] of program.initial) memory.write(name, view);
  uploadTables(memory, pixels);
  const dataBytes = upload(memory, stores.train, data.train) +
    upload(memory, stores.test, data.test);
  return new Trainer(memory, dataBytes, options);
}

function programsOf(inspection: InspectionPrograms | undefined): CompiledProgram[] {
  if (!inspection) return [];
  const { hold, outputs, changes, along, putBack } = inspection;
  return [hold, outputs.program, changes.program, ...along ? [along.program] : [], putBack];
}

/** See {@link openTrainer}. */
export class Trainer implements Training {
  readonly flats: readonly Flat[];
  /** Where it was opened with what that takes. */
  readonly inspector: Inspector | undefined;
  readonly #memory: Memory;
  readonly #programs: SupervisedPrograms;
  readonly #config: SupervisedConfig;
  readonly #test: ImageStore;
  readonly #seed: number;
  readonly #order: BatchOrder;
  readonly #pixels: PixelScale;
  readonly #dataBytes: number;

  constructor(
    memory: Memory,
    dataBytes: number,
    { programs, inspection, config, stores, seed, order, pixels = "unit" }: TrainerOptions,
  ) {
    this.#memory = memory;
    this.#programs = programs;
    this.#config = config;
    this.#test = stores.test;
    this.#seed = seed;
    this.#order = order;
    this.#pixels = pixels;
    this.#dataBytes = dataBytes;
    this.flats = programs.net.flats(config.optimiser);
    programs.net.writeStreams(memory, seed);
    this.inspector = inspection &&
      new Inspector(memory, inspection, programs.step, (step) => this.#begin(step, step + 1));
  }

  get stepsPerEpoch(): number {
    return this.#order.stepsPerEpoch;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  get bytesBesidesData(): number {
    return this.#memory.bytes - this.#dataBytes;
  }

  initialise(): void {
    this.#programs.net.writeKeys(this.#memory, this.#seed);
    this.#memory.run(this.#programs.initialise);
  }

  async train(from: number, to: number): Promise<WindowResult> {
    this.#begin(from, to);
    this.#memory.run(this.#programs.step, to - from);
    const ring = await this.#memory.read(STATES.ring, 0, (to - from) * 2);
    return {
      end: to,
      losses: { train: Array.from(ring.filter((_, i) => i % 2 === 0)) },
      largestGradients: Array.from(ring.filter((_, i) => i % 2 === 1)),
    };
  }

  /** Writes what steps `from` to `to - 1` need. */
  #begin(from: number, to: number): void {
    const { optimiser, adversary } = this.#config;
    writeWindow(this.#memory, { from, to }, this.#order);
    if (this.#programs.net.draws) writeSteps(this.#memory, from);
    const scalars = optimiserKind(optimiser).scalars(optimiser, from, to);
    this.#memory.write(scheduleState("", optimiser).name, scalars);
    if (adversary) this.#memory.write(SIZES.name, sizesOf(adversary, from, to));
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

  async weights(): Promise<Float32Array<ArrayBuffer>> {
    return joined(await this.#programs.net.weights(this.#memory));
  }

  parameters(): Promise<Float32Array<ArrayBuffer>> {
    return this.#programs.net.trained(this.#memory);
  }

  async state(): Promise<CheckpointTensor[]> {
    return [...await keptTensors(this.#memory, this.flats), ...pixelTensors(this.#pixels)];
  }

  restore(tensors: ReadonlyMap<string, Omit<CheckpointTensor, "name">>): void {
    restoreTensors(this.#memory, this.flats, tensors);
  }

  profile(): Promise<StepTime[]> {
    this.#memory.write(STATES.cursor, new Uint32Array(1));
    return this.#memory.profile(this.#programs.step);
  }

  close(): void {
    this.#memory.close();
  }
}
