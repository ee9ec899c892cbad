/** A cell as its record tells of it, in its own folder or in a lock, and what is trained again of it. */
import type { Dataset } from "../data/dataset.ts";
import { DataError } from "../data/error.ts";
import { type DataDirectory, loadDataset } from "../data/load.ts";
import { type Trained, trainedSchema } from "../experiment/arms/arm.ts";
import type { PresetName } from "../experiment/arms/presets.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { known, parse } from "../experiment/parse.ts";
import type { Host } from "../experiment/host_interface.ts";
import { configDigest } from "../experiment/config_digest.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FILES,
  readRecord,
  runRecordSchema,
} from "../experiment/records/record.ts";
import { LOCK_FILES, lockFolder, readLock } from "./lock.ts";

/** See the top of this file. */
export interface RecordedCell {
  readonly record: CellRecord;
  /** The folder of the cell, or of the lock. */
  readonly folder: string;
  readonly locked: boolean;
}

/**
 * Reads the record in a cell's folder.
 *
 * @throws {HostError} when there is none.
 * @throws {DeclarationError} when it is no record.
 */
export async function readCell(host: Host, folder: string): Promise<RecordedCell> {
  const record = await readRecord(host, `${folder}/${FILES.record}`, cellRecordSchema);
  return { record, folder, locked: false };
}

/**
 * The cell of the same id in its experiment's lock.
 *
 * @param preset of the lock; that of the run that the cell stands in, if left out.
 * @throws {DeclarationError} when there is no such lock, or it lacks the cell.
 */
export async function lockedCell(
  host: Host,
  experiments: string,
  { record, folder }: RecordedCell,
  preset?: PresetName,
): Promise<RecordedCell> {
  // The name leads to a folder, and the record may come from a stranger.
  known("experiment", record.experiment, (await host.list(experiments)).folders);
  const of = preset ?? (await readRecord(host, `${folder}/../run.json`, runRecordSchema)).preset;
  const at = lockFolder(experiments, record.experiment, of);
  const { cells } = await readLock(host, at);
  const found = cells.find(({ id }) => id === record.id);
  if (!found) {
    throw new DeclarationError(
      `${at}/${LOCK_FILES.lock} has no cell ${record.id}; it has ${
        cells.map(({ id }) => id).join(", ")
      }`,
    );
  }
  return { record: found, folder: at, locked: true };
}

/**
 * The arm that a trained cell's record tells of.
 *
 * @throws {DeclarationError} when it is not the one that the record's own digest names.
 */
export async function trainedArm({ record, folder }: RecordedCell): Promise<Trained> {
  const where = `${folder}: config of ${record.id}`;
  const arm = parse(trainedSchema, record.config, where);
  const { config } = record.digests;
  if (await configDigest(arm, record) !== config) {
    throw new DeclarationError(
      `${where}: expected that of config digest ${config.slice(0, 12)}; the record was changed ` +
        "since it was written, or this code reads such a configuration otherwise",
    );
  }
  return arm;
}

/**
 * The data that a cell was trained on.
 *
 * @throws {DataError} when they are not there, or others are.
 */
export async function recordedData(
  host: Host,
  { data }: Pick<Trained, "data">,
  { digests, standIn }: CellRecord,
  directories: readonly DataDirectory[],
): Promise<Dataset> {
  const dataset = await loadDataset(data, {
    files: host.files,
    directories: standIn ? [] : directories,
    allowStandIn: standIn,
  });
  if (dataset.digest !== digests.data) {
    throw new DataError(
      `${dataset.description}: expected the data of digest ${
        digests.data?.slice(0, 12)
      } that the ` +
        `cells were trained on, found ${dataset.digest.slice(0, 12)}; name their folder with ` +
        "--data-dir, or take the code that drew them",
    );
  }
  return dataset;
}
