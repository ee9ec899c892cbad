/**
 * How this room reaches files. It runs wherever WebGPU runs, so it calls no Deno API: the host hands
 * it these functions.
 */

/** Files to read. */
export interface Files {
  /** The whole file. Rejects when it cannot be read. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Its length in bytes; `undefined` = no such file. */
  size(path: string): Promise<number | undefined>;
}

/** Files to read and write. What is written is on the disk when the promise is kept. */
export interface Store {
  readonly files: Files;
  /** Whether there is a file or a folder of this name. */
  exists(path: string): Promise<boolean>;
  /**
   * Makes a new folder, and its parents where they are missing. Rejects when it exists: a folder is
   * never overwritten.
   */
  createFolder(path: string): Promise<void>;
  /**
   * Writes a whole file or leaves it as it was: whoever reads `path`, also after a kill or a power
   * cut, finds the old content or the new one. Rejects when it cannot be written.
   */
  writeAtomic(path: string, content: Uint8Array<ArrayBuffer> | string): Promise<void>;
  /**
   * Adds bytes to the end of a file, made where it is missing. A kill can leave a part of them.
   * Rejects when they cannot be written.
   */
  append(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
  /**
   * Claims a folder for this process until the returned function is called or the process ends,
   * however it ends, and removes what a killed `writeAtomic` left in it and in the folders below
   * it that were never claimed themselves. Rejects when somebody else holds it.
   */
  lockFolder(path: string): Promise<() => void>;
}
