/**
 * Writes attacked_net.safetensors, which make.py reads as the test does: a checkpoint of a small net
 * that learned the stand-in digits, and beside its tensors four test images as bytes.
 *
 *     deno run --allow-read --allow-write=tests/golden tests/golden/attacked_net.ts
 */
import { shuffledBatches } from "../../core/data/batches.ts";
import { firstImages } from "../../core/data/dataset.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../core/device/cpu.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { encodeSafetensors } from "../../core/train/checkpoint.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import { openTrainer } from "../../core/train/trainer.ts";
import { WINDOW } from "../../core/train/window.ts";

/** The net, which make.py has too. */
export const NET: Layer[] = [
  { layer: "conv2d", filters: 4, kernel: 5, stride: 2, padding: "valid" },
  { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 },
  { layer: "relu" },
  { layer: "maxPool", size: 2 },
  { layer: "flatten" },
  { layer: "dense", units: 10 },
];

/** Images in the file. */
export const COUNT = 4;

async function write(): Promise<void> {
  const data = await mnistStandIn();
  const image = data.shape;
  const stores = {
    train: { name: "train", count: data.train.count, image },
    test: { name: "test", count: data.test.count, image },
    classes: 10,
  };
  const optimiser = { optimiser: "sgd", learningRate: 0.1 } as const;
  const config = { net: NET, optimiser, batch: 32 };
  const indices = Uint32Array.from({ length: data.train.count }, (_, i) => i);
  const device = openCpu("golden");
  const trainer = await openTrainer(device, {
    ...{ programs: buildSupervised(config, stores), config, stores, data, seed: 0 },
    order: shuffledBatches(0, indices, config.batch),
  });
  trainer.initialise();
  for (let step = 0; step < 4 * WINDOW; step += WINDOW) await trainer.train(step, step + WINDOW);
  const { pixels, labels } = firstImages(data.test, COUNT);
  const bytes = encodeSafetensors([
    ...await trainer.state(),
    { name: "images", shape: [COUNT, ...image], data: Float32Array.from(pixels) },
    { name: "labels", shape: [COUNT], data: Float32Array.from(labels) },
  ], { format: "pt" });
  await Deno.writeFile(new URL("attacked_net.safetensors", import.meta.url), bytes);
  trainer.close();
  device.close();
}

if (import.meta.main) await write();
