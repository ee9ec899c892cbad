/**
 * The arm that learns nothing but the time: its cells let other arms take steps in turns, side by
 * side on one device, so that whatever else the machine does falls on all of them alike. Times are
 * the machine's own: a verdict on them names it, and a reproduction compares none.
 */
import { z } from "zod";

const name = z.string().trim().min(1, "a name must not be empty");

/** Which arms are timed, and how often. */
export const timingSchema = z.strictObject({
  kind: z.literal("timing"),
  /** Supervised arms by name; the others are held against the first. */
  arms: z.array(name)
    .min(2, "a timing needs at least two arms to hold against each other")
    .refine((arms) => new Set(arms).size === arms.length, "a timing names an arm twice"),
  /** In each round every arm takes one step. */
  rounds: z.int().min(1),
});

/** A timing, as it is declared. */
export type Timing = z.output<typeof timingSchema>;

/**
 * Declares a timing. Its measures are `ms a step of <arm>`, the device time of a training step, and
 * of each further arm `step of <arm> over <first>`: medians over the rounds, the ratios taken within
 * a round.
 *
 * @example
 * ```ts
 * import { timing } from "./timing.ts";
 * const arm = timing({ arms: ["plain", "normalised"], rounds: 30 });
 * console.assert(arm.kind === "timing");
 * ```
 */
export function timing(
  arm: Omit<z.input<typeof timingSchema>, "kind">,
): z.input<typeof timingSchema> {
  return { kind: "timing", ...arm };
}
