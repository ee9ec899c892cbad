/** Loads the data sets of cells, each once. */
import type { Dataset } from "../data/dataset.ts";
import { type DataDirectory, type Downloader, loadDataset } from "../data/load.ts";
import { lookCount } from "./cells/adversarial_cell.ts";
import type { PresetName } from "./arms/presets.ts";
import type { Host } from "./host_interface.ts";
import { requireImages } from "./cells/nearest_cell.ts";
import type { Cell } from "./plan.ts";
import { requireTrainImages } from "./cells/supervised_cell.ts";
import { requireTransferImages } from "./cells/transfer_cell.ts";

/** Where data are looked for. */
export interface DataSources {
  readonly dataDirectories: readonly DataDirectory[];
  /** Left out, nothing is downloaded; the preset quick never downloads. */
  readonly download?: Downloader;
}

/**
 * The data sets that cells need, by name; the stand-in only where it is allowed.
 *
 * @throws {DataError} when data are missing or damaged.
 * @throws {DeclarationError} when there are fewer images than a cell asks for.
 */
export async function loadData(
  host: Host,
  cells: readonly Pick<Cell, "config">[],
  { preset, dataDirectories, download }: DataSources & { readonly preset: PresetName },
  allowStandIn: boolean,
): Promise<ReadonlyMap<string, Dataset>> {
  const datasets = new Map<string, Dataset>();
  for (const { config } of cells) {
    if (config.kind === "computation") continue;
    const data = datasets.get(config.data) ?? await loadDataset(config.data, {
      files: host.files,
      directories: dataDirectories,
      allowStandIn,
      download: preset === "quick" ? undefined : download,
    });
    datasets.set(config.data, data);
    if (config.kind === "nearestNeighbour") requireImages(config, data);
    else if (config.kind === "timing") {
      for (const timed of config.timed) requireTrainImages(timed.config, data);
    } else if (config.kind === "transfer") requireTransferImages(config, data);
    else requireTrainImages(config, data);
    if (config.kind === "adversarial") lookCount(config, data);
  }
  return datasets;
}

/** Data in words, loudly where they are not real. */
export function describeData({ name, description, source, digest }: Dataset): string {
  const short = `(digest ${digest.slice(0, 12)})`;
  return source === "stand-in"
    ? `STAND-IN, NOT REAL DATA: ${description} ${short}; deno task data ${name} fetches the real ones`
    : `${description} ${short}`;
}
