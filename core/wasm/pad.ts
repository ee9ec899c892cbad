/**
 * Copies images [batch, height, width, channels] into larger ones, or cuts rows and columns off at
 * the end, with zeros around: with them a convolution asks of no tap whether it lies in the image. A
 * product with such a zero changes no sum.
 */
import { argument } from "./lib";

/**
 * Units are rows of the result. Arguments: x, result; height; bytes of a row of x; height of the
 * result; bytes of a row of the result; rows above; bytes to the left.
 */
export function pad(args: usize, from: i32, to: i32): void {
  const x = argument(args, 0);
  const out = argument(args, 1);
  const height = <i32>argument(args, 2);
  const row = argument(args, 3);
  const outHeight = <i32>argument(args, 4);
  const outRow = argument(args, 5);
  const top = <i32>argument(args, 6);
  const left = argument(args, 7);
  const copied = min(row, outRow - left);
  for (let i = from; i < to; i++) {
    const y = i % outHeight - top;
    const start = out + i * outRow;
    if (y < 0 || y >= height) {
      memory.fill(start, 0, outRow);
      continue;
    }
    memory.fill(start, 0, left);
    memory.copy(start + left, x + ((i / outHeight) * height + y) * row, copied);
    memory.fill(start + left + copied, 0, outRow - left - copied);
  }
}
