/**
 * Nearest neighbours: for each image of a batch, which training image is the least different, pixel
 * byte by pixel byte. Nothing is learned and nothing drawn, and all numbers are integers.
 */
import { packRecords } from "../data/batches.ts";
import type { Images } from "../data/dataset.ts";
import type { Device, Memory, StepTime } from "../device/device.ts";
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { Graph, type State } from "../graph/graph.ts";
import { distances, type Metric } from "../ops/distances.ts";
import { recordWords } from "../ops/gather_images.ts";
import { nearest } from "../ops/nearest.ts";
import type { Value } from "../ops/op.ts";
import { emitRecords, type ImageStore, uploadRecords } from "./image_store.ts";

/** Images that are compared with all training images at once. */
export const SEARCH_BATCH = 100;

const FOUND: State = { name: "nearest", type: "u32", length: SEARCH_BATCH };

function queryState({ image }: ImageStore): State {
  return { name: "queries", type: "u32", length: SEARCH_BATCH * recordWords(image) };
}

/** The program: the nearest of the images in `store` to each of a batch. */
export function buildSearch(metric: Metric, store: ImageStore): CompiledProgram {
  const graph = new Graph();
  const queries = graph.leaf(queryState(store), [SEARCH_BATCH, recordWords(store.image)]);
  const shards = emitRecords(graph, store).map((records) =>
    distances(queries, records, { metric })
  );
  graph.place(nearest(shards as [Value, ...Value[]]), FOUND);
  return compile(graph, "nearest neighbour");
}

/** Loads the program and the first `store.count` of the images to search among. */
export async function openSearch(
  device: Device,
  { metric, store, images }: {
    readonly metric: Metric;
    readonly store: ImageStore;
    readonly images: Images;
  },
): Promise<Search> {
  const program = buildSearch(metric, store);
  const memory = await device.load([program]);
  return new Search(memory, program, store, uploadRecords(memory, store, images));
}

/** See {@link openSearch}. */
export class Search {
  readonly #memory: Memory;
  readonly #program: CompiledProgram;
  readonly #store: ImageStore;
  readonly #dataBytes: number;

  constructor(memory: Memory, program: CompiledProgram, store: ImageStore, dataBytes: number) {
    this.#memory = memory;
    this.#program = program;
    this.#store = store;
    this.#dataBytes = dataBytes;
  }

  /** Bytes of all device buffers. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Bytes of all device buffers but the images that are searched. */
  get bytesBesidesData(): number {
    return this.#memory.bytes - this.#dataBytes;
  }

  /**
   * The index of the training image nearest to each of `count` images from `start` on, at most
   * {@link SEARCH_BATCH}; the lowest among equals.
   */
  async nearest(images: Images, start: number, count: number): Promise<Uint32Array> {
    // What is left of an earlier batch is compared as well, and its answers are not read.
    this.#memory.write(queryState(this.#store).name, packRecords(images, start, count));
    this.#memory.run(this.#program);
    return await this.#memory.read(FOUND.name, 0, count) as Uint32Array;
  }

  /** Times each dispatch of one batch on the device. */
  profile(): Promise<StepTime[]> {
    return this.#memory.profile(this.#program);
  }

  /** Frees the device buffers. */
  close(): void {
    this.#memory.close();
  }
}
