/** Leaves the first test images of a finished cell with what its net says of them. */
import { type Dataset, imageAt } from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { Supervised } from "../arms/arm.ts";
import type { Host } from "../host_interface.ts";
import { loadNet } from "../cells/load_net.ts";
import { tiled } from "./picture.ts";
import { FORMAT } from "../records/record.ts";
import { type Predictions, SAMPLES } from "./samples.ts";
import { firstSeen } from "../cells/supervised_cell.ts";

const IMAGES = 24;
const COLUMNS = 8;

/** Writes the samples of the cell in `folder`, unless it has them. */
export async function leaveSamples(
  { host, device }: { readonly host: Host; readonly device: Device },
  arm: Supervised,
  published: Dataset,
  folder: string,
): Promise<void> {
  const numbers = `${folder}/${SAMPLES.predictions}`;
  if (await host.exists(numbers)) return;
  const { test, shape, classes } = firstSeen(arm, published, IMAGES);
  const { count } = test;
  const images = Array.from({ length: count }, (_, i) => imageAt(test, i));
  const net = await loadNet(folder, { device, host });
  try {
    const predicted: Predictions["images"] = [];
    for (const [index, image] of images.entries()) {
      const probabilities = await net.predict(image);
      predicted.push({ index, label: test.labels[index]!, probabilities });
    }
    const predictions: Predictions = {
      format: FORMAT,
      set: "test",
      classes: [...classes],
      image: [...shape] as Predictions["image"],
      columns: COLUMNS,
      images: predicted,
    };
    if (!await host.exists(`${folder}/samples`)) await host.createFolder(`${folder}/samples`);
    await host.writeAtomic(`${folder}/${SAMPLES.pictures}`, tiled(images, shape, COLUMNS));
    // The numbers last: where they are, the picture is.
    await host.writeAtomic(numbers, `${JSON.stringify(predictions, null, 2)}\n`);
  } finally {
    net.close();
  }
}
