/** Reads back what a run left behind, its unfinished cells too. */
import { DeclarationError } from "../declaration_error.ts";
import type { Host } from "../host_interface.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FILES,
  readRecord,
  type RunRecord,
  runRecordSchema,
} from "./record.ts";

/** A run's record and those of the cells that have one, in the order of running. */
export interface StoredRun {
  readonly folder: string;
  readonly run: RunRecord;
  readonly cells: readonly CellRecord[];
}

/**
 * Reads the run in `folder`.
 *
 * @throws {DeclarationError} naming the file that is no record.
 * @throws {HostError} when a file cannot be read.
 */
export async function readRun(host: Host, folder: string): Promise<StoredRun> {
  const run = await readRecord(host, `${folder}/run.json`, runRecordSchema);
  const cells: CellRecord[] = [];
  for (const { id } of run.cells) {
    const path = `${folder}/${id}/${FILES.record}`;
    if (!await host.exists(path)) continue;
    const cell = await readRecord(host, path, cellRecordSchema);
    if (cell.id !== id) {
      throw new DeclarationError(`${path} is the record of ${cell.id}; put its own back`);
    }
    cells.push(cell);
  }
  return { folder, run, cells };
}

/** The folder of the newest run of an experiment below `runsFolder`, if there is one. */
export async function newestRun(
  host: Host,
  runsFolder: string,
  experiment: string,
): Promise<string | undefined> {
  // Their names begin with the time.
  const { folders } = await host.list(`${runsFolder}/${experiment}`);
  for (const name of folders.toReversed()) {
    const folder = `${runsFolder}/${experiment}/${name}`;
    if (await host.exists(`${folder}/run.json`)) return folder;
  }
  return undefined;
}
