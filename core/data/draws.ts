import { block, type Stream } from "../random/streams.ts";

/**
 * The random numbers of one drawn image, taken one after the other from a step of a stream: image i
 * is the same whatever was drawn before it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stream } from "../random/streams.ts";
 * import { Draws } from "./draws.ts";
 *
 * const draws = new Draws(stream(0, "example"), 3);
 * const width = draws.between(2, 5);
 * assert.ok(width >= 2 && width < 5);
 * ```
 */
export class Draws {
  readonly #stream: Stream;
  readonly #step: number;
  #element = 0;
  /** Of the last elements that were taken, which come in fours. */
  #words: ReturnType<typeof block> | undefined;

  constructor(stream: Stream, step: number) {
    this.#stream = stream;
    this.#step = step;
  }

  /** 32 random bits. */
  bits(): number {
    const place = this.#element & 3;
    if (place === 0) this.#words = block(this.#stream, this.#step, this.#element >>> 2);
    this.#element++;
    return this.#words![place]!;
  }

  /** A whole number from 0 to `count - 1`; its bias is below count / 2^32. */
  below(count: number): number {
    return Math.floor(this.bits() * count * 2 ** -32);
  }

  /** Uniform in [low, high), in f64. */
  between(low: number, high: number): number {
    return low + (high - low) * (this.bits() * 2 ** -32);
  }

  /**
   * Adds grey noise to an image: one integer a pixel, from -amplitude to amplitude, clamped to
   * 0..255. `amplitude` is an integer from 0 to 127.
   */
  addNoise(pixels: Uint8Array, channels: number, amplitude: number): void {
    let four = 0;
    for (let at = 0, pixel = 0; at < pixels.length; pixel++) {
      four = pixel % 4 === 0 ? this.bits() : four >>> 8;
      const noise = (((four & 255) * (2 * amplitude + 1)) >>> 8) - amplitude;
      for (let c = 0; c < channels; c++, at++) {
        pixels[at] = Math.min(255, Math.max(0, pixels[at]! + noise));
      }
    }
  }
}
