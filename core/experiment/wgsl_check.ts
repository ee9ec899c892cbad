/**
 * The WGSL check of a cpu run: the first steps of its first cell are run once more on both devices,
 * so that the WGSL kernels run wherever they can, and the digests are compared.
 */
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import { digestOfFloats } from "../numerics/digest.ts";
import type { Computation, Supervised } from "./arm.ts";
import { canonicalJson } from "./canonical.ts";
import { openLab } from "./lab.ts";
import type { Cell } from "./plan.ts";
import { openCell } from "./supervised_cell.ts";

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
  const both: string[] = [];
  for (const device of [cpu, spare]) {
    both.push(
      cell.config.kind === "supervised"
        ? await firstSteps(cell.config, cell.seed, data!, device)
        : await results(cell.config, device),
    );
  }
  const same = both[0] === both[1];
  const what = cell.config.kind === "supervised"
    ? `${Math.min(STEPS, cell.steps)} steps of ${cell.id}`
    : cell.id;
  return {
    same,
    text: same
      ? `WGSL checked on ${spare.info.name}: same bits (${what})`
      : `WGSL CHECKED ON ${spare.info.name}: OTHER BITS (${what}); the cpu device is right, please ` +
        "report this adapter",
  };
}

async function firstSteps(
  arm: Supervised,
  seed: number,
  data: Dataset,
  device: Device,
): Promise<string> {
  const { trainer } = await openCell(device, arm, seed, data);
  try {
    trainer.initialise();
    await trainer.train(0, Math.min(STEPS, arm.steps!));
    return await digestOfFloats(await trainer.weights());
  } finally {
    trainer.close();
  }
}

async function results({ compute, inputs }: Computation, device: Device): Promise<string> {
  return canonicalJson(await compute(openLab(device), inputs as never));
}
