/**
 * What the kernels share: reading a call's arguments, the contract's rule for small numbers, its
 * reciprocal and its exponential, and the words of a random stream.
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

/** e^x as in `core/numerics/exp.ts`, for x from -87.33654 to 88.72283. */
@inline
export function exp(x: v128): v128 {
  const n = f32x4.floor(
    f32x4.add(f32x4.mul(x, f32x4.splat(<f32>1.442695)), f32x4.splat(<f32>0.5)),
  );
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(<f32>0.6933594)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(<f32>-0.00021219444)));
  let p = f32x4.add(
    f32x4.splat(<f32>0.0013981999),
    f32x4.mul(f32x4.splat(<f32>0.00019875691), r),
  );
  p = f32x4.add(f32x4.splat(<f32>0.008333452), f32x4.mul(p, r));
  p = f32x4.add(f32x4.splat(<f32>0.041665796), f32x4.mul(p, r));
  p = f32x4.add(f32x4.splat(<f32>0.16666666), f32x4.mul(p, r));
  p = f32x4.add(f32x4.splat(<f32>0.5), f32x4.mul(p, r));
  const fraction = f32x4.add(r, f32x4.mul(p, f32x4.mul(r, r)));
  const power = i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23);
  return i32x4.add(f32x4.add(f32x4.splat(1), fraction), power);
}

/** Block `index` of a step of the stream whose key lies there, as in `core/random/philox.ts`. */
@inline
export function philox(index: u32, step: u32, key: usize): v128 {
  let key0 = load<u32>(key), key1 = load<u32>(key, 4);
  let c0 = index, c1: u32 = 0, c2 = step, c3: u32 = 0;
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0;
    const product1 = <u64>0xcd9e8d57 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ key0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ key1;
    c3 = <u32>product0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  const low = i32x4.replace_lane(i32x4.splat(c0), 1, c1);
  return i32x4.replace_lane(i32x4.replace_lane(low, 2, c2), 3, c3);
}

/** Integers up to 2^24, times 2^-24: a word's upper 24 bits are a uniform number. */
@inline
export function unit(x: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(x), f32x4.splat(<f32>5.9604644775390625e-8));
}

@inline
function newton(y: v128, m: v128): v128 {
  return f32x4.add(y, f32x4.mul(y, f32x4.sub(f32x4.splat(1), f32x4.mul(m, y))));
}
