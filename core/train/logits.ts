/** What a trained net in inference says of images, as the logits themselves. */
import { evaluationBatches } from "../data/batches.ts";
import type { Images } from "../data/dataset.ts";
import type { PixelScale } from "../data/pixels.ts";
import type { Device } from "../device/device.ts";
import { compile } from "../graph/compile.ts";
import { Graph, type State } from "../graph/graph.ts";
import type { TrainedNet } from "../nn/fold.ts";
import { applyLayers } from "../nn/layers.ts";
import { Net } from "../nn/net.ts";
import { size } from "../ops/op.ts";
import { emitBatch, type ImageStore, uploadRecords, uploadTables } from "./image_store.ts";
import { joined, NetState } from "./net_state.ts";

/**
 * The logits of all images of a store, [images, classes], computed `batch` images at a time.
 *
 * @throws {TypeError} naming the tensor when one is missing or has another shape.
 */
export async function logitsOf(
  device: Device,
  { layers, tensors }: TrainedNet,
  { store, images, pixels, batch }: {
    readonly store: ImageStore;
    readonly images: Images;
    readonly pixels: PixelScale;
    readonly batch: number;
  },
): Promise<Float32Array<ArrayBuffer>> {
  const graph = new Graph();
  const state = new NetState();
  const indices: State = { name: "indices", type: "u32", length: batch };
  const { x } = emitBatch(graph, store, graph.leaf(indices));
  const net = new Net(graph, state.parameters, { statistics: state.statistics });
  const { output } = applyLayers(net, x, layers).at(-1)!;
  const logits: State = { name: "logits", type: "f32", length: size(output.shape) };
  graph.place(output, logits);
  const program = compile(graph, "logits");
  const memory = await device.load([program]);
  try {
    for (const [name, view] of program.initial) memory.write(name, view);
    state.restore(memory, tensors);
    uploadTables(memory, pixels);
    uploadRecords(memory, store, images);
    const found: Float32Array[] = [];
    for (const rows of evaluationBatches(store.count, batch)) {
      memory.write(indices.name, rows);
      memory.run(program);
      found.push(await memory.read(logits.name) as Float32Array);
    }
    return joined(found).slice(0, store.count * logits.length / batch);
  } finally {
    memory.close();
  }
}
