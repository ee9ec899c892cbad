/**
 * Named random streams. Each use of randomness (initialisation, split, shuffling, dropout,
 * augmentation, noise) draws from a stream of its own, so adding one shifts no other, and every
 * number is a pure function of (seed, name, step, element), so a resume needs no generator state.
 * The twins of `word`, `uniform` and `normal` stand in `shaders/lib/philox.wgsl`.
 */
import { log } from "../numerics/log.ts";
import { sqrt } from "../numerics/rsqrt.ts";
import { cos, sin } from "../numerics/trig.ts";
import { type Block, philox4x32 } from "./philox.ts";

const f = Math.fround;
const TWO_PI = f(6.2831855);

/** A random stream: the Philox key that stands for (seed, name). */
export interface Stream {
  readonly key: readonly [number, number];
}

/**
 * The stream called `name` under `seed`; its key is the seed and the 32-bit FNV-1a hash of the name
 * in UTF-8.
 *
 * @throws {RangeError} if `seed` is no integer in 0..2^32-1
 *
 * @example
 * ```ts
 * import { stream, uniform } from "./streams.ts";
 * import assert from "node:assert/strict";
 * const dropout = stream(0, "dropout");
 * assert.equal(uniform(dropout, 7, 3), uniform(dropout, 7, 3));
 * ```
 */
export function stream(seed: number, name: string): Stream {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(
      `stream("${name}"): the seed must be an integer from 0 to 4294967295, got ${seed}`,
    );
  }
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return { key: [seed, hash >>> 0] };
}

/**
 * The words of elements `4 * index` to `4 * index + 3` of `step`.
 *
 * @example
 * ```ts
 * import { block, stream, word } from "./streams.ts";
 * import assert from "node:assert/strict";
 * const noise = stream(0, "noise");
 * assert.equal(block(noise, 7, 2)[3], word(noise, 7, 11));
 * ```
 */
export function block(s: Stream, step: number, index: number): Block {
  return philox4x32([index, 0, step, 0], s.key);
}

/**
 * 32 random bits. `step` and `element` are integers in 0..2^32-1.
 *
 * @example
 * ```ts
 * import { stream, word } from "./streams.ts";
 * import assert from "node:assert/strict";
 * const bits = word(stream(0, "noise"), 0, 0);
 * assert.ok(Number.isInteger(bits) && bits >= 0 && bits < 2 ** 32);
 * ```
 */
export function word(s: Stream, step: number, element: number): number {
  return block(s, step, element >>> 2)[element & 3]!;
}

/**
 * A uniform f32 in [0, 1): the top 24 of the element's 32 bits, times 2^-24. `step` and `element`
 * are integers in 0..2^32-1.
 *
 * @example
 * ```ts
 * import { stream, uniform } from "./streams.ts";
 * import assert from "node:assert/strict";
 * const u = uniform(stream(0, "noise"), 0, 0);
 * assert.ok(u >= 0 && u < 1);
 * ```
 */
export function uniform(s: Stream, step: number, element: number): number {
  return (word(s, step, element) >>> 8) * 2 ** -24;
}

/**
 * A standard normal f32 by Box and Muller (1958) in contract arithmetic: a block's words 0 and 1
 * give its elements 0 (cosine) and 1 (sine), words 2 and 3 give 2 and 3. The radius comes from a
 * uniform in (0, 1], so |x| <= 5.77 = sqrt(48 ln 2). `step` and `element` are integers in
 * 0..2^32-1.
 *
 * @example
 * ```ts
 * import { normal, stream } from "./streams.ts";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(normal(stream(0, "noise"), 0, 0)) < 5.8);
 * ```
 */
export function normal(s: Stream, step: number, element: number): number {
  const words = block(s, step, element >>> 2);
  const first = element & 2;
  const radius = sqrt(-2 * log(((words[first]! >>> 8) + 1) * 2 ** -24));
  const angle = f((words[first + 1]! >>> 8) * 2 ** -24 * TWO_PI);
  return f(radius * (element & 1 ? sin(angle) : cos(angle)));
}

/**
 * A random order of 0..n-1 by Fisher and Yates: for i from n-1 down to 1, i changes places with
 * j = floor(word(i) * (i + 1) / 2^32), whose bias is below n / 2^32. `step` is an integer in
 * 0..2^32-1.
 *
 * @throws {RangeError} if `n` is no integer in 0..2^21, up to where that product is exact in f64
 *
 * @example
 * ```ts
 * import { permutation, stream } from "./streams.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...permutation(stream(0, "shuffle"), 0, 5)].sort(), [0, 1, 2, 3, 4]);
 * ```
 */
export function permutation(s: Stream, step: number, n: number): Uint32Array<ArrayBuffer> {
  if (!Number.isInteger(n) || n < 0 || n > 2 ** 21) {
    throw new RangeError(`permutation(): n must be an integer from 0 to 2097152, got ${n}`);
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let words = block(s, step, (n - 1) >>> 2);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(words[i & 3]! * (i + 1) * 2 ** -32);
    [order[i], order[j]] = [order[j]!, order[i]!];
    if ((i & 3) === 0) words = block(s, step, (i - 1) >>> 2);
  }
  return order;
}
