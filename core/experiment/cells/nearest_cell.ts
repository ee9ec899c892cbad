/** Runs one cell of a nearest-neighbour arm: its share of the test images, from the first on. */
import { type Dataset, type DatasetName, DATASETS } from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { ImageStore } from "../../train/image_store.ts";
import { openSearch, type Search, SEARCH_BATCH } from "../../train/nearest_neighbour.ts";
import type { CellOutcome } from "./cell_log.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { NearestCell } from "../arms/nearest_neighbour.ts";
import type { Cell } from "../plan.ts";
import type { Reporter } from "../reporter.ts";
import { requireTrainImages } from "./supervised_cell.ts";

/** What a cell came to; without measures where it was stopped. */
export interface NearestOutcome extends CellOutcome {
  readonly measures: Readonly<Record<string, number>>;
}

/** The form on the device of the first `count` training images. */
export function searchedStore(data: DatasetName, count: number): ImageStore {
  return { name: "train", count, image: DATASETS[data].shape };
}

/** Opens a cell's search. */
export function openNearestCell(
  device: Device,
  { data, metric, trainImages }: NearestCell,
  { train }: Dataset,
): Promise<Search> {
  const store = searchedStore(data, trainImages ?? train.count);
  return openSearch(device, { metric, store, images: train });
}

/** @throws {DeclarationError} when there are fewer images than the arm asks for. */
export function requireImages(arm: NearestCell, data: Dataset): void {
  requireTrainImages(arm, data);
  if (arm.testImages > data.test.count) {
    throw new DeclarationError(
      `${arm.testImages} test images were asked for, but ${data.description} has ` +
        `${data.test.count}; ` + (data.source === "stand-in"
          ? `fetch the real ones (deno task data ${arm.data})`
          : "set testImages to at most that"),
    );
  }
}

/**
 * Compares a cell's images, until `stop` answers true between two batches; a stopped cell starts
 * anew.
 */
export async function runNearestCell(
  { device, reporter, stop, profile }: {
    readonly device: Device;
    readonly reporter: Reporter;
    readonly stop: () => boolean;
    readonly profile: boolean;
  },
  cell: Cell & { readonly config: NearestCell },
  data: Dataset,
): Promise<NearestOutcome> {
  const start = performance.now();
  const { images: { from, to } } = cell.config;
  const progress = { step: 0, chain: [], evaluations: [], metricsBytes: 0 };
  const search = await openNearestCell(device, cell.config, data);
  try {
    if (profile) reporter.profiled(cell, await search.profile());
    let correct = 0;
    let next = from;
    while (next < to && !stop()) {
      const count = Math.min(SEARCH_BATCH, to - next);
      const found = await search.nearest(data.test, next, count);
      found.forEach((index, i) => {
        if (data.train.labels[index] === data.test.labels[next + i]) correct++;
      });
      next += count;
      const images = next - from;
      const perImage = (performance.now() - start) / images / 1000;
      const speed = { imagesPerSecond: 1 / perImage, secondsLeft: perImage * (to - next) };
      reporter.compared({ cell, images, of: to - from, correct, ...speed });
    }
    return {
      ...next === to
        ? { status: "finished", measures: { correct, images: to - from } }
        : { status: "running", measures: {} },
      progress: { ...progress, seconds: (performance.now() - start) / 1000 },
      memory: { all: search.bytes, besidesData: search.bytesBesidesData },
    };
  } finally {
    search.close();
  }
}
