/**
 * How many elements of a tensor lie in each of a row of equal bins. Each run of elements is counted by
 * itself, and the counts are added as floats, which is exact as long as they are below 2^24: integer
 * counters that all invocations share would need atomics.
 */
import wgsl from "../../shaders/histogram.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { type Op, ShapeError, size, type Value } from "./op.ts";
import { sum } from "./sum.ts";
import { f32, fill } from "./template.ts";

const { fround } = Math;

/** Elements that one invocation counts: few enough that many work, so many that counts are few. */
const RUN = 1024;

/** As many as an f32 can tell apart. */
const MOST_BINS = 2 ** 24;

/** Between these, no difference or product of the kernel overflows or is subnormal but by being 0. */
const WIDTHS = [2 ** -50, 2 ** 50] as const;

/** Where bins begin and end, as f32; the last one ends just below `to`. */
export interface HistogramAttributes {
  readonly from: number;
  readonly to: number;
  readonly bins: number;
}

/**
 * Counts of the elements of x, of any shape: f32 [bins + 2] of those below `from`, those in each of
 * `bins` equal bins from `from` to below `to`, and those at or above `to`; exact up to 2^24 elements.
 * An element at an edge between two bins goes to the upper one as far as the f32 arithmetic says that
 * the kernel's header states; NaN is counted at or above `to`. An instrument: it has no gradient.
 *
 * @throws {RangeError} when there are no such bins, or none from 2^-50 to 2^50 wide.
 * @throws {ShapeError} when x is not f32.
 */
export function histogram(x: Value, attributes: HistogramAttributes): Value {
  expectBins(attributes);
  return sum(x.builder.apply(histogramOp, [x], attributes), [0]);
}

/** x to [runs, bins + 2], the counts of each run of elements. */
export const histogramOp: Op<HistogramAttributes> = {
  name: "histogram",
  infer([x], { bins }) {
    if (x!.type !== "f32") throw new ShapeError(`the input must be f32, not ${x!.type}`);
    return { shape: [Math.ceil(size(x!.shape) / RUN), bins + 2], type: "f32" };
  },
  kernel([x], y, attributes) {
    const { bins } = attributes;
    const length = size(x!.shape);
    const { workgroups, constants } = linear(y!.shape[0]!);
    const { from, to, scale } = rounded(attributes);
    return {
      name: "histogram",
      dispatch: () => ({
        wgsl: fill(wgsl, {
          ...constants,
          ...{ RUN, LENGTH: length, BINS: bins, FROM: f32(from), TO: f32(to), SCALE: f32(scale) },
        }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        y!.fill(0);
        for (let k = 0; k < length; k++) {
          const value = flush(x![k]!);
          let at = 0;
          if (!(value < to)) at = bins + 1;
          else if (value >= from) {
            const place = fround(fround(value - from) * scale);
            at = 1 + Math.min(Math.floor(place), bins - 1);
          }
          y![Math.floor(k / RUN) * (bins + 2) + at]! += 1;
        }
      },
    };
  },
};

/** The numbers of the kernel. */
function rounded({ from, to, bins }: HistogramAttributes) {
  const [first, end] = [flush(fround(from)), flush(fround(to))];
  return { from: first, to: end, scale: fround(bins / (end - first)) };
}

/** Whether there are such bins as f32: `to` above `from`, and each from 2^-50 to 2^50 wide. */
export function areCountable(attributes: HistogramAttributes): boolean {
  const width = 1 / rounded(attributes).scale;
  return width >= WIDTHS[0] && width <= WIDTHS[1];
}

function expectBins(attributes: HistogramAttributes): void {
  const { from, to, bins } = attributes;
  if (!Number.isInteger(bins) || bins < 1 || bins > MOST_BINS) {
    throw new RangeError(`histogram: bins must be an integer from 1 to ${MOST_BINS}, not ${bins}`);
  }
  if (!areCountable(attributes)) {
    throw new RangeError(
      `histogram: ${bins} bins from ${from} to ${to} are not from 2^-50 to 2^50 wide as f32`,
    );
  }
}
