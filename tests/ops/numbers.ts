/** Random numbers for tests, made so that sums of them round and cancel. */
import type { View } from "../../core/device/program.ts";
import { type Shape, size } from "../../core/ops/op.ts";

/** A shape with its numbers. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: View;
}

/** What numbers look like. */
export interface Mixture {
  /** Of 32 numbers, how many are exactly zero; 2 if left out. */
  readonly zeros?: number;
  /** Of 32 numbers, how many lie just above the flush threshold; 1 if left out. */
  readonly tiny?: number;
  /** Everything is multiplied by this power of two. */
  readonly scale?: number;
}

/** A sequence of random numbers that follows from its seed (mulberry32). */
export class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer from 0 to below `n`. */
  below(n: number): number {
    return this.word() % n;
  }

  /** All 24 bits of mantissa in use, either sign, magnitudes from 2^-4 to 2^3; some zeros, some tiny. */
  value({ zeros = 2, tiny = 1, scale = 1 }: Mixture = {}): number {
    const kind = this.below(32);
    const sign = this.word() & 1 ? -1 : 1;
    const mantissa = sign * (1 + (this.word() >>> 9) * 2 ** -23);
    if (kind < zeros) return 0;
    if (kind < zeros + tiny) return mantissa * 2 ** -51;
    return mantissa * 2 ** (this.below(7) - 4) * scale;
  }

  /** A tensor of such values; of four without a mixture given, one is nearly all tiny. */
  tensor(shape: Shape, mixture: Mixture = this.below(4) === 0 ? { tiny: 29 } : {}): Tensor {
    const data = Float32Array.from({ length: size(shape) }, () => this.value(mixture));
    return { shape, data };
  }

  /** Magnitudes from 1/2 to 1, either sign: a small step changes no sign, and sums stay small. */
  plain(shape: Shape): Tensor {
    const value = () => (this.word() & 1 ? -1 : 1) * (0.5 + (this.word() >>> 9) * 2 ** -24);
    return { shape, data: Float32Array.from({ length: size(shape) }, value) };
  }

  /** Different values, at least 0.01 apart, in random order. */
  distinct(shape: Shape): Tensor {
    const data = Float32Array.from({ length: size(shape) }, (_, i) => (i + 0.5) * 0.01 - 1);
    for (let i = data.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [data[i], data[j]] = [data[j]!, data[i]!];
    }
    return { shape, data };
  }

  /** u32 from 0 to below `n`. */
  indices(count: number, n: number): Tensor {
    return { shape: [count], data: Uint32Array.from({ length: count }, () => this.below(n)) };
  }
}
