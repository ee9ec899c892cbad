/** Files kept in memory, by path. */
import type { Files } from "../../core/data/files.ts";

export class MemoryFiles implements Files {
  readonly #files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The paths read so far. */
  readonly reads: string[] = [];

  constructor(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
    this.#files = new Map(Object.entries(files));
  }

  size(path: string): Promise<number | undefined> {
    return Promise.resolve(this.#files.get(path)?.length);
  }

  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    this.reads.push(path);
    const bytes = this.#files.get(path);
    return bytes === undefined ? Promise.reject(new Error("no such file")) : Promise.resolve(bytes);
  }
}

/** `count` bytes that vary, the same ones for the same `salt`. */
export function variedBytes(count: number, salt: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, i) => Math.imul(i + salt, 0x9e3779b1) >>> 24);
}

/** A copy of the bytes with the one at `at` changed. */
export function flipped(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** The files as if they lay in `folder`. */
export function filesIn(
  folder: string,
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
): MemoryFiles {
  return new MemoryFiles(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes])),
  );
}
