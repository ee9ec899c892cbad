/** The experiments' cells in miniature, for tests of all that there are and will be. */
import type { Dataset } from "../../core/data/dataset.ts";
import { loadDataset } from "../../core/data/load.ts";
import type { Experiment } from "../../core/experiment/define.ts";
import type { Supervised } from "../../core/experiment/arms/arm.ts";
import { parametersOf } from "../../core/experiment/arms/nets.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { type Cell, planCells } from "../../core/experiment/plan.ts";

/** The arm that the preset quick names first, or the first of all. */
export function mainArm({ arms, presets: { quick } }: Experiment): string {
  return quick.arms?.[0] ?? Object.keys(arms)[0]!;
}

/**
 * That one, and the smallest net that is trained in each way which is not the plain one: by another
 * loss, with weight decay, against an adversary, on images without labels, on poisoned ones.
 */
export function mainArms(experiment: Experiment): string[] {
  const nets = Object.entries(experiment.arms).flatMap(([name, arm]) =>
    arm.kind === "supervised" ? [{ name, way: wayOf(arm), parameters: parametersOf(arm) }] : []
  );
  const ways = Map.groupBy(nets.filter(({ way }) => way !== ""), ({ way }) => way);
  const smallest = [...ways.values()].map((same) =>
    same.reduce((least, net) => net.parameters < least.parameters ? net : least).name
  );
  return [mainArm(experiment), ...smallest];
}

/** Empty for the plain one. */
function wayOf({ loss, weightDecay, adversary, virtual, poison }: Supervised): string {
  return [
    ...[loss, weightDecay && "weight decay", adversary?.attack],
    ...[virtual && "virtual", poison && "poison"],
  ].filter(Boolean).join();
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
    if (batch && declared.virtual) set["virtual.batch"] = batch;
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
