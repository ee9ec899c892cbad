/** The update of RMSprop, operation by operation as `core/ops/rmsprop.ts` and `core/numerics` have it. */
import { argument, flush, reciprocal, storeLanes } from "./lib";

/** Units are elements. Arguments: parameters, gradients, mean squares, scalars. */
export function rmsprop(args: usize, from: i32, to: i32): void {
  const scalars = argument(args, 3);
  const rho = v128.load_splat<f32>(scalars);
  const keep = v128.load_splat<f32>(scalars, 4);
  const rate = v128.load_splat<f32>(scalars, 8);
  const epsilon = v128.load_splat<f32>(scalars, 12);
  for (let i = from; i < to; i += 4) {
    const offset = <usize>i << 2;
    const parameter = argument(args, 0) + offset;
    const square = argument(args, 2) + offset;
    const g = v128.load(argument(args, 1) + offset);
    const sum = f32x4.add(
      f32x4.mul(rho, v128.load(square)),
      f32x4.mul(keep, f32x4.mul(g, g)),
    );
    const v = v128.andnot(sum, f32x4.lt(sum, f32x4.splat(<f32>7.52316384526264e-37)));
    const step = f32x4.mul(g, reciprocal(f32x4.add(f32x4.sqrt(v), epsilon)));
    const updated = f32x4.sub(v128.load(parameter), f32x4.mul(rate, step));
    storeLanes(square, v, to - i);
    storeLanes(parameter, flush(updated), to - i);
  }
}
