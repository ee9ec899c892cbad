/**
 * The bits of an f32, and the contract's rule for small numbers. The twin of `flush` stands in
 * `shaders/lib/contract.wgsl`.
 */

/** Engines of TypeScript keep subnormals, so the twin's integer test is a plain comparison here. */
const SMALLEST_STORED = 2 ** -51;

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/**
 * The 32 bits of `x` as an unsigned integer; `x` is rounded to f32 first.
 *
 * @example
 * ```ts
 * import { bitsOf } from "./bits.ts";
 * import assert from "node:assert/strict";
 * assert.equal(bitsOf(1), 0x3f800000);
 * ```
 */
export function bitsOf(x: number): number {
  float[0] = x;
  return word[0]!;
}

/**
 * The f32 whose bits are the low 32 bits of `bits`.
 *
 * @example
 * ```ts
 * import { fromBits } from "./bits.ts";
 * import assert from "node:assert/strict";
 * assert.equal(fromBits(0xc0000000), -2);
 * ```
 */
export function fromBits(bits: number): number {
  word[0] = bits;
  return float[0]!;
}

/**
 * What a stored value becomes: +0 where |x| < 2^-51 (and for -0), `x` elsewhere, infinities and NaN
 * included. Products of two values that passed here, and sums of such products, are never
 * subnormal. `x` must be an f32 value.
 *
 * @example
 * ```ts
 * import { flush } from "./bits.ts";
 * import assert from "node:assert/strict";
 * assert.equal(flush(2 ** -51), 2 ** -51);
 * assert.equal(flush(-(2 ** -52)), 0);
 * ```
 */
export function flush(x: number): number {
  return Math.abs(x) < SMALLEST_STORED ? 0 : x;
}

/**
 * The bits of numbers for a comparison, with one zero and one NaN, since neither the sign of a zero
 * nor the bits of a NaN are part of a value; of unsigned integers the numbers themselves.
 *
 * @example
 * ```ts
 * import { canonicalBits } from "./bits.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...canonicalBits(Float32Array.of(-0, 1))], [0, 0x3f800000]);
 * ```
 */
export function canonicalBits(values: Float32Array | Uint32Array): Uint32Array {
  if (values instanceof Uint32Array) return values;
  return new Uint32Array(values.buffer, values.byteOffset, values.length).map((bits) => {
    const magnitude = bits & 0x7fffffff;
    return magnitude > 0x7f800000 ? 0x7fc00000 : magnitude === 0 ? 0 : bits;
  });
}
