/**
 * Runs one cell of a transfer: makes adversarial images on the nets of its sources, and counts what
 * its targets get right of them and of the images as they are.
 */
import type { Classify } from "../../classic/classify.ts";
import { fitClassic } from "../../classic/fit_classic.ts";
import {
  chosenImages,
  type Dataset,
  DATASETS,
  firstImages,
  type Images,
} from "../../data/dataset.ts";
import { trainValidationSplit } from "../../data/split.ts";
import { nearestBytes } from "../../data/pixels.ts";
import type { Device } from "../../device/device.ts";
import { answersOf } from "../../train/answers.ts";
import { targetOf } from "../../train/attack.ts";
import { openAttacker } from "../../train/attacker.ts";
import type { Checkpoint } from "../../train/checkpoint.ts";
import { logitsOf } from "../../train/logits.ts";
import { savedPixels } from "../../train/pixel_tensors.ts";
import type { Supervised } from "../arms/arm.ts";
import type { TransferCell } from "../arms/seeded.ts";
import { sourceName } from "../arms/transfer_names.ts";
import { DeclarationError } from "../declaration_error.ts";
import { takeTransfer } from "../measures/transfer_measures.ts";
import { within } from "../parse.ts";
import type { Cell } from "../plan.ts";
import type { Progress } from "../records/record.ts";
import { neededNet, type NeedTools, netId, netsNeeded } from "./needed_net.ts";
import { requireTrainImages, storesFor } from "./supervised_cell.ts";

/** What a cell came to; without measures where it was stopped, or a net that it needs diverged. */
export interface TransferOutcome {
  readonly status: "running" | "finished" | "diverged";
  readonly reason?: string;
  readonly progress: Progress;
  readonly measures: Readonly<Record<string, number>>;
}

/**
 * @throws {DeclarationError} when there are fewer images than a cell asks for, or its attack aims at a
 * class that there is not.
 */
export function requireTransferImages(config: TransferCell, data: Dataset): void {
  for (const { config: net } of netsNeeded({ config, seed: 0 })) requireTrainImages(net, data);
  const { images, targets } = config;
  const fitted = targets.some((target) => "classic" in target) ? config.fitted : 0;
  const few = [
    { field: "images", asked: images, what: "test images", has: data.test.count },
    { field: "fitted", asked: fitted, what: "training images", has: data.train.count },
  ].find(({ asked, has }) => asked > has);
  if (few) {
    throw new DeclarationError(
      `${few.asked} ${few.what} were asked for, but ${data.description} has ${few.has}; set ` +
        `${few.field} to at most that`,
    );
  }
  within("attack", () => targetOf(config.attack, DATASETS[config.data].names));
}

/**
 * Runs a cell, until `stop` answers true between two of its parts; a stopped one makes its images
 * anew, but keeps the nets that it has trained.
 *
 * @throws {CheckpointError} when the checkpoint of a net is damaged.
 */
export async function runTransferCell(
  tools: NeedTools,
  cell: Cell & { readonly config: TransferCell },
  data: Dataset,
  before: Progress,
): Promise<TransferOutcome> {
  const start = performance.now();
  const outcome = (
    status: TransferOutcome["status"],
    measures: TransferOutcome["measures"],
    reason?: string,
  ): TransferOutcome => ({
    status,
    ...reason !== undefined && { reason },
    measures,
    progress: { ...before, seconds: before.seconds + (performance.now() - start) / 1000 },
  });
  const nets = new Map<string, Checkpoint["tensors"]>();
  for (const needed of netsNeeded(cell)) {
    const found = await neededNet(tools, cell, needed, data);
    if ("outcome" in found) {
      const { status, reason } = found.outcome;
      return outcome(status, {}, reason && `${netId(needed)}: ${reason}`);
    }
    nets.set(netId(needed), found.tensors);
  }
  const { device, reporter, stop } = tools;
  const { sources, targets, images } = cell.config;
  const clean = firstImages(data.test, images);
  let part = 0;
  const next = () => reporter.reading(cell, ++part, sources.length + targets.length);
  const made = new Map<string, Images>();
  for (const source of sources) {
    if (stop()) return outcome("running", {});
    next();
    const seed = source.seed === "own" ? cell.seed : cell.seed + 1;
    const tensors = nets.get(netId({ ...source, seed }))!;
    const pixels = await attacked(device, cell, { ...source, tensors }, clean, data);
    made.set(sourceName(source), { ...clean, pixels });
  }
  let measures: TransferOutcome["measures"] = {};
  for (const target of targets) {
    if (stop()) return outcome("running", {});
    next();
    const { name, classify } = opened(device, cell, target, nets, data);
    const under: Record<string, number> = {};
    for (const [source, images] of made) under[source] = await right(classify, images);
    const own = takeTransfer(name, { clean: await right(classify, clean), under }, images);
    measures = { ...measures, ...own };
  }
  return outcome("finished", measures);
}

/** The images of a cell as its attack makes them on a net, as the bytes of pictures. */
async function attacked(
  device: Device,
  { seed, config: { attack, data } }: Cell & { readonly config: TransferCell },
  { config, tensors }: { readonly config: Supervised; readonly tensors: Checkpoint["tensors"] },
  images: Images,
  { shape }: Dataset,
): Promise<Uint8Array> {
  const attacker = await openAttacker(device, { layers: config.net, tensors }, {
    ...{ image: shape, classes: DATASETS[data].names, pixels: config.pixels },
  });
  try {
    return nearestBytes(await attacker.attack(attack, images, seed));
  } finally {
    attacker.close();
  }
}

/** A target with its name, ready to be shown images. */
function opened(
  device: Device,
  { seed, config }: Cell & { readonly config: TransferCell },
  target: TransferCell["targets"][number],
  nets: ReadonlyMap<string, Checkpoint["tensors"]>,
  data: Dataset,
): { readonly name: string; readonly classify: Classify } {
  if ("classic" in target) {
    const classify = fitClassic(device, target, fittedTo(config, data), data);
    return { name: target.classic, classify };
  }
  const { arm, config: net } = target;
  return { name: arm, classify: ofNet(device, net, nets.get(netId({ arm, seed }))!, data) };
}

/** A net in inference, the first class among equals. */
function ofNet(
  device: Device,
  config: Supervised,
  tensors: Checkpoint["tensors"],
  { shape, classes }: Dataset,
): Classify {
  return async (images) => {
    const { test: store } = storesFor(config, { train: 1, test: images.count });
    const pixels = savedPixels(tensors, config.pixels, shape[2]);
    const { net: layers, batch } = config;
    const logits = await logitsOf(device, { layers, tensors }, { store, images, pixels, batch });
    return Uint8Array.from(answersOf(logits, classes.length).classes);
  };
}

/** What the classical models of a cell learn from. */
function fittedTo({ fitted }: TransferCell, { train }: Dataset): Images {
  return chosenImages(train, trainValidationSplit(train.count, fitted).train);
}

async function right(classify: Classify, images: Images): Promise<number> {
  const labels = await classify(images);
  return labels.filter((label, i) => label === images.labels[i]).length;
}
