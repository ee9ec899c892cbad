/** By how much a label's logit leads: what a hinge is a function of, and an attack brings down. */
import libraryWgsl from "../../shaders/lib/strongest_other.wgsl" with { type: "text" };
import gradientWgsl from "../../shaders/margin_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/margin.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { type Op, ShapeError, show, type Value } from "./op.ts";
import { rowwise } from "./softmax.ts";
import { expectLabels } from "./softmax_cross_entropy.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/**
 * The logit of each row's label less the greatest other one (the lowest class among equals): above 0
 * where the label is the answer. Logits [rows, classes], labels u32 [rows], result [rows]. A label
 * from `classes` up masks its row: margin and gradient are 0.
 *
 * @throws {ShapeError} unless there are two classes or more, and the labels are u32, one a row.
 */
export function margin(logits: Value, labels: Value): Value {
  return logits.builder.apply(marginOp, [logits, labels], {});
}

/** The op behind {@link margin}. */
export const marginOp: Op<unknown> = {
  name: "margin",
  infer([logits, labels]) {
    expectLabels(logits!, labels!);
    if (logits!.shape[1]! < 2) {
      throw new ShapeError(
        `logits ${show(logits!.shape)} of one class have no other; a margin needs two or more`,
      );
    }
    return { shape: labels!.shape, type: "f32" };
  },
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "margin",
      dispatch: () => ({ wgsl: fill(libraryWgsl + wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, labels, margins]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          const label = labels![row]!;
          const own = logits!.subarray(row * classes, (row + 1) * classes);
          margins![row] = label < classes
            ? flush(fround(own[label]! - own[strongestOther(own, label)]!))
            : 0;
        }
      },
    };
  },
  gradient: ({ inputs: [logits, labels] }, dy) => [
    dy.builder.apply(marginGradientOp, [logits!, labels!, dy], {}),
    undefined,
  ],
};

/** The row's upstream gradient at its label, and the negative of it at the greatest other logit. */
export const marginGradientOp: Op<unknown> = {
  name: "margin_gradient",
  infer: ([logits]) => logits!,
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "margin_gradient",
      dispatch: () => ({ wgsl: fill(libraryWgsl + gradientWgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, labels, upstream, dx]: readonly View[]) {
        dx!.fill(0);
        for (let row = 0; row < rows; row++) {
          const label = labels![row]!;
          if (label >= classes) continue;
          const base = row * classes;
          const other = strongestOther(logits!.subarray(base, base + classes), label);
          dx![base + label] = upstream![row]!;
          dx![base + other] = flush(-upstream![row]!);
        }
      },
    };
  },
};

/** The class other than the label whose logit is greatest, the lowest among equals. */
export function strongestOther(logits: View, label: number): number {
  let best = label === 0 ? 1 : 0;
  for (let j = best + 1; j < logits.length; j++) {
    if (j !== label && logits[j]! > logits[best]!) best = j;
  }
  return best;
}
