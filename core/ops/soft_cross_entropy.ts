/** Softmax and cross-entropy in one, from logits and probabilities of all classes. */
import expWgsl from "../../shaders/lib/exp.wgsl" with { type: "text" };
import logWgsl from "../../shaders/lib/log.wgsl" with { type: "text" };
import reciprocalWgsl from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import rowWgsl from "../../shaders/lib/softmax_row.wgsl" with { type: "text" };
import gradientWgsl from "../../shaders/soft_cross_entropy_gradient.wgsl" with { type: "text" };
import wgsl from "../../shaders/soft_cross_entropy.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { log } from "../numerics/log.ts";
import { expectRank, type Op, sameShape, ShapeError, show, type Value } from "./op.ts";
import { rowwise, softmaxParts, softmaxRow } from "./softmax.ts";
import { fill } from "./template.ts";

const { fround } = Math;

/**
 * The loss -sum p log softmax(logits) of each row, in nats: logits [rows, classes], probabilities p
 * of the same shape, each row of which adds up to 1, result [rows]. The probabilities have no
 * gradient: as they stay, that of this loss is that of the Kullback-Leibler divergence from them.
 *
 * @throws {ShapeError} unless both are f32 of one shape.
 */
export function softCrossEntropy(logits: Value, probabilities: Value): Value {
  return logits.builder.apply(softCrossEntropyOp, [logits, probabilities], {});
}

/** The op behind {@link softCrossEntropy}. */
export const softCrossEntropyOp: Op<unknown> = {
  name: "soft_cross_entropy",
  infer([logits, probabilities]) {
    expectRank("the logits", logits!, 2);
    expectRank("the probabilities", probabilities!, 2);
    if (!sameShape(logits!.shape, probabilities!.shape)) {
      throw new ShapeError(
        `logits ${show(logits!.shape)} and probabilities ${show(probabilities!.shape)} must have ` +
          `the same shape`,
      );
    }
    return { shape: [logits!.shape[0]!], type: "f32" };
  },
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "soft_cross_entropy",
      dispatch: () => ({ wgsl: fill(expWgsl + logWgsl + rowWgsl + wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, probabilities, losses]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          const own = logits!.subarray(row * classes, (row + 1) * classes);
          const { greatest, sum } = softmaxParts(own);
          const logSum = log(sum);
          let loss = 0;
          for (let j = 0; j < classes; j++) {
            const surprise = flush(fround(logSum - fround(own[j]! - greatest)));
            loss = fround(loss + fround(probabilities![row * classes + j]! * surprise));
          }
          losses![row] = flush(loss);
        }
      },
    };
  },
  gradient: ({ inputs: [logits, probabilities] }, dy) => [
    dy.builder.apply(softCrossEntropyGradientOp, [logits!, probabilities!, dy], {}),
    undefined,
  ],
};

/** (softmax - probabilities) times the row's upstream gradient. */
export const softCrossEntropyGradientOp: Op<unknown> = {
  name: "soft_cross_entropy_gradient",
  infer: ([logits]) => logits!,
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "soft_cross_entropy_gradient",
      dispatch: () => ({
        wgsl: fill(expWgsl + reciprocalWgsl + rowWgsl + gradientWgsl, constants),
        workgroups,
      }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, probabilities, upstream, dx]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          const base = row * classes;
          softmaxRow(logits!.subarray(base, base + classes)).forEach((p, j) => {
            const difference = flush(fround(p - probabilities![base + j]!));
            dx![base + j] = flush(fround(difference * upstream![row]!));
          });
        }
      },
    };
  },
};
