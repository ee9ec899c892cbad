/**
 * The checks that both published formats need. Each failure is one message: the file, what was
 * expected, what was found, what to do.
 */
import { DataError } from "./error.ts";
import type { Files } from "./files.ts";

const FETCH_AGAIN = "Fetch the published files again; `deno task data` does it for .cache.";

/** A count for people: 47,040,016. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * Reads `folder/name`, whose length must be one of `sizes`; the length is checked before a byte is
 * read, so that a wrong file costs no memory.
 *
 * @throws {DataError} when the file is missing, has another length, or cannot be read.
 */
export async function readSized(
  files: Files,
  folder: string,
  name: string,
  sizes: readonly number[],
): Promise<Uint8Array<ArrayBuffer>> {
  const path = `${folder}/${name}`;
  const size = await files.size(path);
  if (size === undefined) throw new DataError(await missing(files, folder, name));
  requireSize(path, sizes, size);
  const bytes = await files.read(path).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${path}: cannot be read (${why}). Check its permissions.`, { cause });
  });
  requireSize(path, sizes, bytes.length);
  return bytes;
}

function requireSize(path: string, sizes: readonly number[], found: number): void {
  if (sizes.includes(found)) return;
  const expected = [...new Set(sizes)].map(thousands).join(" or ");
  throw new DataError(
    `${path}: expected ${expected} bytes, found ${
      thousands(found)
    }. The file is cut short, still ` +
      `packed, or another one. ${FETCH_AGAIN}`,
  );
}

async function missing(files: Files, folder: string, name: string): Promise<string> {
  const packed = await files.size(`${folder}/${name}.gz`) !== undefined;
  return packed
    ? `${folder}/${name}: expected the unpacked file, found only ${name}.gz. Unpack it (gunzip).`
    : `${folder}/${name}: expected this file beside the others of its data set, found none. ` +
      FETCH_AGAIN;
}

/** Those of `names` that cannot be read in full, or of which `isPublished` says no. */
export async function damagedFiles<Name extends string>(
  names: readonly Name[],
  isPublished: (name: Name) => Promise<boolean>,
): Promise<Name[]> {
  const damaged: Name[] = [];
  for (const name of names) {
    const good = await isPublished(name).catch((error) => {
      if (error instanceof DataError) return false;
      throw error;
    });
    if (!good) damaged.push(name);
  }
  return damaged;
}

/**
 * Every label must be below `classes`.
 *
 * @throws {DataError} naming the first record whose label is not.
 */
export function requireLabels(path: string, labels: Uint8Array, classes: number): void {
  const record = labels.findIndex((label) => label >= classes);
  if (record < 0) return;
  throw new DataError(
    `${path}: expected labels from 0 to ${classes - 1}, found ${labels[record]} in record ` +
      `${thousands(record)}. The file is damaged or another one. ${FETCH_AGAIN}`,
  );
}

/**
 * The last check: the digest of the whole data set. `damaged` is asked only when it differs, and
 * names the files whose own digests differ.
 *
 * @throws {DataError} when `found` is not `expected`.
 */
export async function requireDigest(
  folder: string,
  title: string,
  expected: string,
  found: string,
  damaged: () => Promise<readonly string[]>,
): Promise<void> {
  if (found === expected) return;
  const names = await damaged();
  throw new DataError(
    `${folder}: expected ${title} with the digest ${expected}, found ${found}. ` +
      (names.length === 0
        ? "Each file is right by itself: they changed while they were read. Try again."
        : `Not as published: ${names.join(", ")}. ${FETCH_AGAIN}`),
  );
}
