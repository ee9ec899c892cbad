/** What a classifier's answers to attacked images come to, held against its answers before. */
import type { Answers } from "../../train/answers.ts";
import type { AttackNumber } from "./reading.ts";

/** Answers to the same images, in their order. */
export interface Attempt {
  readonly labels: Uint8Array;
  /** To the images as they are. */
  readonly before: Answers;
  /** To the attacked images; the same where there is no attack. */
  readonly after: Answers;
  /** The class that the attack aims at. */
  readonly target: number | undefined;
}

/**
 * One number of an attack; NaN where no image is of the kind it is about, and where the net's logits
 * are not all finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attackNumber } from "./attack_numbers.ts";
 *
 * const labels = Uint8Array.of(0, 1);
 * const confidences = Float64Array.of(0.75, 0.5);
 * const before = { classes: labels, confidences };
 * const after = { classes: Uint8Array.of(1, 1), confidences };
 * const attempt = { labels, before, after, target: undefined };
 * assert.equal(attackNumber("accuracy", attempt), 0.5);
 * assert.equal(attackNumber("fooled confidence", attempt), 0.75);
 * ```
 */
export function attackNumber(
  what: AttackNumber,
  { labels, before, after, target }: Attempt,
): number {
  if (![...before.confidences, ...after.confidences].every(Number.isFinite)) return NaN;
  const all = Array.from(labels, (_, i) => i);
  const isRight = (i: number) => after.classes[i] === labels[i];
  const others = all.filter((i) => labels[i] !== target);
  const reached = others.filter((i) => after.classes[i] === target);
  const confidence = (images: readonly number[]) =>
    images.reduce((sum, i) => sum + after.confidences[i]!, 0) / images.length;
  switch (what) {
    case "accuracy":
      return all.filter(isRight).length / all.length;
    case "fooled confidence":
      return confidence(all.filter((i) => before.classes[i] === labels[i] && !isRight(i)));
    case "wrong confidence":
      return confidence(all.filter((i) => !isRight(i)));
    case "right confidence":
      return confidence(all.filter(isRight));
    case "reached":
      return reached.length / others.length;
    case "reached confidence":
      return confidence(reached);
    case "one class": {
      const counts = new Map<number, number>();
      for (const answer of after.classes) counts.set(answer, (counts.get(answer) ?? 0) + 1);
      return Math.max(...counts.values()) / all.length;
    }
  }
}
