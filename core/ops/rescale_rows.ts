/** Rows brought to a length: steps and balls in the Euclidean norm. */
import scaleWgsl from "../../shaders/lib/magnitude_scale.wgsl" with { type: "text" };
import rsqrtWgsl from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import wgsl from "../../shaders/rescale_rows.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { rsqrt, sqrt } from "../numerics/rsqrt.ts";
import { linear } from "./dispatch.ts";
import { rowMagnitudes } from "./max_magnitude.ts";
import { type Op, sameShape, ShapeError, show, size, type Value } from "./op.ts";
import { magnitudeScale, scaledSquares } from "./sum_of_squares.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/** Which rows are scaled. */
export interface RescaleAttributes {
  /** Only those that are longer than the radius. */
  readonly atMost: boolean;
}

/**
 * Each row of x [rows, ...] scaled to the Euclidean norm `radius`, f32 [1]; a negative radius turns it
 * round, and a row of zeros stays zero. Squares are taken as by `sumOfSquares`, so that gradients may
 * be as small as stored numbers are; a row's norm must be below 2^127. The norm of the result is off
 * by less than 2^-16 of the radius; measured, by 5 * 2^-24 for random elements and 34 * 2^-24 for
 * equal ones, whose roundings go one way.
 *
 * No gradient flows through it: what it gives is a direction that is data.
 *
 * @throws {ShapeError} unless x and radius are f32 and the radius is [1].
 */
export function rescaleRows(x: Value, radius: Value, attributes: RescaleAttributes): Value {
  const greatest = rowMagnitudes(x);
  const squares = scaledSquares(x, greatest);
  return x.builder.apply(rescaleRowsOp, [x, greatest, squares, radius], attributes);
}

/** x, its rows' greatest magnitudes and scaled squares' sums, and the radius. */
export const rescaleRowsOp: Op<RescaleAttributes> = {
  name: "rescale_rows",
  infer([x, _greatest, _squares, radius]) {
    if (radius!.type !== "f32" || !sameShape(radius!.shape, [1])) {
      throw new ShapeError(
        `the radius must be f32 [1], not ${radius!.type} ${show(radius!.shape)}`,
      );
    }
    return x!;
  },
  kernel([x], _y, { atMost }) {
    const rows = x!.shape[0]!;
    const length = size(x!.shape) / rows;
    const { workgroups, constants } = linear(rows * length);
    const read = { type: "f32", access: "read" } as const;
    return {
      name: "rescale_rows",
      dispatch: () => ({
        wgsl: fill(rsqrtWgsl + scaleWgsl + wgsl, {
          ...constants,
          LENGTH: length,
          AT_MOST: Number(atMost),
        }),
        workgroups,
      }),
      bindings: [read, read, read, read, { type: "f32", access: "write" }],
      reference([x, greatest, squares, radii, y]: readonly View[]) {
        const radius = radii![0]!;
        for (let row = 0; row < rows; row++) {
          const q = squares![row]!;
          const s = magnitudeScale(greatest![row]!);
          const kept = atMost && fround(s * sqrt(q)) <= radius;
          const factor = fround(radius * rsqrt(q));
          for (let i = row * length; i < (row + 1) * length; i++) {
            if (kept) y![i] = flush(x![i]!);
            else if (q === 0) y![i] = 0;
            else y![i] = flush(fround(flush(fround(x![i]! / s)) * factor));
          }
        }
      },
    };
  },
  gradient: ({ inputs }) => inputs.map(() => undefined),
};
