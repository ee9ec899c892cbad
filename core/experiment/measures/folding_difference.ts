/** How far a net moves when its batch normalisations are folded into the layers before them. */
import { type Dataset, firstImages } from "../../data/dataset.ts";
import type { PixelScale } from "../../data/pixels.ts";
import type { Device } from "../../device/device.ts";
import { foldBatchNorm, type NetTensors } from "../../nn/fold.ts";
import { logitsOf } from "../../train/logits.ts";
import type { Supervised } from "../arms/arm.ts";
import { storesFor } from "../cells/supervised_cell.ts";

/**
 * The largest difference between a logit of a net and that of its folded form, over the largest
 * magnitude of any of their logits, on the first `images` test images as the net is given them; no
 * finite number where a logit is none.
 *
 * @throws {TypeError} naming the tensor when one is missing or has another shape.
 */
export async function foldingDifference(
  device: Device,
  arm: Supervised,
  tensors: NetTensors,
  { train, test }: Dataset,
  pixels: PixelScale,
  images: number,
): Promise<number> {
  const first = firstImages(test, Math.min(images, test.count));
  const store = storesFor(arm, { train: train.count, test: first.count }).test;
  const shown = { store, images: first, pixels, batch: arm.batch };
  const plain = await logitsOf(device, { layers: arm.net, tensors }, shown);
  const folded = await logitsOf(device, foldBatchNorm(arm.net, tensors), shown);
  const largest = (numbers: Float32Array) =>
    numbers.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  const difference = plain.reduce(
    (largest, x, i) => Math.max(largest, Math.abs(x - folded[i]!)),
    0,
  );
  // Nets that say nothing at all say the same.
  return difference === 0 ? 0 : difference / Math.max(largest(plain), largest(folded));
}
