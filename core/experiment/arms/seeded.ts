/** What is run once a seed: trained arms, and timings, whose cells bear the arms that they time. */
import { z } from "zod";
import { adversarialSchema } from "./adversarial.ts";
import { isTrained, supervisedSchema, type Trained } from "./arm.ts";
import { timingSchema } from "./timing.ts";

/** A timing as one cell runs it. */
export const timingCellSchema = timingSchema.omit({ arms: true }).extend({
  /** What all timed arms are trained on. */
  data: supervisedSchema.shape.data,
  /** The timed arms, as they are planned. */
  timed: z.array(z.strictObject({ arm: z.string(), config: supervisedSchema })).min(2),
});

/** A timing as one cell runs it. */
export type TimingCell = z.output<typeof timingCellSchema>;

/** An arm as a cell runs it that has a seed of its own. */
export const seededSchema = z.discriminatedUnion("kind", [
  supervisedSchema,
  adversarialSchema,
  timingCellSchema,
]);

/** See {@link seededSchema}. */
export type Seeded = Trained | TimingCell;

/** Whether an arm has a cell for each seed; of the others one cell says all. */
export function isSeeded(arm: { readonly kind: string }): boolean {
  return isTrained(arm) || arm.kind === "timing";
}
