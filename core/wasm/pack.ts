/**
 * Copies a matrix b [k, n], in any strides, into panels of 8 columns, [n / 8, k, 8] with zeros in
 * the last panel, as `gemm` reads them fastest: from beginning to end, without the rows of a power
 * of two bytes that would all fall on the same cache lines.
 */
import { argument } from "./lib";

/**
 * Units are panels. Arguments: b, panels; runs: a table of [bytes of its first row in b, rows];
 * the count of runs; the rows of all of them; columns; bytes from row to row and from column to
 * column of b.
 */
export function pack(args: usize, from: i32, to: i32): void {
  const b = argument(args, 0);
  const runs = argument(args, 2);
  const runsEnd = runs + (argument(args, 3) << 3);
  const size = argument(args, 4) << 5;
  const columns = <i32>argument(args, 5);
  const rowStep = argument(args, 6);
  const columnStep = argument(args, 7);
  for (let panel = from; panel < to; panel++) {
    let out = argument(args, 1) + panel * size;
    const count = min(8, columns - panel * 8);
    const start = b + (panel << 3) * columnStep;
    for (let run = runs; run < runsEnd; run += 8) {
      let row = start + load<u32>(run);
      for (let k = load<u32>(run, 4); k != 0; k--) {
        if (count == 8 && columnStep == 4) {
          v128.store(out, v128.load(row));
          v128.store(out, v128.load(row, 16), 16);
        } else {
          for (let j = 0; j < 8; j++) {
            const at = row + j * columnStep;
            store<f32>(out + (j << 2), j < count ? load<f32>(at) : 0);
          }
        }
        row += rowStep;
        out += 32;
      }
    }
  }
}
