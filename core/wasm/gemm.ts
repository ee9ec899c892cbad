/**
 * The matrix product behind matmul and the convolutions: each element of c is one chain from +0,
 *
 *     c[row, n] = sum over the segments of row's group, over k in the segment, ascending, of
 *                 a[row + segment + k] * b[next row of the group's b, n]
 *
 * every product and every sum rounded, then flushed. Where a row and a segment start stands in
 * tables, so a convolution is a product over the image as it lies; b is read from top to bottom.
 *
 * Steps from plain to fast, at 512x512x512 with a packed b on one thread of a Xeon (Sapphire Rapids,
 * 2.6 GHz):
 * 1. 4 rows by 8 columns, so that 8 sums are under way and a loaded b serves 4 rows: 32.0 GFLOP/s.
 * 2. 6 rows by 8 columns, all that V8's 15 registers hold: 33.8; 4x16 and 3x12 give 32.6 and 33.6.
 * 3. two products of each sum per turn of the loop: 38.0; four: 37.1. What b costs to pack and the
 *    tables leave 34 of them, and 66 on two threads.
 * A table of every k's offset instead of segments was shorter and gave 36.
 */
import { argument, flush, storeLanes } from "./lib";

/** Bytes of a that a block of rows spans, so that it stays in the second cache for all columns. */
const BLOCK: i32 = 1 << 18;

/**
 * Units are rows, of all groups. Arguments: a, b, c; rows: a table of [offset in a, offset in c] in
 * bytes; columns; segments: a table of [bytes from the end of the segment before, length]; groups: a
 * table of [first row, first segment, offset in b] and the end; bytes from k to k + 1 in a, from row
 * to row of b, from 8 columns of b to the next 8.
 */
export function gemm(args: usize, from: i32, to: i32): void {
  let group = argument(args, 6);
  for (let start = from; start < to;) {
    while (load<i32>(group, 12) <= start) group += 12;
    const end = min(to, load<i32>(group, 12));
    groupRows(args, group, start, end);
    start = end;
  }
}

function groupRows(args: usize, group: usize, from: i32, to: i32): void {
  const columns = <i32>argument(args, 4);
  const segments = argument(args, 5) + (load<usize>(group, 4) << 3);
  const segmentsEnd = argument(args, 5) + (load<usize>(group, 16) << 3);
  let length = 1;
  for (let s = segments; s < segmentsEnd; s += 8) length += load<i32>(s, 4);
  const block = max(6, BLOCK / 4 / length / 6 * 6);

  for (let blockFrom = from; blockFrom < to; blockFrom += block) {
    const blockTo = min(to, blockFrom + block);
    let b = argument(args, 1) + load<usize>(group, 8);
    for (let j = 0; j < columns; j += 8, b += argument(args, 9)) {
      for (let i = blockFrom; i < blockTo; i += 6) {
        tile(args, b, j, i, blockTo - 1, segments, segmentsEnd);
      }
    }
  }
}

/**
 * 6 rows from row i by 8 columns from column j; rows beyond `last` repeat it, the same sums in the
 * same place.
 */
function tile(
  args: usize,
  b: usize,
  j: i32,
  i: i32,
  last: i32,
  segments: usize,
  segmentsEnd: usize,
): void {
  const a = argument(args, 0);
  const c = argument(args, 2) + (<usize>j << 2);
  const rows = argument(args, 3);
  const columns = <i32>argument(args, 4) - j;
  const kStep = argument(args, 7);
  const bRow = argument(args, 8);
  const row0 = rows + (<usize>i << 3);
  const row1 = rows + (<usize>min(i + 1, last) << 3);
  const row2 = rows + (<usize>min(i + 2, last) << 3);
  const row3 = rows + (<usize>min(i + 3, last) << 3);
  const row4 = rows + (<usize>min(i + 4, last) << 3);
  const row5 = rows + (<usize>min(i + 5, last) << 3);
  let a0 = a + load<u32>(row0);
  let a1 = a + load<u32>(row1);
  let a2 = a + load<u32>(row2);
  let a3 = a + load<u32>(row3);
  let a4 = a + load<u32>(row4);
  let a5 = a + load<u32>(row5);
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (let s = segments; s < segmentsEnd; s += 8) {
    const jump = load<u32>(s);
    a0 += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
    let k = load<u32>(s, 4);
    for (; k > 1; k -= 2) {
      {
        const b0 = v128.load(b), b1 = v128.load(b, 16);
        const x0 = v128.load_splat<f32>(a0);
        c00 = f32x4.add(c00, f32x4.mul(x0, b0));
        c01 = f32x4.add(c01, f32x4.mul(x0, b1));
        a0 += kStep;
        const x1 = v128.load_splat<f32>(a1);
        c10 = f32x4.add(c10, f32x4.mul(x1, b0));
        c11 = f32x4.add(c11, f32x4.mul(x1, b1));
        a1 += kStep;
        const x2 = v128.load_splat<f32>(a2);
        c20 = f32x4.add(c20, f32x4.mul(x2, b0));
        c21 = f32x4.add(c21, f32x4.mul(x2, b1));
        a2 += kStep;
        const x3 = v128.load_splat<f32>(a3);
        c30 = f32x4.add(c30, f32x4.mul(x3, b0));
        c31 = f32x4.add(c31, f32x4.mul(x3, b1));
        a3 += kStep;
        const x4 = v128.load_splat<f32>(a4);
        c40 = f32x4.add(c40, f32x4.mul(x4, b0));
        c41 = f32x4.add(c41, f32x4.mul(x4, b1));
        a4 += kStep;
        const x5 = v128.load_splat<f32>(a5);
        c50 = f32x4.add(c50, f32x4.mul(x5, b0));
        c51 = f32x4.add(c51, f32x4.mul(x5, b1));
        a5 += kStep;
        b += bRow;
      }
      {
        const b0 = v128.load(b), b1 = v128.load(b, 16);
        const x0 = v128.load_splat<f32>(a0);
        c00 = f32x4.add(c00, f32x4.mul(x0, b0));
        c01 = f32x4.add(c01, f32x4.mul(x0, b1));
        a0 += kStep;
        const x1 = v128.load_splat<f32>(a1);
        c10 = f32x4.add(c10, f32x4.mul(x1, b0));
        c11 = f32x4.add(c11, f32x4.mul(x1, b1));
        a1 += kStep;
        const x2 = v128.load_splat<f32>(a2);
        c20 = f32x4.add(c20, f32x4.mul(x2, b0));
        c21 = f32x4.add(c21, f32x4.mul(x2, b1));
        a2 += kStep;
        const x3 = v128.load_splat<f32>(a3);
        c30 = f32x4.add(c30, f32x4.mul(x3, b0));
        c31 = f32x4.add(c31, f32x4.mul(x3, b1));
        a3 += kStep;
        const x4 = v128.load_splat<f32>(a4);
        c40 = f32x4.add(c40, f32x4.mul(x4, b0));
        c41 = f32x4.add(c41, f32x4.mul(x4, b1));
        a4 += kStep;
        const x5 = v128.load_splat<f32>(a5);
        c50 = f32x4.add(c50, f32x4.mul(x5, b0));
        c51 = f32x4.add(c51, f32x4.mul(x5, b1));
        a5 += kStep;
        b += bRow;
      }
    }
    if (k != 0) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      const x0 = v128.load_splat<f32>(a0);
      c00 = f32x4.add(c00, f32x4.mul(x0, b0));
      c01 = f32x4.add(c01, f32x4.mul(x0, b1));
      a0 += kStep;
      const x1 = v128.load_splat<f32>(a1);
      c10 = f32x4.add(c10, f32x4.mul(x1, b0));
      c11 = f32x4.add(c11, f32x4.mul(x1, b1));
      a1 += kStep;
      const x2 = v128.load_splat<f32>(a2);
      c20 = f32x4.add(c20, f32x4.mul(x2, b0));
      c21 = f32x4.add(c21, f32x4.mul(x2, b1));
      a2 += kStep;
      const x3 = v128.load_splat<f32>(a3);
      c30 = f32x4.add(c30, f32x4.mul(x3, b0));
      c31 = f32x4.add(c31, f32x4.mul(x3, b1));
      a3 += kStep;
      const x4 = v128.load_splat<f32>(a4);
      c40 = f32x4.add(c40, f32x4.mul(x4, b0));
      c41 = f32x4.add(c41, f32x4.mul(x4, b1));
      a4 += kStep;
      const x5 = v128.load_splat<f32>(a5);
      c50 = f32x4.add(c50, f32x4.mul(x5, b0));
      c51 = f32x4.add(c51, f32x4.mul(x5, b1));
      a5 += kStep;
      b += bRow;
    }
  }
  storeRow(c + load<u32>(row0, 4), c00, c01, columns);
  storeRow(c + load<u32>(row1, 4), c10, c11, columns);
  storeRow(c + load<u32>(row2, 4), c20, c21, columns);
  storeRow(c + load<u32>(row3, 4), c30, c31, columns);
  storeRow(c + load<u32>(row4, 4), c40, c41, columns);
  storeRow(c + load<u32>(row5, 4), c50, c51, columns);
}

@inline
function storeRow(to: usize, left: v128, right: v128, columns: i32): void {
  storeLanes(to, flush(left), columns);
  storeLanes(to + 16, flush(right), columns - 4);
}
