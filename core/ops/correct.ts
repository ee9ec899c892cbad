/** Which rows are classified correctly. */
import wgsl from "../../shaders/correct.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import type { Op, Value } from "./op.ts";
import { rowwise } from "./softmax.ts";
import { expectLabels } from "./softmax_cross_entropy.ts";
import { fill } from "./template.ts";

/**
 * 1 where the greatest logit of a row (the lowest class among equals) is its label, else 0:
 * logits [rows, classes], labels u32 [rows], result f32 [rows].
 */
export function correct(logits: Value, labels: Value): Value {
  return logits.builder.apply(correctOp, [logits, labels], {});
}

/** The op behind {@link correct}. */
export const correctOp: Op<unknown> = {
  name: "correct",
  infer([logits, labels]) {
    expectLabels(logits!, labels!);
    return { shape: labels!.shape, type: "f32" };
  },
  kernel([logits]) {
    const { rows, classes, workgroups, constants } = rowwise(logits!);
    return {
      name: "correct",
      dispatch: () => ({ wgsl: fill(wgsl, constants), workgroups }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "u32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([logits, labels, hits]: readonly View[]) {
        for (let row = 0; row < rows; row++) {
          let best = 0;
          for (let j = 1; j < classes; j++) {
            if (logits![row * classes + j]! > logits![row * classes + best]!) best = j;
          }
          hits![row] = best === labels![row] ? 1 : 0;
        }
      },
    };
  },
};
