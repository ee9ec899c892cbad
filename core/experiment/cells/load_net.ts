/** A trained net from a cell's folder, ready to predict. */
import { DATASETS } from "../../data/dataset.ts";
import { pixelTable } from "../../data/pixels.ts";
import { openCpu } from "../../device/cpu.ts";
import type { Device } from "../../device/device.ts";
import { compile } from "../../graph/compile.ts";
import { Graph, type State } from "../../graph/graph.ts";
import { foldBatchNorm, type TrainedNet } from "../../nn/fold.ts";
import { applyLayers } from "../../nn/layers.ts";
import { Net } from "../../nn/net.ts";
import { size } from "../../ops/op.ts";
import { softmax } from "../../ops/softmax.ts";
import { NetState } from "../../train/net_state.ts";
import { savedPixels } from "../../train/pixel_tensors.ts";
import { imageShape, supervisedSchema } from "../arms/arm.ts";
import { fitting, readCheckpoint } from "./checkpoint_file.ts";
import { parse } from "../parse.ts";
import type { Host } from "../host_interface.ts";
import { denoHost } from "../host.ts";
import { cellRecordSchema, FILES, readRecord } from "../records/record.ts";

/** A net that predicts, by its layers and their tensors. */
export interface LoadedNet extends TrainedNet {
  /** Height, width and channels of an image. */
  readonly image: readonly [number, number, number];
  /**
   * Probabilities of the classes for one image, whose pixels are bytes, row by row with channels
   * last; they reach the net as its training images did.
   *
   * @throws {RangeError} when the image has another number of bytes.
   */
  predict(pixels: Uint8Array): Promise<number[]>;
  /** Frees the device buffers, and the device if it is the net's own. */
  close(): void;
}

/** How a net is loaded. */
export interface LoadOptions {
  /** A cpu device of its own if left out. */
  readonly device?: Device;
  readonly host?: Host;
  /**
   * Whether batch normalisations are folded into the layers before them, as by `foldBatchNorm`: the
   * same function up to rounding, in fewer layers.
   */
  readonly folded?: boolean;
}

/**
 * Loads the net of a cell, `runs/<experiment>/<run>/<cell>`.
 *
 * @throws {DeclarationError} when the folder holds no record of a trained cell.
 * @throws {CheckpointError} when the checkpoint is damaged or does not fit.
 */
export async function loadNet(
  folder: string,
  { device, host = denoHost, folded = false }: LoadOptions = {},
): Promise<LoadedNet> {
  const record = await readRecord(host, `${folder}/${FILES.record}`, cellRecordSchema);
  const arm = parse(supervisedSchema, record.config, `${folder}/${FILES.record}: config`);
  const file = `${folder}/${FILES.checkpoint}`;
  const { tensors } = await readCheckpoint(host, file);
  const trained = folded
    ? fitting(file, () => foldBatchNorm(arm.net, tensors))
    : { layers: arm.net, tensors };
  const image = imageShape(arm);
  const table = fitting(file, () => pixelTable(savedPixels(tensors, arm.pixels, image[2])));
  const tables = table.length / 256;
  const graph = new Graph();
  const net = new NetState();
  const input: State = { name: "image", type: "f32", length: size(image) };
  const output: State = { name: "probabilities", type: "f32", length: DATASETS[arm.data].classes };
  const layers = applyLayers(
    new Net(graph, net.parameters, { statistics: net.statistics }),
    graph.leaf(input, [1, ...image]),
    trained.layers,
  );
  graph.place(softmax(layers.at(-1)!.output), output);
  const program = compile(graph, "predict");
  const opened = device ?? openCpu(denoHost.cpuModel());
  const memory = await opened.load([program]);
  for (const [name, view] of program.initial) memory.write(name, view);
  const close = () => {
    memory.close();
    if (!device) opened.close();
  };
  try {
    fitting(file, () => net.restore(memory, trained.tensors));
  } catch (error) {
    close();
    throw error;
  }
  const own = [...net.parameters.list, ...net.statistics.list];
  return {
    layers: trained.layers,
    tensors: new Map(own.map(({ name }) => [name, trained.tensors.get(name)!])),
    image,
    async predict(pixels) {
      if (pixels.length !== size(image)) {
        throw new RangeError(
          `an image of ${image.join(" x ")} has ${size(image)} bytes, not ${pixels.length}`,
        );
      }
      memory.write(
        input.name,
        Float32Array.from(pixels, (byte, i) => table[i % tables * 256 + byte]!),
      );
      memory.run(program);
      return Array.from(await memory.read(output.name));
    },
    close,
  };
}
