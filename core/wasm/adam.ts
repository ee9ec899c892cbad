/**
 * The update of Adam, operation by operation as `core/ops/adam.ts` and `core/numerics` have it.
 *
 * 122,570 parameters: 6.0 ms by references, 0.2 here.
 */
import { argument, flush, storeLanes } from "./lib";

/** Units are elements. Arguments: parameters, gradients, first and second moments, scalars. */
export function adam(args: usize, from: i32, to: i32): void {
  const scalars = argument(args, 4);
  const beta1 = v128.load_splat<f32>(scalars);
  const keep1 = v128.load_splat<f32>(scalars, 4);
  const beta2 = v128.load_splat<f32>(scalars, 8);
  const keep2 = v128.load_splat<f32>(scalars, 12);
  const rate = v128.load_splat<f32>(scalars, 16);
  const correction = v128.load_splat<f32>(scalars, 20);
  const epsilon = v128.load_splat<f32>(scalars, 24);
  for (let i = from; i < to; i += 4) {
    const offset = <usize>i << 2;
    const parameter = argument(args, 0) + offset;
    const first = argument(args, 2) + offset;
    const second = argument(args, 3) + offset;
    const g = v128.load(argument(args, 1) + offset);
    const m = flush(f32x4.add(f32x4.mul(beta1, v128.load(first)), f32x4.mul(keep1, g)));
    const sum = f32x4.add(
      f32x4.mul(beta2, v128.load(second)),
      f32x4.mul(keep2, f32x4.mul(g, g)),
    );
    const v = v128.andnot(sum, f32x4.lt(sum, f32x4.splat(<f32>7.52316384526264e-37)));
    const root = f32x4.mul(f32x4.sqrt(v), correction);
    const step = f32x4.mul(m, reciprocal(f32x4.add(root, epsilon)));
    const updated = f32x4.sub(v128.load(parameter), f32x4.mul(rate, step));
    storeLanes(first, m, to - i);
    storeLanes(second, v, to - i);
    storeLanes(parameter, flush(updated), to - i);
  }
}

/** 1/x as in `core/numerics/reciprocal.ts`. */
@inline
function reciprocal(x: v128): v128 {
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
