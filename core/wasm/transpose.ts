/** Transposes [..., rows, columns]. */
import { argument } from "./lib";

/** Units are columns of all matrices. Arguments: x, y, rows, columns. */
export function transpose(args: usize, from: i32, to: i32): void {
  const rows = <i32>argument(args, 2);
  const columns = <i32>argument(args, 3);
  let y = argument(args, 1) + (<usize>(from * rows) << 2);
  for (let i = from; i < to; i++) {
    let x = argument(args, 0) + (<usize>(i / columns * rows * columns + i % columns) << 2);
    for (let row = 0; row < rows; row++, y += 4, x += <usize>columns << 2) {
      store<f32>(y, load<f32>(x));
    }
  }
}
