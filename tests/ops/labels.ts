/** Labels for the tests of ops that mask rows. */
import type { Numbers, Tensor } from "./numbers.ts";

/** Labels, some of them just beyond the last class or far beyond. */
export function maskedLabels(numbers: Numbers, count: number, classes: number): Tensor {
  const tensor = numbers.indices(count, classes);
  const masked = tensor.data.map((label) => [classes, 0xffffffff][numbers.below(12)] ?? label);
  return { ...tensor, data: masked };
}
