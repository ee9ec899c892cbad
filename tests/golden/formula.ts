/** The inputs of the golden values, by the formula that make.py uses too. */
import { type Shape, size } from "../../core/ops/op.ts";
import type { Tensor } from "../ops/numbers.ts";

/** Element i is ((start + i) * 7919 mod 1000) / 1000 - 0.5, times `scale`, rounded to f32. */
export function numbers(shape: Shape, start: number, scale = 1): Tensor {
  const data = Float32Array.from(
    { length: size(shape) },
    (_, i) => ((start + i) * 7919 % 1000 / 1000 - 0.5) * scale,
  );
  return { shape, data };
}
