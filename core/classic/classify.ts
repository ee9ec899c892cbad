/** What every fitted model is: a function. */
import type { Images } from "../data/dataset.ts";

/** The class that each of some images is taken for, an index into the data set's classes. */
export type Classify = (images: Images) => Uint8Array | Promise<Uint8Array>;

/** The place of the largest of some numbers; the first one among equals. */
export function largest(numbers: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! > numbers[best]!) best = i;
  return best;
}
