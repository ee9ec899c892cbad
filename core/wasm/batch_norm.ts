/**
 * The passes of batch normalisation over [length, channels], four channels at once. What is a
 * channel's alone is computed anew for each block of rows, so that a block stays in the cache from
 * one group of channels to the next.
 */
import { argument, flush, storeLanes } from "./lib";

/** Rows of a block. */
const BLOCK = 64;

/**
 * Sums of squared deviations from the mean. Units are chunks; arguments: x, means, y, length,
 * channels, rows of a chunk.
 */
export function squared_deviations(args: usize, from: i32, to: i32): void {
  const length = <i32>argument(args, 3);
  const channels = <i32>argument(args, 4);
  const size = <i32>argument(args, 5);
  const row = <usize>channels << 2;
  for (let i = from; i < to; i++) {
    const first = i * size;
    const x = argument(args, 0) + first * row;
    const y = argument(args, 2) + i * row;
    const end = x + min(size, length - first) * row;
    for (let j = 0; j < channels; j += 8) {
      const offset = <usize>j << 2;
      const m0 = v128.load(argument(args, 1) + offset);
      const m1 = v128.load(argument(args, 1) + offset, 16);
      let s0 = f32x4.splat(0), s1 = s0;
      for (let at = x + offset; at < end; at += row) {
        const d0 = flush(f32x4.sub(v128.load(at), m0));
        const d1 = flush(f32x4.sub(v128.load(at, 16), m1));
        s0 = f32x4.add(s0, f32x4.mul(d0, d0));
        s1 = f32x4.add(s1, f32x4.mul(d1, d1));
      }
      storeLanes(y + offset, flush(s0), channels - j);
      storeLanes(y + offset + 16, flush(s1), channels - j - 4);
    }
  }
}

/**
 * x normalised, scaled and shifted. Units are rows; arguments: x, means, variances, gamma, beta, y,
 * channels, the bits of epsilon.
 */
export function batch_norm(args: usize, from: i32, to: i32): void {
  const channels = <i32>argument(args, 6);
  const epsilon = number(args, 7);
  const row = <usize>channels << 2;
  for (let first = from; first < to; first += BLOCK) {
    const begin = first * row;
    const end = min(first + BLOCK, to) * row;
    for (let j = 0; j < channels; j += 4) {
      const offset = <usize>j << 2;
      const mean = v128.load(argument(args, 1) + offset);
      const inverse = rsqrt(f32x4.add(v128.load(argument(args, 2) + offset), epsilon));
      const gamma = v128.load(argument(args, 3) + offset);
      const beta = v128.load(argument(args, 4) + offset);
      for (let at = begin + offset; at < end; at += row) {
        const n = normalised(v128.load(argument(args, 0) + at), mean, inverse);
        const y = f32x4.add(f32x4.mul(n, gamma), beta);
        storeLanes(argument(args, 5) + at, flush(y), channels - j);
      }
    }
  }
}

/**
 * Sums of dy and of dy times x normalised. Units are chunks; arguments: dy, x, means, variances, both
 * sums, length, channels, chunks, rows of a chunk, the bits of epsilon.
 */
export function batch_norm_sums(args: usize, from: i32, to: i32): void {
  const length = <i32>argument(args, 5);
  const channels = <i32>argument(args, 6);
  const size = <i32>argument(args, 8);
  const epsilon = number(args, 9);
  const row = <usize>channels << 2;
  const weighted = argument(args, 4) + argument(args, 7) * row;
  const between = argument(args, 1) - argument(args, 0);
  for (let i = from; i < to; i++) {
    const first = i * size;
    const dy = argument(args, 0) + first * row;
    const end = dy + min(size, length - first) * row;
    for (let j = 0; j < channels; j += 8) {
      const offset = <usize>j << 2;
      const means = argument(args, 2) + offset;
      const variances = argument(args, 3) + offset;
      const m0 = v128.load(means);
      const m1 = v128.load(means, 16);
      const i0 = rsqrt(f32x4.add(v128.load(variances), epsilon));
      const i1 = rsqrt(f32x4.add(v128.load(variances, 16), epsilon));
      let p0 = f32x4.splat(0), p1 = p0, w0 = p0, w1 = p0;
      for (let at = dy + offset; at < end; at += row) {
        const dy0 = v128.load(at);
        const dy1 = v128.load(at, 16);
        const n0 = normalised(v128.load(at + between), m0, i0);
        const n1 = normalised(v128.load(at + between, 16), m1, i1);
        p0 = f32x4.add(p0, dy0);
        p1 = f32x4.add(p1, dy1);
        w0 = f32x4.add(w0, f32x4.mul(dy0, n0));
        w1 = f32x4.add(w1, f32x4.mul(dy1, n1));
      }
      const sums = i * row + offset;
      storeLanes(argument(args, 4) + sums, flush(p0), channels - j);
      storeLanes(argument(args, 4) + sums + 16, flush(p1), channels - j - 4);
      storeLanes(weighted + sums, flush(w0), channels - j);
      storeLanes(weighted + sums + 16, flush(w1), channels - j - 4);
    }
  }
}

/**
 * The gradient of x. Units are rows; arguments: dy, x, means, variances, gamma, sums of dy, sums of
 * dy times x normalised, dx, channels, the bits of epsilon and of 1 / length.
 */
export function batch_norm_input_gradient(args: usize, from: i32, to: i32): void {
  const channels = <i32>argument(args, 8);
  const epsilon = number(args, 9);
  const share = number(args, 10);
  const row = <usize>channels << 2;
  for (let first = from; first < to; first += BLOCK) {
    const begin = first * row;
    const end = min(first + BLOCK, to) * row;
    for (let j = 0; j < channels; j += 4) {
      const offset = <usize>j << 2;
      const mean = v128.load(argument(args, 2) + offset);
      const inverse = rsqrt(f32x4.add(v128.load(argument(args, 3) + offset), epsilon));
      const factor = flush(f32x4.mul(v128.load(argument(args, 4) + offset), inverse));
      const a = flush(f32x4.mul(v128.load(argument(args, 5) + offset), share));
      const b = flush(f32x4.mul(v128.load(argument(args, 6) + offset), share));
      for (let at = begin + offset; at < end; at += row) {
        const n = normalised(v128.load(argument(args, 1) + at), mean, inverse);
        const dy = f32x4.sub(v128.load(argument(args, 0) + at), a);
        const rest = flush(f32x4.sub(dy, f32x4.mul(n, b)));
        storeLanes(argument(args, 7) + at, flush(f32x4.mul(factor, rest)), channels - j);
      }
    }
  }
}

/** Argument number `i`, the bits of an f32, in every lane. */
@inline
function number(args: usize, i: usize): v128 {
  return f32x4.splat(reinterpret<f32>(<u32>argument(args, i)));
}

@inline
function normalised(x: v128, mean: v128, inverse: v128): v128 {
  return flush(f32x4.mul(flush(f32x4.sub(x, mean)), inverse));
}

/** 1/sqrt(x) as in `core/numerics/rsqrt.ts`. */
@inline
function rsqrt(x: v128): v128 {
  const k = i32x4.sub(
    i32x4.shr_u(i32x4.add(i32x4.shr_u(x, 23), i32x4.splat(1)), 1),
    i32x4.splat(64),
  );
  const m = i32x4.sub(x, i32x4.shl(k, 24));
  const half = f32x4.mul(f32x4.splat(0.5), m);
  let y = i32x4.sub(i32x4.splat(0x5f3759df), i32x4.shr_u(m, 1));
  y = newton(y, half);
  y = newton(y, half);
  y = newton(y, half);
  const result = i32x4.sub(y, i32x4.shl(k, 23));
  const infinite = f32x4.lt(f32x4.abs(x), f32x4.splat(<f32>1.1754943508222875e-38));
  const zero = f32x4.eq(x, f32x4.splat(Infinity));
  const positive = f32x4.gt(x, f32x4.splat(0));
  const finite = v128.bitselect(v128.andnot(result, zero), f32x4.splat(NaN), positive);
  return v128.bitselect(f32x4.splat(Infinity), finite, infinite);
}

@inline
function newton(y: v128, half: v128): v128 {
  const e = f32x4.sub(f32x4.splat(0.5), f32x4.mul(y, f32x4.mul(y, half)));
  return f32x4.add(y, f32x4.mul(y, e));
}
