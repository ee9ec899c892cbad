/**
 * The WGSL check of a cpu run: the first steps of its first cell are run once more on both devices,
 * so that the WGSL kernels run wherever they can, and what comes out is compared.
 */
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import { digestOfFloats } from "../numerics/digest.ts";
import { SEARCH_BATCH } from "../train/nearest_neighbour.ts";
import type { Computation, Trained } from "./arms/arm.ts";
import { canonicalJson } from "./records/canonical.ts";
import { openLab } from "./cells/lab.ts";
import { openNearestCell } from "./cells/nearest_cell.ts";
import type { NearestCell } from "./arms/nearest_neighbour.ts";
import type { Cell } from "./plan.ts";
import { openTraining } from "./cells/open_training.ts";

/** Training steps that are compared. */
const STEPS = 3;

/** What the check found, in words, and whether the bits were the same. */
export interface WgslCheck {
  readonly same: boolean;
  readonly text: string;
}

/** Runs the start of a cell on `cpu` and on `spare` and compares. */
export async function checkWgsl(
  cell: Cell,
  data: Dataset | undefined,
  cpu: Device,
  spare: Device,
): Promise<WgslCheck> {
  const { what, run } = start(cell, data);
  const same = await run(cpu) === await run(spare);
  return {
    same,
    text: same
      ? `WGSL checked on ${spare.info.name}: same bits (${what})`
      : `WGSL CHECKED ON ${spare.info.name}: OTHER BITS (${what}); the cpu device is right, please ` +
        "report this adapter",
  };
}

/** The start of a cell in words, and what comes out of it on a device. */
function start(
  { id, seed, steps, config }: Cell,
  data: Dataset | undefined,
): { readonly what: string; run(device: Device): Promise<string> } {
  switch (config.kind) {
    case "supervised":
    case "adversarial":
      return {
        what: `${Math.min(STEPS, steps)} steps of ${id}`,
        run: (device) => firstSteps(config, seed, data!, device),
      };
    case "nearestNeighbour":
      return {
        what: `a batch of ${id}`,
        run: (device) => firstNeighbours(config, data!, device),
      };
    case "timing":
    case "transfer": {
      const { arm, config: net } = (config.kind === "timing" ? config.timed : config.sources)[0]!;
      return {
        what: `${Math.min(STEPS, net.steps!)} steps of ${arm}`,
        run: (device) => firstSteps(net, seed, data!, device),
      };
    }
    case "computation":
      return { what: id, run: (device) => results(config, device) };
  }
}

async function firstSteps(
  arm: Trained,
  seed: number,
  data: Dataset,
  device: Device,
): Promise<string> {
  const training = await openTraining(device, arm, seed, data);
  try {
    training.initialise();
    await training.train(0, Math.min(STEPS, arm.steps!));
    return await digestOfFloats(await training.weights());
  } finally {
    training.close();
  }
}

async function firstNeighbours(
  arm: NearestCell,
  data: Dataset,
  device: Device,
): Promise<string> {
  const { from, to } = arm.images;
  const search = await openNearestCell(device, arm, data);
  try {
    return (await search.nearest(data.test, from, Math.min(SEARCH_BATCH, to - from))).join();
  } finally {
    search.close();
  }
}

async function results({ compute, inputs }: Computation, device: Device): Promise<string> {
  return canonicalJson(await compute(openLab(device), inputs as never));
}
