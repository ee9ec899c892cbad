/**
 * How this room reaches files. It runs wherever WebGPU runs, so it calls no Deno API: the host hands
 * it these two functions.
 */
export interface Files {
  /** The whole file. Rejects when it cannot be read. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Its length in bytes; `undefined` = no such file. */
  size(path: string): Promise<number | undefined>;
}
