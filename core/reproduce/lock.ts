/**
 * A lock: what a run came to, kept beside its experiment so that others can check their own bits
 * against it. `lock.json` has the records of all cells; besides it stand a few small files that a
 * report shows. A lock may come from a stranger, so all of it is checked when it is read.
 */
import { z } from "zod";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { isAttackedName } from "../experiment/samples/attacked_samples.ts";
import { GENERATED, isGridName } from "../experiment/samples/generated_samples.ts";
import type { Host } from "../experiment/host_interface.ts";
import { type PresetName, PRESETS } from "../experiment/arms/presets.ts";
import type { StoredRun } from "../experiment/records/read_run.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FILES,
  FORMAT,
  hex,
  readRecord,
  wasTimed,
  wasTrained,
} from "../experiment/records/record.ts";
import { SAMPLES } from "../experiment/samples/samples.ts";
import { sha256 } from "../numerics/digest.ts";
import { checkChain } from "./chains.ts";
import { expanded, type Json } from "./compact.ts";

/** Names of the files beside the cells' own folders. */
export const LOCK_FILES = {
  lock: "lock.json",
  /** Mean training losses of every hundred steps, by cell. */
  losses: "losses.csv",
} as const;

/** More than a lock may take, its checkpoint included. */
const LARGEST_FILE = 4_000_000;

/** Leads nowhere but down. */
const path = z.string().regex(/^(?!\.)[\w.=-]+(\/(?!\.)[\w.=-]+)*$/);

/** `lock.json`. */
export const lockSchema = z.strictObject({
  format: z.literal(FORMAT),
  experiment: z.string(),
  preset: z.enum(PRESETS),
  /** When the run was made, as ISO 8601 in UTC. */
  created: z.string(),
  /** The commit that it was locked at. */
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
  /** Version of Deno, and SHA-256 of deno.lock. */
  deno: z.string(),
  dependencies: hex,
  /** SHA-256 of each other file, by its path in the folder of the lock. */
  files: z.record(path, hex),
  /** In the order of running. */
  cells: z.array(cellRecordSchema).min(1),
}).superRefine(({ experiment, cells }, context) => {
  const ids = new Set<string>();
  cells.forEach((cell, i) => {
    const wrong = cell.experiment !== experiment
      ? `a cell of "${cell.experiment}"`
      : cell.status === "running"
      ? "a cell that is not finished"
      : ids.has(cell.id)
      ? `cell ${cell.id} again`
      : undefined;
    ids.add(cell.id);
    if (wrong === undefined) return;
    context.addIssue({ code: "custom", path: ["cells", i], message: `found ${wrong}` });
  });
});

/** Anything that JSON may say: it is checked by what it expands to. */
const json = z.custom<Json>();

const compactSchema = z.looseObject({
  every: z.record(z.string(), json),
  cells: z.array(json),
  shared: z.record(z.string(), json),
});

/** `lock.json` as it is written: its cells in few bytes, or each whole, as locks once were. */
const writtenSchema = z.preprocess((written, context) => {
  if (typeof written !== "object" || written === null || !("shared" in written)) return written;
  const refuse = (path: PropertyKey[], message: string) => {
    context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  };
  const { data, error } = compactSchema.safeParse(written);
  if (error) return refuse(error.issues[0]!.path, error.issues[0]!.message);
  const { every, cells, shared, ...rest } = data;
  try {
    return { ...rest, cells: expanded({ every, cells, shared }) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refuse(["cells"], error.message);
  }
}, lockSchema);

/** What is locked. */
export type Lock = z.output<typeof lockSchema>;

/**
 * Where an experiment's lock at a preset stands, below the folder of all experiments.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lockFolder } from "./lock.ts";
 *
 * assert.equal(lockFolder("experiments", "cnn", "standard"), "experiments/cnn/locked");
 * assert.equal(lockFolder("experiments", "cnn", "lecture"), "experiments/cnn/locked/lecture");
 * ```
 */
export function lockFolder(experiments: string, name: string, preset: PresetName): string {
  const locked = `${experiments}/${name}/locked`;
  return preset === "standard" ? locked : `${locked}/${preset}`;
}

/**
 * Reads the lock in `folder` and checks its other files.
 *
 * @throws {DeclarationError} when there is none, a cell says too little to be compared with, or one
 * of the files is not what was locked.
 * @throws {HostError} when a file cannot be read.
 */
export async function readLock(host: Host, folder: string): Promise<Lock> {
  const at = `${folder}/${LOCK_FILES.lock}`;
  if (!await host.exists(at)) {
    throw new DeclarationError(
      `${at}: nothing is locked there; deno task experiment NAME --preset standard --lock locks a run`,
    );
  }
  const bytes = await host.files.size(at) ?? 0;
  if (bytes > LARGEST_FILE) {
    throw new DeclarationError(
      `${at}: expected at most ${LARGEST_FILE} bytes, found ${bytes}; it is no lock of a run`,
    );
  }
  const lock = await readRecord(host, at, writtenSchema);
  checkCells(lock, folder);
  for (const [name, digest] of Object.entries(lock.files)) {
    const file = `${folder}/${name}`;
    const bytes = await host.files.size(file);
    const found = bytes === undefined
      ? "no file"
      : bytes > LARGEST_FILE
      ? `${bytes} bytes`
      : await sha256(await host.files.read(file));
    if (found !== digest) {
      throw new DeclarationError(
        `${file}: expected the file with SHA-256 ${digest} that ${LOCK_FILES.lock} names, found ` +
          `${found}; take both from one commit, or lock the run again`,
      );
    }
  }
  const stray = (await filesBeside(host, folder)).find((name) => !Object.hasOwn(lock.files, name));
  if (stray === undefined) return lock;
  throw new DeclarationError(
    `${folder}/${stray}: ${LOCK_FILES.lock} names no such file; remove it, or lock the run again`,
  );
}

/** A record that says nothing would agree with everything. */
function checkCells({ cells }: Lock, folder: string): void {
  for (const cell of cells) {
    const { id, status, steps, progress, measures } = cell;
    const where = `${folder}: cell ${id}`;
    if (!wasTrained(cell)) {
      if (status === "diverged" || Object.keys(measures).length > 0) continue;
      throw new DeclarationError(
        `${where} has no result to compare with; it was changed since it was written`,
      );
    }
    checkChain(progress, steps, where);
    const last = progress.chain.at(-1)![0];
    if (status === "finished" && last !== progress.step) {
      throw new DeclarationError(
        `${where} has its last weight digest at step ${last}, expected one at its end, step ` +
          `${progress.step}; it was changed since it was written`,
      );
    }
  }
}

/**
 * The lock that an experiment is shown by, below the folder of all experiments: that at `standard`,
 * else at another preset; `undefined` where nothing is locked.
 *
 * @throws {DeclarationError} as {@link readLock} does, and when it is another experiment's.
 */
export async function findLock(
  host: Host,
  experiments: string,
  name: string,
): Promise<{ readonly folder: string; readonly lock: Lock } | undefined> {
  for (const preset of new Set<PresetName>(["standard", ...PRESETS])) {
    const folder = lockFolder(experiments, name, preset);
    if (!await host.exists(`${folder}/${LOCK_FILES.lock}`)) continue;
    const lock = await readLock(host, folder);
    if (lock.experiment === name && lock.preset === preset) return { folder, lock };
    throw new DeclarationError(
      `${folder}/${LOCK_FILES.lock}: expected the lock of "${name}" at ${preset}, found that of ` +
        `"${lock.experiment}" at ${lock.preset}; put its own back`,
    );
  }
  return undefined;
}

/** The files that stand where a lock keeps files besides `lock.json`, by their paths. */
export async function filesBeside(host: Host, folder: string): Promise<string[]> {
  const { folders } = await host.list(folder);
  const ofCells = await Promise.all(folders.map(async (cell) => {
    const { files } = await host.list(`${folder}/${cell}/samples`);
    const numbered = files.map((file) => `samples/${file}`)
      .filter((name) => isGridName(name) || isAttackedName(name));
    return [FILES.checkpoint, ...Object.values(SAMPLES), ...Object.values(GENERATED), ...numbered]
      .map((file) => `${cell}/${file}`);
  }));
  const found: string[] = [];
  for (const path of [LOCK_FILES.losses, ...ofCells.flat()]) {
    if (await host.exists(`${folder}/${path}`)) found.push(path);
  }
  return found;
}

/** Its cells that can be compared: not those of times, which are their machine's own. */
export function comparedCells({ cells }: Pick<Lock, "cells">): CellRecord[] {
  return cells.filter((cell) => !wasTimed(cell));
}

/** A lock as the run that was locked. */
export function lockedRun(folder: string, lock: Lock): StoredRun {
  const { format, experiment, preset, created, cells } = lock;
  const planned = cells.map(({ id, digests }) => ({ id, digest: digests.config }));
  return {
    folder,
    run: { format, experiment, preset, created, options: {}, cells: planned },
    cells,
  };
}
