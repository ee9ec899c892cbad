/**
 * What is run once a seed: trained arms, and timings and transfers, whose cells bear the arms that
 * they time, or whose nets they need.
 */
import { z } from "zod";
import { classicSchema } from "../../classic/classic.ts";
import { hangsOnSeed } from "../records/record.ts";
import { adversarialSchema } from "./adversarial.ts";
import { supervisedSchema, type Trained } from "./arm.ts";
import { timingSchema } from "./timing.ts";
import { sourceSchema, transferSchema } from "./transfer.ts";

/** An arm whose net is needed, as it is planned. */
const plannedSchema = z.strictObject({ arm: z.string(), config: supervisedSchema });

/** A timing as one cell runs it. */
export const timingCellSchema = timingSchema.omit({ arms: true }).extend({
  /** What all timed arms are trained on. */
  data: supervisedSchema.shape.data,
  /** The timed arms, as they are planned. */
  timed: z.array(plannedSchema).min(2),
});

/** A timing as one cell runs it. */
export type TimingCell = z.output<typeof timingCellSchema>;

/** A transfer as one cell runs it. */
export const transferCellSchema = transferSchema.extend({
  sources: z.array(sourceSchema.extend(plannedSchema.shape)).min(1),
  targets: z.array(z.union([plannedSchema, classicSchema])).min(1),
});

/** A transfer as one cell runs it. */
export type TransferCell = z.output<typeof transferCellSchema>;

/** An arm as a cell runs it that has a seed of its own. */
export const seededSchema = z.discriminatedUnion("kind", [
  supervisedSchema,
  adversarialSchema,
  timingCellSchema,
  transferCellSchema,
]);

/** See {@link seededSchema}. */
export type Seeded = Trained | TimingCell | TransferCell;

/** Whether an arm has a cell for each seed; of the others one cell says all. */
export function isSeeded({ kind }: { readonly kind: string }): boolean {
  return hangsOnSeed(kind) || kind === "timing";
}
