/**
 * Writes a lock. Its other files come first and `lock.json`, which names them by their digests, last:
 * whenever this is cut short, there is a lock that reads, or one that is refused by the name of a
 * file; doing it again completes it.
 */
import { dirname } from "node:path";
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Host } from "../experiment/host_interface.ts";
import type { PresetName } from "../experiment/arms/presets.ts";
import { dependenciesDigest } from "../experiment/records/provenance.ts";
import type { StoredRun } from "../experiment/records/read_run.ts";
import { isMain } from "../experiment/records/main_cells.ts";
import { FILES, FORMAT } from "../experiment/records/record.ts";
import { sha256 } from "../numerics/digest.ts";
import { filesBeside, type Lock, LOCK_FILES } from "./lock.ts";
import { lockText } from "./lock_text.ts";
import {
  refuseCells,
  refuseChangedTree,
  refuseReduced,
  refuseUnfinished,
  type Tree,
} from "./lockable.ts";
import { lossesText, meanLosses } from "./losses.ts";
import { type Contents, shownFiles } from "./shown_files.ts";

/** Bytes that checkpoints may take, and all other files of a lock: it is kept with the source. */
const MOST_BYTES = 1_000_000;

/** What was locked. */
export interface Locked {
  readonly folder: string;
  readonly preset: PresetName;
  readonly commit: string;
  readonly cells: number;
  /** Its files, `lock.json` among them. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/**
 * Locks a run of an experiment in `folder`, in the place of what was locked there.
 *
 * @throws {DeclarationError} when it may not be locked (see lockable.ts), or would be too large.
 * @throws {HostError} when a file cannot be written, or another process is writing there.
 */
export async function writeLock(
  host: Host,
  experiment: Experiment,
  run: StoredRun,
  tree: Tree,
  folder: string,
): Promise<Locked> {
  refuseChangedTree(tree);
  refuseReduced(run.run);
  await refuseUnfinished(experiment, run);
  await refuseCells(experiment, run.cells);
  const others = await shownFiles(host, experiment, run);
  // No figure draws those of a point of a sweep, or of a cell that tunes.
  const losses = await meanLosses(host, run.folder, run.cells.filter(isMain));
  if (losses.length > 0) {
    others.set(LOCK_FILES.losses, new TextEncoder().encode(lossesText(losses)));
  }
  const text = lockText(await lockOf(host, run, tree, others));
  const all: Contents = new Map([...others, [LOCK_FILES.lock, new TextEncoder().encode(text)]]);
  refuseLarge(experiment.name, all);
  await write(host, folder, all);
  return {
    folder,
    preset: run.run.preset,
    commit: tree.commit,
    cells: run.cells.length,
    files: [...all.keys()],
    bytes: total(all),
  };
}

async function lockOf(
  host: Host,
  { run, cells }: StoredRun,
  { commit }: Tree,
  others: Contents,
): Promise<Lock> {
  const digests = [...others].map(async ([path, bytes]) => [path, await sha256(bytes)] as const);
  return {
    format: FORMAT,
    experiment: run.experiment,
    preset: run.preset,
    created: run.created,
    commit,
    deno: host.denoVersion(),
    dependencies: await dependenciesDigest(host),
    files: Object.fromEntries(await Promise.all(digests)),
    cells: [...cells],
  };
}

function refuseLarge(name: string, all: Contents): void {
  const isCheckpoint = (path: string) => path.endsWith(`/${FILES.checkpoint}`);
  for (
    const [what, files] of [
      ["checkpoints", [...all].filter(([path]) => isCheckpoint(path))],
      ["files besides checkpoints", [...all].filter(([path]) => !isCheckpoint(path))],
    ] as const
  ) {
    const bytes = total(files);
    if (bytes <= MOST_BYTES) continue;
    const sizes = files.map(([path, { length }]) => `${path} ${length.toLocaleString("en")}`);
    throw new DeclarationError(
      `--lock: the ${what} of ${name} would take ${bytes.toLocaleString("en")} bytes, at most ` +
        `${MOST_BYTES.toLocaleString("en")} may be locked (${sizes.join(", ")}); declare fewer ` +
        "figures that show them, or fewer cells",
    );
  }
}

function total(files: Iterable<readonly [string, Uint8Array]>): number {
  return [...files].reduce((sum, [, { length }]) => sum + length, 0);
}

/** In this order, since `lock.json` is the last of them. */
async function write(host: Host, folder: string, all: Contents): Promise<void> {
  if (!await host.exists(folder)) await host.createFolder(folder);
  const release = await host.lockFolder(folder);
  try {
    for (const below of new Set([...all.keys()].map((path) => dirname(`${folder}/${path}`)))) {
      if (!await host.exists(below)) await host.createFolder(below);
    }
    for (const [path, bytes] of all) await host.writeAtomic(`${folder}/${path}`, bytes);
    for (const path of await filesBeside(host, folder)) {
      if (!all.has(path)) await host.remove(`${folder}/${path}`);
    }
  } finally {
    release();
  }
}
