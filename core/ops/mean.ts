/** Means along axes. */
import { scale } from "./arithmetic.ts";
import { size, type Value } from "./op.ts";
import { sum } from "./sum.ts";

/** The mean of x over `axes` (all of them if left out): the sum times fround(1 / n). */
export function mean(x: Value, axes?: readonly number[]): Value {
  const total = sum(x, axes);
  return scale(total, size(total.shape) / size(x.shape));
}
