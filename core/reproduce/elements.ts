/** Where two tensors differ, told by elements. The sign of zero and a NaN's bits are no difference. */
import type { View } from "../device/program.ts";
import { canonicalBits } from "../numerics/bits.ts";
import type { Shape } from "../ops/op.ts";

/** Differing elements that are told one by one. */
const SHOWN = 4;

/** A number and its bits, `0x3f800000`. */
export interface Number32 {
  readonly value: number;
  readonly bits: string;
}

/** One element that differs. */
export interface ElementDifference {
  /** By the axes of the tensor, outermost first. */
  readonly index: readonly number[];
  readonly a: Number32;
  readonly b: Number32;
  /** What the cpu device's references say; left out where they were not asked. */
  readonly cpu?: Number32;
}

/** A tensor that differs. */
export interface TensorDifference {
  readonly name: string;
  readonly shape: Shape;
  /** How many of its elements differ, and the first of them. */
  readonly differing: number;
  readonly elements: readonly ElementDifference[];
}

/** Whether two views of one length hold the same values. */
export function same(a: View, b: View): boolean {
  const [left, right] = [canonicalBits(a), canonicalBits(b)];
  return left.every((bits, i) => bits === right[i]);
}

/**
 * How two views of a tensor differ; `undefined` where they do not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { differenceOf } from "./elements.ts";
 *
 * const [a, b] = [Float32Array.of(0, 1, 2, 3), Float32Array.of(-0, 1, 2, 4)];
 * assert.deepEqual(differenceOf("weights", [2, 2], { a, b }), {
 *   name: "weights",
 *   shape: [2, 2],
 *   differing: 1,
 *   elements: [{
 *     index: [1, 1],
 *     a: { value: 3, bits: "0x40400000" },
 *     b: { value: 4, bits: "0x40800000" },
 *   }],
 * });
 * ```
 */
export function differenceOf(
  name: string,
  shape: Shape,
  { a, b, cpu }: { readonly a: View; readonly b: View; readonly cpu?: View },
): TensorDifference | undefined {
  const [left, right] = [canonicalBits(a), canonicalBits(b)];
  let differing = 0;
  const elements: ElementDifference[] = [];
  for (let at = 0; at < left.length; at++) {
    if (left[at] === right[at] || ++differing > SHOWN) continue;
    elements.push({
      index: indexOf(at, shape),
      a: number32(a, at),
      b: number32(b, at),
      ...(cpu && { cpu: number32(cpu, at) }),
    });
  }
  return differing === 0 ? undefined : { name, shape, differing, elements };
}

function indexOf(at: number, shape: Shape): number[] {
  const index: number[] = [];
  for (const axis of shape.toReversed()) {
    index.unshift(at % axis);
    at = Math.floor(at / axis);
  }
  return index;
}

function number32(view: View, at: number): Number32 {
  const [bits] = new Uint32Array(view.buffer, view.byteOffset + 4 * at, 1);
  return { value: view[at]!, bits: `0x${bits!.toString(16).padStart(8, "0")}` };
}
