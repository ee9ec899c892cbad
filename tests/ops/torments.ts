/** Numbers on which arithmetic that is nearly right goes wrong. */
import { type Shape, size } from "../../core/ops/op.ts";
import { Numbers, type Tensor } from "./numbers.ts";

/** How a run of numbers is drawn; none is greater than 2^(exponent + 1). */
type Draw = (numbers: Numbers, exponent: number, index: number, before: number) => number;

/** The least number that is stored, and what multiplies to it, is just above it, or just below. */
const THRESHOLDS = [
  ...[2 ** -51, -(2 ** -51), (1 + 2 ** -23) * 2 ** -51, 1.5 * 2 ** -51],
  ...[2 ** -25, -(2 ** -26), (1 - 2 ** -24) * 2 ** -25, 1, -1, 0],
];

const DRAWS = {
  /** All bits of the mantissa in use, so that every sum and product is rounded. */
  mantissas: (numbers) => numbers.value({ zeros: 0, tiny: 0 }),
  /** Every second number takes the one before it away, but for the last bits. */
  cancelling: (numbers, _exponent, index, before) =>
    index % 2 === 0 ? numbers.value({ zeros: 0, tiny: 0 }) : -before * (1 + 2 ** -(9 + index % 14)),
  /** From 2^-50 to 2^50: of a sum, most terms are lost. */
  scattered: (numbers, exponent) =>
    mantissa(numbers) * 2 ** (numbers.below(Math.min(50, exponent) + 51) - 50),
  /** At the threshold below which nothing is stored. */
  thresholds: (numbers) => THRESHOLDS[numbers.below(THRESHOLDS.length)]!,
  /** Both zeros, and ones whose sums are zero. */
  zeros: (numbers) => [0, -0, 1, -1][numbers.below(4)]!,
  /** All just above the threshold. */
  tiny: (numbers) => mantissa(numbers) * 2 ** -51,
  /** As great as the op may bear. */
  huge: (numbers, exponent) => mantissa(numbers) * 2 ** exponent,
} as const satisfies Readonly<Record<string, Draw>>;

/** What a torment is called. */
export type Torment = keyof typeof DRAWS;

/** All of them. */
export const TORMENTS = Object.keys(DRAWS) as Torment[];

function mantissa(numbers: Numbers): number {
  return (numbers.word() & 1 ? -1 : 1) * (1 + (numbers.word() >>> 9) * 2 ** -23);
}

/** Draws the tensors of a case, all in one torment. */
export class Tormentor {
  readonly numbers: Numbers;
  readonly #torment: Torment;
  readonly #exponent: number;

  /** @param exponent of the greatest numbers that the op's sums and products bear. */
  constructor(torment: Torment, seed: number, exponent: number) {
    this.numbers = new Numbers(seed);
    this.#torment = torment;
    this.#exponent = exponent;
  }

  /** f32 of either sign. */
  floats(shape: Shape): Tensor {
    const data = new Float32Array(size(shape));
    for (let i = 0; i < data.length; i++) {
      data[i] = DRAWS[this.#torment](this.numbers, this.#exponent, i, data[i - 1] ?? 0);
    }
    return { shape, data };
  }

  /** f32 that are not negative. */
  magnitudes(shape: Shape): Tensor {
    const { data } = this.floats(shape);
    return { shape, data: data.map(Math.abs) };
  }

  /** Any u32: as floats, numbers that are subnormal, infinite or none. */
  words(shape: Shape): Tensor {
    const bits = [0, 1, 0x007fffff, 0x80000001, 0x7f800000, 0x7fc00001, 0xffffffff];
    const word = () => bits[this.numbers.below(2 * bits.length)] ?? this.numbers.word();
    return { shape, data: Uint32Array.from({ length: size(shape) }, word) };
  }

  /** As {@link words}, of type f32. */
  bits(shape: Shape): Tensor {
    const { data } = this.words(shape);
    return { shape, data: new Float32Array(data.buffer as ArrayBuffer) };
  }
}
