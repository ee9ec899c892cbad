/** The greatest magnitude of runs of elements, compared as bits, so that NaN is the greatest. */
import { argument } from "./lib";

/** Units are runs. Arguments: x, y, elements of a run, elements of x. */
export function max_magnitude(args: usize, from: i32, to: i32): void {
  const run = <i32>argument(args, 2);
  const total = <i32>argument(args, 3);
  const magnitude = i32x4.splat(0x7fffffff);
  for (let i = from; i < to; i++) {
    const end = min((i + 1) * run, total);
    let at = argument(args, 0) + (<usize>(i * run) << 2);
    const last = argument(args, 0) + (<usize>end << 2);
    let greatest = i32x4.splat(0);
    for (; at + 16 <= last; at += 16) {
      greatest = i32x4.max_s(greatest, v128.and(v128.load(at), magnitude));
    }
    let result = max(
      max(i32x4.extract_lane(greatest, 0), i32x4.extract_lane(greatest, 1)),
      max(i32x4.extract_lane(greatest, 2), i32x4.extract_lane(greatest, 3)),
    );
    for (; at < last; at += 4) result = max(result, load<i32>(at) & 0x7fffffff);
    store<i32>(argument(args, 1) + (<usize>i << 2), result);
  }
}
