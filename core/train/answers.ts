/** What a classifier answers, from its logits, and how sure it is. */
import { exp64 } from "../numerics/exp64.ts";

/** By image. */
export interface Answers {
  /** The class with the greatest logit, the first of equals. */
  readonly classes: Uint8Array;
  /** Its probability by the softmax, in f64; NaN where a logit is no finite number. */
  readonly confidences: Float64Array;
}

/**
 * The answers to images.
 *
 * @param logits [images, classes].
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { answersOf } from "./answers.ts";
 *
 * const { classes, confidences } = answersOf(Float32Array.of(0, 0, 0, 9, NaN, 1), 2);
 * assert.deepEqual([...classes], [0, 1, 0]);
 * assert.ok(confidences[0] === 0.5 && confidences[1]! > 0.999 && Number.isNaN(confidences[2]));
 * ```
 */
export function answersOf(logits: Float32Array, classes: number): Answers {
  const images = logits.length / classes;
  const answers = { classes: new Uint8Array(images), confidences: new Float64Array(images) };
  for (let i = 0; i < images; i++) {
    const own = logits.subarray(i * classes, (i + 1) * classes);
    const best = own.reduce((best, logit, k) => logit > own[best]! ? k : best, 0);
    answers.classes[i] = best;
    answers.confidences[i] = own.every(Number.isFinite)
      ? 1 / own.reduce((sum, logit) => sum + exp64(logit - own[best]!), 0)
      : NaN;
  }
  return answers;
}
