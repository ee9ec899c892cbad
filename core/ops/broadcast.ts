/** Broadcasting: axes are aligned at the right, and an axis of size 1 or a missing one repeats. */
import { type Shape, ShapeError, show, size } from "./op.ts";

/**
 * The shape that two shapes broadcast to.
 *
 * @throws {ShapeError} when an axis differs and neither is 1.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { broadcast } from "./broadcast.ts";
 * assert.deepEqual(broadcast([64, 8, 8, 32], [32]), [64, 8, 8, 32]);
 * ```
 */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(
        `${show(a)} and ${show(b)} do not broadcast: axis ${i} is ${left} and ${right}; ` +
          "make them equal, or one of them 1",
      );
    }
    return Math.max(left, right);
  });
}

/** Axes of `to` along which `from` repeats. */
export function repeatedAxes(from: Shape, to: Shape): number[] {
  const missing = to.length - from.length;
  return to.flatMap((axis, i) => i < missing || (from[i - missing] === 1 && axis !== 1) ? [i] : []);
}

/** Where the element of a broadcast operand lies for output i. */
export interface BroadcastIndex {
  /** A WGSL expression in the output index `i`. */
  readonly wgsl: string;
  readonly at: (i: number) => number;
  /** From a multiple of `run` on, `run` outputs in a row read elements `step` (0 or 1) apart. */
  readonly run: number;
  readonly step: 0 | 1;
}

interface Term {
  readonly divisor: number;
  readonly modulus: number;
  readonly stride: number;
}

/** The index into an operand of shape `from` for each element of an output of shape `to`. */
export function broadcastIndex(from: Shape, to: Shape): BroadcastIndex {
  const terms = collapse(from, to);
  const count = size(to);
  const at = (i: number) =>
    terms.reduce((sum, t) => sum + Math.floor(i / t.divisor) % t.modulus * t.stride, 0);
  const [innermost] = terms;
  if (!innermost) return { wgsl: "0u", at, run: count, step: 0 };
  const wgsl = terms.map(({ divisor, modulus, stride }) => {
    const quotient = divisor === 1 ? "i" : `i / ${divisor}u`;
    const rest = divisor * modulus === count ? quotient : `${quotient} % ${modulus}u`;
    return stride === 1 ? rest : `${rest} * ${stride}u`;
  }).join(" + ");
  return innermost.divisor === 1
    ? { wgsl, at, run: innermost.modulus, step: 1 }
    : { wgsl, at, run: innermost.divisor, step: 0 };
}

/** One term per run of neighbouring axes that do not repeat. */
function collapse(from: Shape, to: Shape): Term[] {
  const repeated = new Set(repeatedAxes(from, to));
  const terms: Term[] = [];
  let divisor = 1, stride = 1, open: Term | undefined;
  const close = () => {
    if (open && open.modulus > 1) terms.push(open);
    open = undefined;
  };
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const length = to[axis]!;
    if (repeated.has(axis)) close();
    else {
      open = open
        ? { ...open, modulus: open.modulus * length }
        : { divisor, modulus: length, stride };
      stride *= length;
    }
    divisor *= length;
  }
  close();
  return terms;
}
