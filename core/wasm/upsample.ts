/** Nearest-neighbour upsampling of NHWC images and its gradient, four channels at once. */
import { argument, flush, storeLanes } from "./lib";

/** Units are rows of x. Arguments: x, y, width of x, channels, factor. */
export function upsample(args: usize, from: i32, to: i32): void {
  const channels = <i32>argument(args, 3);
  const factor = <i32>argument(args, 4);
  const pixel = <usize>channels << 2;
  const row = argument(args, 2) * pixel;
  const wide = row * factor;
  for (let i = from; i < to; i++) {
    let x = argument(args, 0) + i * row;
    const end = x + row;
    const y = argument(args, 1) + i * wide * factor;
    for (let block = y; x < end; x += pixel, block += pixel * factor) {
      for (let c = 0; c < channels; c += 4) {
        const value = v128.load(x + (<usize>c << 2));
        for (let at = block; at < block + pixel * factor; at += pixel) {
          storeLanes(at + (<usize>c << 2), value, channels - c);
        }
      }
    }
    for (let k = 1; k < factor; k++) memory.copy(y + k * wide, y, wide);
  }
}

/** Each block row by row from +0. Units are rows of dx. Arguments: dy, dx, and then as above. */
export function upsample_gradient(args: usize, from: i32, to: i32): void {
  const channels = <i32>argument(args, 3);
  const factor = <i32>argument(args, 4);
  const pixel = <usize>channels << 2;
  const row = argument(args, 2) * pixel;
  const wide = row * factor;
  for (let i = from; i < to; i++) {
    let block = argument(args, 0) + i * wide * factor;
    let dx = argument(args, 1) + i * row;
    for (const end = dx + row; dx < end; dx += pixel, block += pixel * factor) {
      for (let c = 0; c < channels; c += 4) {
        let sum = f32x4.splat(0);
        for (let ky = 0; ky < factor; ky++) {
          const first = block + ky * wide + (<usize>c << 2);
          for (let at = first; at < first + pixel * factor; at += pixel) {
            sum = f32x4.add(sum, v128.load(at));
          }
        }
        storeLanes(dx + (<usize>c << 2), flush(sum), channels - c);
      }
    }
  }
}
