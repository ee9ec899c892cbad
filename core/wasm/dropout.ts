/**
 * Dropout, word by word as `core/ops/dropout.ts` has it; a block of the stream is a vector's four
 * lanes.
 */
import { argument, flush, philox, storeLanes, unit } from "./lib";

/** Units are elements. Arguments: x, key, step, y, then rate and scale as bits. */
export function dropout(args: usize, from: i32, to: i32): void {
  const key = argument(args, 1);
  const step = load<u32>(argument(args, 2));
  const rate = v128.load_splat<f32>(args, 16);
  const scale = v128.load_splat<f32>(args, 20);
  for (let i = from; i < to; i += 4) {
    const offset = <usize>i << 2;
    const uniform = unit(i32x4.shr_u(philox(<u32>i >> 2, step, key), 8));
    const x = v128.load(argument(args, 0) + offset);
    const kept = v128.and(f32x4.mul(scale, x), f32x4.ge(uniform, rate));
    storeLanes(argument(args, 3) + offset, flush(kept), to - i);
  }
}
