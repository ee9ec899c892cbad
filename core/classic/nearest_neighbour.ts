/**
 * The nearest neighbour: an image is taken for what the image is that differs least from it, pixel
 * byte by pixel byte, the first one among equals; nothing is fitted. By the search on the device.
 */
import type { Images } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import type { ImageStore } from "../train/image_store.ts";
import { openSearch, SEARCH_BATCH } from "../train/nearest_neighbour.ts";
import type { NearestNeighbour } from "./classic.ts";
import type { Classify } from "./classify.ts";

/** Takes images of a shape (height, width, channels) to look among. */
export function amongNeighbours(
  device: Device,
  { metric }: NearestNeighbour,
  images: Images,
  image: ImageStore["image"],
): Classify {
  return async (shown) => {
    const store = { name: "train", count: images.count, image };
    const search = await openSearch(device, { metric, store, images });
    try {
      const found: number[] = [];
      while (found.length < shown.count) {
        const count = Math.min(SEARCH_BATCH, shown.count - found.length);
        found.push(...await search.nearest(shown, found.length, count));
      }
      return Uint8Array.from(found, (index) => images.labels[index]!);
    } finally {
      search.close();
    }
  };
}
