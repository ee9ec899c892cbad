/** Labelled images on the device: byte records in shards, gathered into batches there. */
import { packRecords, recordsPerShard, shards } from "../data/batches.ts";
import type { Images } from "../data/dataset.ts";
import { type PixelScale, pixelTable } from "../data/pixels.ts";
import type { Memory } from "../device/device.ts";
import type { Graph, State } from "../graph/graph.ts";
import { gather } from "../ops/gather.ts";
import { gatherImages, recordWords } from "../ops/gather_images.ts";
import { type Shape, size, type Value } from "../ops/op.ts";

/** The form of a set of images on the device; the pixels come later, by {@link upload}. */
export interface ImageStore {
  /** Prefix of its states, e.g. `test`. */
  readonly name: string;
  readonly count: number;
  /** Height, width, channels. */
  readonly image: Shape;
  /** Tables of what a byte stands for: one a channel, or one for all if left out. */
  readonly tables?: number;
}

/**
 * Emits a batch: images [batch, height, width, channels] with pixels by the tables that
 * {@link uploadTables} brings, and u32 labels.
 */
export function emitBatch(
  graph: Graph,
  store: ImageStore,
  indices: Value,
): { readonly x: Value; readonly labels: Value } {
  const records = shardStates(store).map((state) => graph.leaf(state));
  const perShard = recordsPerShard(size(store.image));
  const { tables = 1 } = store;
  const table = tableState(tables);
  const attributes = { image: store.image, records: store.count, perShard };
  return {
    x: gatherImages(indices, graph.leaf(table, [tables, 256]), records, attributes),
    labels: gather(graph.leaf(labelState(store)), indices),
  };
}

/** Emits all images as packed bytes: u32 [images, words] for each shard, in order. */
export function emitRecords(graph: Graph, store: ImageStore): Value[] {
  const words = recordWords(store.image);
  return shardStates(store).map((state) => graph.leaf(state, [state.length / words, words]));
}

/** Says what the bytes of all images on a device stand for. */
export function uploadTables(memory: Memory, scale: PixelScale): void {
  const table = pixelTable(scale);
  memory.write(tableState(table.length / 256).name, table);
}

/** Copies images to where the programs that use `store` read them, and says how many bytes. */
export function upload(memory: Memory, store: ImageStore, images: Images): number {
  memory.write(labelState(store).name, Uint32Array.from(images.labels));
  return uploadRecords(memory, store, images) + 4 * labelState(store).length;
}

/** The same for programs that use no labels. */
export function uploadRecords(memory: Memory, store: ImageStore, images: Images): number {
  const states = shardStates(store);
  pieces(store).forEach(({ start, count }, i) => {
    memory.write(states[i]!.name, packRecords(images, start, count));
  });
  return 4 * states.reduce((sum, { length }) => sum + length, 0);
}

function pieces(store: ImageStore): ReturnType<typeof shards> {
  return shards(store, size(store.image));
}

function shardStates(store: ImageStore): State[] {
  return pieces(store).map(({ count }, i) => ({
    name: `${store.name} images ${i}`,
    type: "u32",
    length: count * recordWords(store.image),
  }));
}

function tableState(tables: number): State {
  return { name: "pixel values", type: "f32", length: 256 * tables };
}

function labelState({ name, count }: ImageStore): State {
  return { name: `${name} labels`, type: "u32", length: count };
}
