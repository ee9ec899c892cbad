/** Initialisers: how a parameter's first values are drawn. */
import { z } from "zod";
import { add, multiply, scalar } from "../ops/arithmetic.ts";
import { type Shape, size, type Value } from "../ops/op.ts";
import { random } from "../ops/random.ts";

/** Emits a parameter's first values; `key` is its stream's key u32 [2], `step` u32 [1] is 0. */
export type Initialiser = (shape: Shape, key: Value, step: Value) => Value;

/** Zeros, as for biases. */
export const zeros: Initialiser = (shape, key) =>
  key.builder.constant(new Float32Array(size(shape)), shape);

/** Ones, as for factors. */
export const ones: Initialiser = (shape, key) =>
  key.builder.constant(new Float32Array(size(shape)).fill(1), shape);

/**
 * Uniform in -l..l with l = sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010), Keras's default.
 * A convolution's fans are its taps times its channels and filters.
 */
export const glorotUniform: Initialiser = (shape, key, step) => {
  const receptive = size(shape.slice(0, -2));
  const limit = Math.sqrt(6 / (receptive * (shape.at(-2)! + shape.at(-1)!)));
  const { builder } = key;
  const uniform = random(key, step, { kind: "uniform", shape });
  // (u - 1/2) is exact for multiples of 2^-24, so one product rounds.
  return multiply(add(uniform, scalar(builder, -0.5)), scalar(builder, 2 * limit));
};

/** Normal with mean 0. */
export function normal(standardDeviation: number): Initialiser {
  return (shape, key, step) => {
    const drawn = random(key, step, { kind: "normal", shape });
    return multiply(drawn, scalar(key.builder, standardDeviation));
  };
}

/** How it is declared where weights start; Glorot-uniform where nothing is. */
export const weightsSchema = z.union([
  /** Normal with mean 0 and this standard deviation. */
  z.strictObject({ normal: z.number().positive() }),
  /**
   * Normal with mean 0 and the standard deviation he * sqrt(2 / fan in), so that with 1 a net of
   * ReLUs keeps its activations' scale from layer to layer (He et al. 2015). The fan in is how many
   * products add up to one output: features of a dense layer, taps times channels of a convolution,
   * and of a transposed one, whose taps are shared out to stride x stride outputs, these over that.
   */
  z.strictObject({ he: z.number().positive() }),
], "{ normal: a standard deviation } or { he: a factor }, above 0");

/** Where weights start, as it is declared. */
export type Weights = z.output<typeof weightsSchema>;

/** The initialiser of weights of which `fanIn` products add up to one output. */
export function weightsInitialiser(declared: Weights | undefined, fanIn: number): Initialiser {
  if (!declared) return glorotUniform;
  return normal("he" in declared ? declared.he * Math.sqrt(2 / fanIn) : declared.normal);
}
