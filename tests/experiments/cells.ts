/** The experiments' cells in miniature, for tests of all that there are and will be. */
import type { Dataset } from "../../core/data/dataset.ts";
import { loadDataset } from "../../core/data/load.ts";
import type { Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { type Cell, planCells } from "../../core/experiment/plan.ts";

/** The arm that the preset quick names first, or the first of all. */
export function mainArm({ arms, presets: { quick } }: Experiment): string {
  return quick.arms?.[0] ?? Object.keys(arms)[0]!;
}

/** An arm's first cell at quick, so that it fits the stand-in. */
export async function firstCell(
  experiment: Experiment,
  arm: string,
  options: { readonly steps: number; readonly batch?: number },
): Promise<Cell> {
  const { steps, batch } = options;
  const declared = experiment.arms[arm]!;
  const { trainImages = Infinity } = experiment.presets.quick;
  const set: Record<string, unknown> = {};
  if (declared.kind === "supervised") {
    if (batch) set["batch"] = batch;
    if ((declared.subset ?? 0) > trainImages) set["subset"] = trainImages;
  }
  if (declared.kind === "adversarial" && batch) set["batch"] = batch;
  if (declared.kind === "nearestNeighbour") {
    Object.assign(set, { trainImages: 5_000, testImages: 100 });
  }
  const [cell] = await planCells(experiment, {
    preset: "quick",
    seeds: [0],
    arms: [arm],
    steps,
    set,
  });
  return cell!;
}

/** The stand-in; nothing for a cell that needs no images. */
export async function dataOf({ config }: Cell): Promise<Dataset | undefined> {
  if (config.kind === "computation") return undefined;
  return await loadDataset(config.data, {
    files: denoHost.files,
    directories: [],
    allowStandIn: true,
  });
}
