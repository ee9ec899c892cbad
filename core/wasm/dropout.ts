/**
 * Dropout, word by word as `core/random/philox.ts` and `core/ops/dropout.ts` have it; a block of the
 * stream is a vector's four lanes.
 */
import { argument, flush, storeLanes } from "./lib";

/** Units are elements. Arguments: x, key, step, y, then rate and scale as bits. */
export function dropout(args: usize, from: i32, to: i32): void {
  const key = argument(args, 1);
  const step = load<u32>(argument(args, 2));
  const rate = v128.load_splat<f32>(args, 16);
  const scale = v128.load_splat<f32>(args, 20);
  for (let i = from; i < to; i += 4) {
    const offset = <usize>i << 2;
    const bits = i32x4.shr_u(philox(<u32>i >> 2, step, load<u32>(key), load<u32>(key, 4)), 8);
    const uniform = f32x4.mul(f32x4.convert_i32x4_u(bits), f32x4.splat(<f32>5.9604644775390625e-8));
    const x = v128.load(argument(args, 0) + offset);
    const kept = v128.and(f32x4.mul(scale, x), f32x4.ge(uniform, rate));
    storeLanes(argument(args, 3) + offset, flush(kept), to - i);
  }
}

@inline
function philox(index: u32, step: u32, key0: u32, key1: u32): v128 {
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
