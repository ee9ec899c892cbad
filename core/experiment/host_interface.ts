/**
 * What a run needs from the machine it runs on. Everything that must survive a kill, a full disk or
 * a second process goes through here; host.ts is the one for Deno, and a test may hand in a double.
 */
import type { Store } from "../data/files.ts";
import type { WebGpuDevice } from "../device/webgpu.ts";

/** The names in a folder, sorted by their UTF-16 code units; names that begin with a dot left out. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** The machine: its files, and what a record says about it. What it refuses is a {@link HostError}. */
export interface Host extends Store {
  /** @throws {HostError} when the file cannot be read. */
  readText(path: string): Promise<string>;
  /** What is in a folder; nothing, where there is no such folder. */
  list(path: string): Promise<Listing>;
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
