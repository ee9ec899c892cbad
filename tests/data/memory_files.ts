/** Files kept in memory, by path. */
import assert from "node:assert/strict";
import type { Files, Store } from "../../core/data/files.ts";

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

/** A store in memory; folders are only names. */
export class MemoryStore implements Store {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #folders = new Set<string>();
  readonly #locks = new Set<string>();

  readonly files: Files = {
    size: (path) => Promise.resolve(this.#files.get(path)?.length),
    read: (path) => {
      const bytes = this.#files.get(path);
      return bytes ? Promise.resolve(bytes) : Promise.reject(new Error("no such file"));
    },
  };

  /** The paths of all files, sorted. */
  paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#folders.has(path) || this.#files.has(path));
  }

  createFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return Promise.reject(new Error("never overwritten"));
    this.#folders.add(path);
    return Promise.resolve();
  }

  writeAtomic(path: string, content: Uint8Array<ArrayBuffer> | string): Promise<void> {
    assert.ok(typeof content !== "string");
    this.#files.set(path, content.slice());
    return Promise.resolve();
  }

  async append(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const before = this.#files.get(path) ?? new Uint8Array();
    this.#files.set(path, await new Blob([before, bytes]).bytes());
  }

  remove(path: string): Promise<void> {
    this.#files.delete(path);
    return Promise.resolve();
  }

  lockFolder(path: string): Promise<() => void> {
    if (this.#locks.has(path)) return Promise.reject(new Error("another process is writing there"));
    this.#locks.add(path);
    return Promise.resolve(() => void this.#locks.delete(path));
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
