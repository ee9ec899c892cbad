/** What the kernels share: reading a call's arguments, and the contract's rule for small numbers. */

/** Argument number `i` of a call, a number or an address. */
@inline
export function argument(args: usize, i: usize): usize {
  return load<usize>(args + (i << 2));
}

/** Each lane as it is stored: +0 where |x| < 2^-51, by a test of its bits. */
@inline
export function flush(x: v128): v128 {
  const magnitude = v128.and(x, i32x4.splat(0x7fffffff));
  return v128.and(x, i32x4.ge_s(magnitude, i32x4.splat(0x26000000)));
}

/** Stores the first `count` lanes, of four. */
@inline
export function storeLanes(to: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, x);
    return;
  }
  if (count > 0) v128.store_lane<f32>(to, x, 0);
  if (count > 1) v128.store_lane<f32>(to, x, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, x, 2, 8);
}
