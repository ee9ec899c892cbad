/**
 * Philox4x32-10, a counter-based generator: 128 random bits are a pure function of a counter and a
 * key, so there is no state to carry, store or restore. From Salmon, Moraes, Dror and Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). The twin is `shaders/lib/philox.wgsl`.
 */

/** Four unsigned 32-bit words. */
export type Block = readonly [number, number, number, number];

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** The high 32 bits of a 32x32-bit product, by 16-bit halves, whose products fit. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16;
  const bLow = b & 0xffff, bHigh = b >>> 16;
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle = aLow * bHigh + (cross % 0x10000);
  return aHigh * bHigh + Math.floor(cross / 0x10000) + Math.floor(middle / 0x10000);
}

/**
 * The Philox4x32-10 block for a 128-bit counter and a 64-bit key, all in unsigned 32-bit words.
 * Words outside 0..2^32-1 are taken modulo 2^32.
 *
 * @example
 * ```ts
 * import { philox4x32 } from "./philox.ts";
 * import assert from "node:assert/strict";
 * assert.equal(philox4x32([0, 0, 0, 0], [0, 0])[0], 0x6627e8d5);
 * ```
 */
export function philox4x32(counter: Block, key: readonly [number, number]): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, c0 >>> 0);
    const high1 = highProduct(MULTIPLIER_1, c2 >>> 0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}
