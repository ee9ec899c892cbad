/** What one look inside a net in training comes to, for measures and for figures over time. */
import { summarize } from "../claims/statistics.ts";
import type { InspectionRecord, Progress } from "../records/record.ts";

/** All that was found in one cell. */
export type Inspections = NonNullable<Progress["inspections"]>;

/** Layers that learn a shift and a scale, but have no weights. */
const WITHOUT_WEIGHTS = /^batchNorm\d+$/;

/**
 * How far the next step moves what layers with weights are given, the mean over all of them but the
 * first, which is given images; null where it is not known of one.
 */
export function inputDrift(
  { drift }: InspectionRecord,
  { layers, trained }: Pick<Inspections, "layers" | "trained">,
): number | null {
  const [, ...others] = trained.filter((name) => !WITHOUT_WEIGHTS.test(name));
  // What a layer is given is what the layer before it puts out.
  const drifts = known(others.map((name) => drift[layers.indexOf(name) - 1] ?? null));
  return drifts && summarize(drifts).mean;
}

/** The largest change of the gradient along itself, over its norm; null where that is not known. */
export function gradientChange({ landscape, gradients }: InspectionRecord): number | null {
  const changes = known(landscape?.changes ?? []);
  const norm = Math.sqrt(gradients.reduce((sum, gradient) => sum + gradient * gradient, 0));
  return changes && norm > 0 ? Math.max(...changes) / norm : null;
}

/** The largest minus the smallest loss along the gradient; null where that is not known. */
export function lossRange({ landscape }: InspectionRecord): number | null {
  const losses = known(landscape?.losses ?? []);
  return losses && Math.max(...losses) - Math.min(...losses);
}

/** All of some numbers, or none where one is missing. */
function known(numbers: readonly (number | null)[]): readonly number[] | null {
  const found = numbers.filter((number) => number !== null);
  return found.length === numbers.length && found.length > 0 ? found : null;
}
