/**
 * A net that a cell needs of another arm or seed. Cells are independent, so it is trained for this one
 * where it has to be, in a folder below the cell's own, so that a stop costs nothing of it; but where
 * the run has a finished cell of the same configuration and data, its net is the same to the bit.
 */
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { Checkpoint } from "../../train/checkpoint.ts";
import type { Supervised } from "../arms/arm.ts";
import type { TransferCell } from "../arms/seeded.ts";
import { configDigest } from "../config_digest.ts";
import type { Cell } from "../plan.ts";
import { makingsOf } from "../records/making.ts";
import { cellRecordSchema, FILES, readRecord } from "../records/record.ts";
import { unwatched } from "../resolve.ts";
import type { CellOutcome, CellTools } from "./cell_log.ts";
import { readCheckpoint } from "./checkpoint_file.ts";
import { runSupervisedCell } from "./supervised_cell.ts";

/** What training a needed net takes, and where others may be found. */
export interface NeedTools extends CellTools {
  readonly device: Device;
  /** The folder of the run, in which each cell has its own. */
  readonly run: string;
}

/** A net by its arm and seed. */
export interface Needed {
  readonly arm: string;
  readonly seed: number;
  readonly config: Supervised;
}

/** A needed net, or what stands in its way: its training was stopped, or diverged. */
export type Found = { readonly tensors: Checkpoint["tensors"] } | {
  readonly outcome: CellOutcome & { readonly status: "running" | "diverged" };
};

/** The nets that a transfer needs, each once. */
export function netsNeeded({ config, seed }: { config: TransferCell; seed: number }): Needed[] {
  const all = [
    ...config.sources.map(({ arm, config, seed: of }) => (
      { arm, config, seed: of === "own" ? seed : seed + 1 }
    )),
    ...config.targets.flatMap((target) => "arm" in target ? [{ ...target, seed }] : []),
  ];
  return [...new Map(all.map((needed) => [netId(needed), needed])).values()];
}

/** The id of the cell that has a net, if the run has such a cell. */
export function netId({ arm, seed }: Pick<Needed, "arm" | "seed">): string {
  return `${arm}-s${seed}`;
}

/** The nets that some cells of a run will train themselves, by these cells' ids. */
export async function netsTrainedWithin(
  cells: readonly Cell[],
  run: readonly Cell[],
): Promise<ReadonlyMap<string, readonly Needed[]>> {
  const trained = new Map(run.map(({ id, digest }) => [id, digest]));
  const within = new Map<string, Needed[]>();
  for (const { id, config, seed } of cells) {
    if (config.kind !== "transfer") continue;
    const own: Needed[] = [];
    for (const needed of netsNeeded({ config, seed })) {
      if (trained.get(netId(needed)) !== await configDigest(needed.config, needed)) {
        own.push(needed);
      }
    }
    within.set(id, own);
  }
  return within;
}

/**
 * Finds or trains a net for `cell`, whose folder is `<run>/<cell>`.
 *
 * @throws {CheckpointError} when its checkpoint is damaged.
 */
export async function neededNet(
  tools: NeedTools,
  cell: Cell,
  needed: Needed,
  data: Dataset,
): Promise<Found> {
  const { host, run } = tools;
  const { arm, seed, config } = needed;
  const id = netId(needed);
  const digest = await configDigest(config, needed);
  const sibling = await siblingNet(tools, id, digest, data);
  if (sibling) return { tensors: sibling };
  const own = { ...cell, id: `${cell.id}/${id}`, arm, seed, digest, steps: config.steps! };
  const folder = `${run}/${own.id}`;
  if (!await host.exists(folder)) await host.createFolder(folder);
  // What is looked at inside a net changes nothing of it, and nobody reads it here.
  const { status, ...outcome } = await runSupervisedCell(
    tools,
    { ...own, config: unwatched(config) as Supervised },
    data,
    folder,
  );
  if (status !== "finished") return { outcome: { status, ...outcome } };
  return await readCheckpoint(host, `${folder}/${FILES.checkpoint}`);
}

/** The net of the run's cell with an id, where that is finished and the same in all that matters. */
async function siblingNet(
  { host, run, device: { info } }: NeedTools,
  id: string,
  digest: string,
  data: Dataset,
): Promise<Checkpoint["tensors"] | undefined> {
  const record = `${run}/${id}/${FILES.record}`;
  if (!await host.exists(record)) return undefined;
  const sibling = await readRecord(host, record, cellRecordSchema);
  const { status, digests } = sibling;
  const same = status === "finished" && digests.config === digest && digests.data === data.digest;
  // Without a spelling of the contract bits are an adapter's own.
  const ownBits = makingsOf(sibling).some(({ device }) =>
    [device, info].some(({ spelling }) => spelling === "none") && device.name !== info.name
  );
  if (!same || ownBits) return undefined;
  const { tensors, metadata } = await readCheckpoint(host, `${run}/${id}/${FILES.checkpoint}`);
  return metadata["config"] === digest ? tensors : undefined;
}
