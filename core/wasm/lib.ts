/**
 * What the kernels share: reading a call's arguments, the contract's rule for small numbers, and its
 * reciprocal.
 */

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

/** 1/x as in `core/numerics/reciprocal.ts`. */
@inline
export function reciprocal(x: v128): v128 {
  const m = v128.or(
    v128.and(x, i32x4.splat(0x007fffff)),
    i32x4.splat(0x3f800000),
  );
  let y = f32x4.add(f32x4.splat(<f32>(-144.0 / 99.0)), f32x4.mul(m, f32x4.splat(<f32>(32.0 / 99.0))));
  y = f32x4.add(f32x4.splat(<f32>(210.0 / 99.0)), f32x4.mul(m, y));
  y = newton(y, m);
  y = newton(y, m);
  const exponent = i32x4.sub(i32x4.splat(0x3f800000), v128.and(x, i32x4.splat(0x7f800000)));
  const result = v128.or(i32x4.add(y, exponent), v128.and(x, i32x4.splat(0x80000000)));
  const magnitude = f32x4.abs(x);
  const infinite = f32x4.lt(magnitude, f32x4.splat(<f32>1.1754943508222875e-38));
  const zero = f32x4.gt(magnitude, f32x4.splat(<f32>8.507059173023462e37));
  const ends = v128.bitselect(f32x4.splat(Infinity), v128.andnot(result, zero), infinite);
  return v128.bitselect(x, ends, f32x4.ne(x, x));
}

@inline
function newton(y: v128, m: v128): v128 {
  return f32x4.add(y, f32x4.mul(y, f32x4.sub(f32x4.splat(1), f32x4.mul(m, y))));
}
