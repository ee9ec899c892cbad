/** Softmax and cross-entropy in one, from logits and class labels. */
import expWgsl from "../../shaders/lib/exp.wgsl" with { type: "text" };
import logWgsl from "../../shaders/lib/log.wgsl" with { type: "text" };
import reciprocalWgsl from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import rowWgsl from "../../shaders/lib/softmax_row.wgsl" with { type: "text" };
import gradientWgsl from "../../shaders/softmax_cross_entropy_gradient.wgsl" with { type: "text" };
import bothWgsl from "../../shaders/softmax_cross_entropy_both.wgsl" with { type: "text" };
import wgsl from "../../shaders/softmax_cross_entropy.wgsl" with { type: "text" };
import type { Kernel, View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { log } from "../numerics/log.ts";
import { expectRank, type Op, ShapeError, show, type TensorType, type Value } from "./op.ts";
import { rowwise, softmaxParts, softmaxRow } from "./softmax.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/**
 * The loss -log softmax(logits)[label] of each row, in nats: logits [rows, classes], labels u32
 * [rows], result [rows]. A label from `classes` up masks its row: loss and gradient are 0.
 *
 * @throws {ShapeError} unless the labels are u32, one a row.
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  return logits.builder.apply(softmaxCrossEntropyOp, [logits, labels], {});
}

/** The op behind {@link softmaxCrossEntropy}. */
export const softmaxCrossEntropyOp: Op<unknown> = {
  name: "softmax_cross_entropy",
  infer([logits, labels]) {
    expectLabels(logits!, labels!);
    return { shape: labels!.shape, type: "f32" };
  },
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "softmax_cross_entropy",
      dispatch: () => ({ wgsl: fill(expWgsl + logWgsl + rowWgsl + wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, labels, losses]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          const label = labels![row]!;
          const own = logits!.subarray(row * classes, (row + 1) * classes);
          if (label >= classes) {
            losses![row] = 0;
            continue;
          }
          const { greatest, sum } = softmaxParts(own);
          losses![row] = flush(fround(log(sum) - fround(own[label]! - greatest)));
        }
      },
    };
  },
  gradient: ({ inputs: [logits, labels] }, dy) => [
    dy.builder.apply(softmaxCrossEntropyGradientOp, [logits!, labels!, dy], {}),
    undefined,
  ],
};

/** (softmax - one-hot) times the row's upstream gradient; with the loss itself in one dispatch. */
export const softmaxCrossEntropyGradientOp: Op<unknown> = {
  name: "softmax_cross_entropy_gradient",
  includes: { op: softmaxCrossEntropyOp, kernel: bothKernel },
  infer: ([logits]) => logits!,
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "softmax_cross_entropy_gradient",
      dispatch: () => ({
        wgsl: fill(expWgsl + reciprocalWgsl + rowWgsl + gradientWgsl, constants),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, labels, upstream, dx]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          const label = labels![row]!;
          softmaxRow(logits!.subarray(row * classes, (row + 1) * classes)).forEach((p, j) => {
            const difference = fround(p - (j === label ? 1 : 0));
            dx![row * classes + j] = label < classes
              ? flush(fround(difference * upstream![row]!))
              : 0;
          });
        }
      },
    };
  },
};

function bothKernel([logits, labels, upstream]: readonly TensorType[]): Kernel {
  const { workgroups, constants } = rowwise(logits!);
  const losses = softmaxCrossEntropyOp.kernel([logits!, labels!], undefined, {});
  const gradient = softmaxCrossEntropyGradientOp.kernel([logits!, labels!, upstream!], logits, {});
  return {
    name: "softmax_cross_entropy_both",
    dispatch: () => ({
      wgsl: fill(expWgsl + logWgsl + reciprocalWgsl + rowWgsl + bothWgsl, constants),
      workgroups,
    }),
    bindings: [...gradient.bindings.slice(0, 3), losses.bindings[2]!, gradient.bindings[3]!],
    reference([logits, labels, upstream, loss, dx]: readonly View[]) {
      losses.reference([logits!, labels!, loss!]);
      gradient.reference([logits!, labels!, upstream!, dx!]);
    },
  };
}

/** @throws {ShapeError} unless labels are u32 [rows] for logits [rows, classes]. */
export function expectLabels(logits: TensorType, labels: TensorType): void {
  expectRank("the logits", logits, 2);
  expectRank("the labels", labels, 1, "u32");
  if (logits.shape[0] !== labels.shape[0]) {
    throw new ShapeError(
      `logits ${show(logits.shape)} and labels ${show(labels.shape)} must have as many rows`,
    );
  }
}
