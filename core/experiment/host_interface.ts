/**
 * What a run needs from the machine it runs on. Everything that must survive a kill, a full disk or
 * a second process goes through here; host.ts is the one for Deno, and a test may hand in a double.
 */
import type { Files } from "../data/files.ts";
import type { WebGpuDevice } from "../device/webgpu.ts";

/** The names in a folder, sorted by their UTF-16 code units; names that begin with a dot left out. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** The machine: its files, and what a record says about it. */
export interface Host {
  /** What the data room reads by. */
  readonly files: Files;
  /** @throws {HostError} when the file cannot be read. */
  readText(path: string): Promise<string>;
  /** Whether there is a file or a folder of this name. */
  exists(path: string): Promise<boolean>;
  /** What is in a folder; nothing, where there is no such folder. */
  list(path: string): Promise<Listing>;
  /**
   * Makes a new folder, and its parents where they are missing.
   *
   * @throws {HostError} when it exists: a folder is never overwritten.
   */
  createFolder(path: string): Promise<void>;
  /**
   * Writes a whole file or leaves it as it was: whoever reads `path`, also after a kill or a power
   * cut, finds the old content or the new one.
   *
   * @throws {HostError} when it cannot be written.
   */
  writeAtomic(path: string, content: Uint8Array<ArrayBuffer> | string): Promise<void>;
  /**
   * Adds text to the end of a file, made where it is missing. A kill can leave a part of the text:
   * note the size that counts, and go back to it with `truncateTo`.
   *
   * @throws {HostError} when it cannot be written.
   */
  appendText(path: string, text: string): Promise<void>;
  /**
   * Cuts a file back to its first `bytes` bytes.
   *
   * @throws {HostError} when it is shorter than that, or cannot be written.
   */
  truncateTo(path: string, bytes: number): Promise<void>;
  /**
   * Claims a folder for this process until the returned function is called or the process ends,
   * however it ends, and removes what a killed `writeAtomic` left in it.
   *
   * @throws {HostError} when somebody else holds it.
   */
  lockFolder(path: string): Promise<() => void>;
  /** The time, as ISO 8601 in UTC. */
  now(): string;
  /** The processor's own description, or "unknown CPU". */
  cpuModel(): string;
  denoVersion(): string;
  /**
   * Opens the default WebGPU adapter without the driver's remarks on stderr.
   *
   * @throws {DeviceError} when there is none.
   */
  openWebGpuQuietly(): Promise<WebGpuDevice>;
}

/** The machine refused: what, where, why and what to do, in one line for the person at the terminal. */
export class HostError extends Error {
  override readonly name = "HostError";
}
