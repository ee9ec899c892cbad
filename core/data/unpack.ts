/**
 * Unpacks a published archive into its files. Nothing in it decides where anything goes or how much
 * is held: only the files that the archive is known for are taken, by name and length, and no more
 * is unpacked than they and their tar headers can come to.
 */
import { unpackTar } from "modern-tar";
import { thousands } from "./checks.ts";
import { DataError } from "./error.ts";
import type { Archive } from "./format.ts";

/** Headers, padding and the small files (a readme, the names of the classes) in a tar archive. */
const TAR_REST = 1 << 20;
/** What is unpacked before its length is looked at: a thousand times as much at most. */
const PIECE_BYTES = 16_384;

/**
 * The files of an archive, by name.
 *
 * @throws {DataError} when it cannot be unpacked, or a file is missing or has another length.
 */
export async function unpack(
  archive: Archive,
  packed: Uint8Array<ArrayBuffer>,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const sizes = Object.entries(archive.files);
  const most = sizes.reduce((sum, [, size]) => sum + size, 0);
  const files = archive.folder === undefined
    ? new Map([[sizes[0]![0], await joined(gunzip(archive, packed, most))]])
    : await untar(archive, gunzip(archive, packed, most + TAR_REST));
  for (const [name, size] of sizes) requireFile(archive, name, size, files.get(name)?.length);
  return files;
}

function requireFile(archive: Archive, name: string, size: number, found: number | undefined) {
  if (found === size) return;
  throw new DataError(
    `${archive.name}: expected ${name} with ${thousands(size)} bytes in it, found ` +
      (found === undefined ? "no such file." : `${thousands(found)}.`),
  );
}

async function* gunzip(
  archive: Archive,
  packed: Uint8Array<ArrayBuffer>,
  most: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const unpacked = ReadableStream.from(pieces(packed))
    .pipeThrough(new DecompressionStream("gzip"));
  let bytes = 0;
  try {
    for await (const piece of unpacked) {
      bytes += piece.length;
      if (bytes > most) {
        throw new DataError(
          `${archive.name}: expected at most ${thousands(most)} bytes unpacked, found more.`,
        );
      }
      yield piece;
    }
  } catch (cause) {
    throw asDataError(archive, "a whole gzip file", cause);
  }
}

function* pieces(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

async function untar(
  archive: Archive,
  unpacked: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const names = new Map(
    Object.keys(archive.files).map((name) => [`${archive.folder}/${name}`, name]),
  );
  try {
    const entries = await unpackTar(ReadableStream.from(unpacked), {
      filter(header) {
        const name = header.type === "file" ? names.get(header.name) : undefined;
        // Before it is read: a wrong length must cost no memory.
        if (name !== undefined) requireFile(archive, name, archive.files[name]!, header.size);
        return name !== undefined;
      },
    });
    return new Map(
      entries.map(({ header, data }) => [names.get(header.name)!, data ?? new Uint8Array()]),
    );
  } catch (cause) {
    throw asDataError(archive, "a whole tar archive", cause);
  }
}

async function joined(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return await new Blob(await Array.fromAsync(pieces)).bytes();
}

function asDataError({ name }: Archive, expected: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`${name}: expected ${expected}, found a damaged one (${reason}).`, {
    cause,
  });
}
