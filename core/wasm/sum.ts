/**
 * The two halves of a long sum of [outer, length, inner] over its middle, four of inner at once.
 *
 * The first bias's gradient: 7.4 ms by references, 0.4 here; the tree of the second convolution's
 * weights: 3.3 and 0.2.
 */
import { argument, flush, storeLanes } from "./lib";

/**
 * Each chunk of rows added in ascending order from +0. Units are chunks of all outer; arguments: x,
 * y, length, inner, chunks of each outer, rows of a chunk. 16 columns at once, so that four sums are
 * under way.
 */
export function sum_chunks(args: usize, from: i32, to: i32): void {
  const length = <i32>argument(args, 2);
  const inner = <i32>argument(args, 3);
  const chunks = <i32>argument(args, 4);
  const size = <i32>argument(args, 5);
  const row = <usize>inner << 2;
  for (let i = from; i < to; i++) {
    const first = i % chunks * size;
    const x = argument(args, 0) + (i / chunks * length + first) * row;
    const y = argument(args, 1) + i * row;
    const end = x + min(size, length - first) * row;
    for (let j = 0; j < inner; j += 16) {
      const offset = <usize>j << 2;
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let at = x + offset; at < end; at += row) {
        s0 = f32x4.add(s0, v128.load(at));
        s1 = f32x4.add(s1, v128.load(at, 16));
        s2 = f32x4.add(s2, v128.load(at, 32));
        s3 = f32x4.add(s3, v128.load(at, 48));
      }
      storeLanes(y + offset, flush(s0), inner - j);
      storeLanes(y + offset + 16, flush(s1), inner - j - 4);
      storeLanes(y + offset + 32, flush(s2), inner - j - 8);
      storeLanes(y + offset + 48, flush(s3), inner - j - 12);
    }
  }
}

/**
 * The fixed pairwise tree: rows in aligned groups of powers of two, the two halves of a group added;
 * what remains of the length, its groups from the smallest to the greatest. Units are groups of 4
 * columns of all outer; arguments: x, y, length, inner, groups of an outer, the outer of x that y
 * begins with.
 */
export function sum_tree(args: usize, from: i32, to: i32): void {
  const length = <i32>argument(args, 2);
  const inner = <i32>argument(args, 3);
  const groups = <i32>argument(args, 4);
  const first = <i32>argument(args, 5);
  const row = <usize>inner << 2;
  for (let i = from; i < to; i++) {
    const outer = i / groups;
    const column = i % groups << 2;
    const x = argument(args, 0) + (first + outer) * length * row + (<usize>column << 2);
    const y = argument(args, 1) + outer * row + (<usize>column << 2);
    let rest = length;
    let sum = f32x4.splat(0);
    for (let started = false; rest > 0; started = true) {
      const level = ctz(rest);
      rest -= 1 << level;
      const group = tree(x + rest * row, row, level);
      sum = started ? f32x4.add(group, sum) : group;
    }
    storeLanes(y, flush(sum), inner - column);
  }
}

/** The sum of 2^level rows. */
function tree(x: usize, row: usize, level: i32): v128 {
  if (level == 0) return v128.load(x);
  if (level == 1) return f32x4.add(v128.load(x), v128.load(x + row));
  if (level == 2) return four(x, row);
  if (level == 3) return f32x4.add(four(x, row), four(x + (row << 2), row));
  level--;
  return f32x4.add(tree(x, row, level), tree(x + (row << level), row, level));
}

@inline
function four(x: usize, row: usize): v128 {
  return f32x4.add(
    f32x4.add(v128.load(x), v128.load(x + row)),
    f32x4.add(v128.load(x + 2 * row), v128.load(x + 3 * row)),
  );
}
