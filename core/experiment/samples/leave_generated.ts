/**
 * Leaves two more pictures of a finished generator: a walk between codes, and generated images each
 * above the image that it is nearest to of those it was trained on, with how near, so that one sees
 * whether it draws its training images by heart.
 */
import {
  chosenImages,
  type Dataset,
  firstImages,
  imageAt,
  type Images,
} from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import { openSearch } from "../../train/nearest_neighbour.ts";
import type { Adversarial } from "../arms/adversarial.ts";
import { openPairCell, trainedOn } from "../cells/adversarial_cell.ts";
import { imageShape } from "../arms/arm.ts";
import { fitting, readCheckpoint } from "../cells/checkpoint_file.ts";
import { asBytes, COLUMNS, GENERATED, inRows, type Neighbours } from "./generated_samples.ts";
import type { Host } from "../host_interface.ts";
import { FILES, FORMAT } from "../records/record.ts";

/** Walks between two codes. */
const WALKS = 8;
/** Images whose nearest neighbours are looked for. */
const COMPARED = 16;

/** Writes them into the folder of a finished cell, unless it has them. */
export async function leaveGenerated(
  { host, device }: { readonly host: Host; readonly device: Device },
  arm: Adversarial,
  data: Dataset,
  seed: number,
  folder: string,
): Promise<void> {
  if (await host.exists(`${folder}/${GENERATED.neighbours}`)) return;
  const shape = imageShape(arm);
  const { generated, walks } = await generate(device, host, arm, data, seed, folder);
  await host.writeAtomic(
    `${folder}/${GENERATED.interpolation}`,
    inRows(asBytes(walks, shape), shape),
  );
  const images = asBytes(generated, shape);
  const trained = chosenImages(data.train, trainedOn(arm, data));
  const store = { name: "train", count: trained.count, image: shape };
  const search = await openSearch(device, { metric: "l2", store, images: trained });
  try {
    const nearestTo = async (of: Images) =>
      Array.from(await search.nearest(of, 0, of.count), (index, i) => ({
        index,
        distance: distance(imageAt(of, i), imageAt(trained, index)),
      }));
    const pixels = Uint8Array.from(images.flatMap((image) => [...image]));
    const found = await nearestTo({ pixels, labels: new Uint8Array(COMPARED), count: COMPARED });
    const ofTest = await nearestTo(firstImages(data.test, COMPARED));
    const rows = Array.from({ length: COMPARED / COLUMNS }, (_, row) => {
      const columns = Array.from({ length: COLUMNS }, (_, i) => row * COLUMNS + i);
      return [
        ...columns.map((i) => images[i]!),
        ...columns.map((i) => imageAt(trained, found[i]!.index)),
      ];
    });
    await host.writeAtomic(`${folder}/${GENERATED.nearest}`, inRows(rows.flat(), shape));
    const neighbours: Neighbours = {
      format: FORMAT,
      generated: found.map(({ distance }) => distance),
      test: ofTest.map(({ distance }) => distance),
    };
    // The numbers last: where they are, the pictures are.
    await host.writeAtomic(
      `${folder}/${GENERATED.neighbours}`,
      `${JSON.stringify(neighbours, null, 2)}\n`,
    );
  } finally {
    search.close();
  }
}

async function generate(
  device: Device,
  host: Host,
  arm: Adversarial,
  data: Dataset,
  seed: number,
  folder: string,
): Promise<{ readonly generated: Float32Array; readonly walks: Float32Array }> {
  const path = `${folder}/${FILES.checkpoint}`;
  const { tensors } = await readCheckpoint(host, path);
  const plain = { ...arm, activations: false };
  const { trainer, looker } = await openPairCell(device, plain, seed, data, undefined);
  try {
    fitting(path, () => trainer.restore(tensors));
    const codes = looker.codes(2 * WALKS);
    return {
      generated: await looker.generate(looker.codes(COMPARED)),
      walks: await looker.generate(between(codes, arm.code)),
    };
  } finally {
    trainer.close();
  }
}

/** From each code with an even number to the next in equal steps, both ends included. */
function between(codes: Float32Array, length: number): Float32Array {
  const walks = new Float32Array(WALKS * COLUMNS * length);
  for (let walk = 0; walk < WALKS; walk++) {
    for (let step = 0; step < COLUMNS; step++) {
      const share = step / (COLUMNS - 1);
      for (let i = 0; i < length; i++) {
        const [from, to] = [codes[2 * walk * length + i]!, codes[(2 * walk + 1) * length + i]!];
        walks[(walk * COLUMNS + step) * length + i] = from + share * (to - from);
      }
    }
  }
  return walks;
}

/** Root of the mean squared difference of two images' pixels, in grey levels of 0..255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(squares / a.length);
}
