/** Softmax over the last axis. */
import expWgsl from "../../shaders/lib/exp.wgsl" with { type: "text" };
import reciprocalWgsl from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import rowWgsl from "../../shaders/lib/softmax_row.wgsl" with { type: "text" };
import gradientWgsl from "../../shaders/softmax_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/softmax.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { exp } from "../numerics/exp.ts";
import { reciprocal } from "../numerics/reciprocal.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, type TensorType, type Value } from "./op.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/**
 * Probabilities exp(logit) / sum of exp(logit) of each row of [rows, classes]; probabilities below
 * 2^-51 are +0.
 */
export function softmax(logits: Value): Value {
  return logits.builder.apply(softmaxOp, [logits], {});
}

/** The op behind {@link softmax}. */
export const softmaxOp: Op<unknown> = {
  name: "softmax",
  infer([logits]) {
    expectRank("the logits", logits!, 2);
    return logits!;
  },
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "softmax",
      dispatch: () => ({
        wgsl: fill(expWgsl + reciprocalWgsl + rowWgsl + wgsl, constants),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([logits, y]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          y!.set(softmaxRow(logits!.subarray(row * classes, (row + 1) * classes)), row * classes);
        }
      },
    };
  },
  gradient: ({ output }, dy) => [dy.builder.apply(softmaxGradientOp, [output, dy], {})],
};

/** dlogits = y * (dy - sum of dy * y), the sum in ascending order. */
export const softmaxGradientOp: Op<unknown> = {
  name: "softmax_gradient",
  infer: ([y]) => y!,
  kernel([y]) {
    const { rows, classes, workgroups, constants } = rowwise(y!);
    return {
      name: "softmax_gradient",
      dispatch: () => ({ wgsl: fill(gradientWgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([y, dy, dx]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          const base = row * classes;
          let sum = 0;
          for (let j = base; j < base + classes; j++) sum = fround(sum + fround(dy![j]! * y![j]!));
          for (let j = base; j < base + classes; j++) {
            dx![j] = flush(fround(y![j]! * fround(dy![j]! - sum)));
          }
        }
      },
    };
  },
};

/** One invocation per row of [rows, classes]. */
export function rowwise({ shape }: TensorType) {
  const [rows, classes] = shape as [number, number];
  const { workgroups, constants } = linear(rows);
  return { rows, classes, workgroups, constants: { ...constants, CLASSES: classes } };
}

/** The softmax of one row in the kernel's order, with the parts that the loss needs. */
export function softmaxParts(logits: View): { exps: number[]; greatest: number; sum: number } {
  let greatest = logits[0]!;
  for (const logit of logits) if (logit > greatest) greatest = logit;
  const exps = Array.from(logits, (logit) => flush(exp(fround(logit - greatest))));
  let sum = 0;
  for (const value of exps) sum = fround(sum + value);
  return { exps, greatest, sum };
}

/** The softmax of one row, in the kernel's order. */
export function softmaxRow(logits: View): number[] {
  const { exps, sum } = softmaxParts(logits);
  const factor = reciprocal(sum);
  return exps.map((value) => flush(fround(value * factor)));
}
