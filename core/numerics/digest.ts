/** Digests: the names by which bytes and weights are compared. */

/**
 * SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
 *
 * @example
 * ```ts
 * import { sha256 } from "./digest.ts";
 * import assert from "node:assert/strict";
 * const empty = await sha256(new Uint8Array());
 * assert.equal(empty.slice(0, 16), "e3b0c44298fc1c14");
 * ```
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * SHA-256 over the bits of `values`, little endian on every host, -0 taken as +0, since the sign of
 * zero is not part of a value. `values` is left as it is and may be a view of shared memory.
 *
 * @example
 * ```ts
 * import { digestOfFloats } from "./digest.ts";
 * import assert from "node:assert/strict";
 * assert.equal(
 *   await digestOfFloats(new Float32Array([1, -0])),
 *   await digestOfFloats(new Float32Array([1, 0])),
 * );
 * ```
 */
export function digestOfFloats(values: Float32Array): Promise<string> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const copy = new DataView(new ArrayBuffer(values.byteLength));
  for (let i = 0; i < words.length; i++) {
    const bits = words[i]!;
    copy.setUint32(i * 4, bits === 0x80000000 ? 0 : bits, true);
  }
  return sha256(new Uint8Array(copy.buffer));
}
