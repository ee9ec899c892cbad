/**
 * The download of a data set into a folder of its own: only the archives whose files are missing or
 * damaged there, each verified packed, and its files verified again before the first is written. So
 * a folder holds files as published, a partial file, or nothing.
 */
import type { Dataset } from "./dataset.ts";
import { DataError } from "./error.ts";
import type { Files, Store } from "./files.ts";
import type { Archive, Format } from "./format.ts";
import { transfer, type TransferProgress } from "./transfer.ts";
import { unpack } from "./unpack.ts";

/** How long a mirror has to answer, and then to send something more, in milliseconds. */
const PATIENCE = 10_000;

/** What a download needs. */
export interface DownloadOptions {
  readonly store: Store;
  /** Where the files go; made where it is missing. */
  readonly folder: string;
  readonly patience?: number;
  readonly progress?: (progress: TransferProgress) => void;
}

/**
 * Fetches what `folder` lacks of a data set, and loads it.
 *
 * @throws {DataError} when no mirror has an archive, or it does not hold what was published; what
 * the store throws, also when another process writes to `folder`.
 */
export async function downloadDataset(
  format: Format,
  { store, folder, patience = PATIENCE, progress = () => {} }: DownloadOptions,
): Promise<Dataset> {
  await store.createFolder(folder).catch(async (error) => {
    if (!await store.exists(folder)) throw error;
  });
  const unlock = await store.lockFolder(folder);
  try {
    const wanted = await format.damaged(store.files, folder);
    for (const archive of format.archives) {
      if (!wanted.some((name) => name in archive.files)) continue;
      const part = `${folder}/${archive.name}.part`;
      const packed = await transfer(archive, { store, part, patience, progress });
      const files = await verified(format, archive, packed).catch(async (error) => {
        await store.remove(part);
        throw error;
      });
      for (const [name, bytes] of files) await store.writeAtomic(`${folder}/${name}`, bytes);
      await store.remove(part);
    }
    return await format.load(store.files, folder);
  } finally {
    unlock();
  }
}

async function verified(
  format: Format,
  archive: Archive,
  packed: Uint8Array<ArrayBuffer>,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const unpacked = await unpack(archive, packed);
  const files: Files = {
    size: (path) => Promise.resolve(unpacked.get(path.slice(1))?.length),
    read: (path) => Promise.resolve(unpacked.get(path.slice(1))!),
  };
  const damaged = (await format.damaged(files, "")).filter((name) => unpacked.has(name));
  if (damaged.length === 0) return unpacked;
  throw new DataError(
    `${archive.name}: expected the published files in it, found others: ${damaged.join(", ")}.`,
  );
}
