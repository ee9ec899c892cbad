/** What was found inside the nets of arms in training, as figures need it. */
import type { Inspections } from "../../core/experiment/measures/look_numbers.ts";
import { cellsOf, type Reported } from "../reported.ts";

/** One a seed; none, where a seed lacks them: the others are no fair sample. */
export function inspectionsOf(run: Reported, arm: string): readonly Inspections[] {
  const cells = cellsOf(run, arm);
  const found = cells.flatMap(({ progress: { inspections } }) => inspections ?? []);
  return found.length === cells.length ? found : [];
}

/** A sentence about the arms of this run that have none. */
export function withoutInspections(run: Reported, arms: readonly string[]): string[] {
  const lacking = arms.filter((arm) =>
    cellsOf(run, arm).length > 0 && inspectionsOf(run, arm).length === 0
  );
  return lacking.length === 0 ? [] : [`Not inspected in this run: ${lacking.join(", ")}.`];
}
