/** What is written down of looks inside a net in training. */
import type { Looks } from "../../train/loop.ts";
import type { Inspection, Inspector } from "../../train/inspector.ts";
import type { Inspect } from "../arms/inspect.ts";
import { finite, type InspectionRecord, type Progress } from "../records/record.ts";

/** The looks of an arm that is inspected, taken into `run`. */
export function inspectionLooks(inspector: Inspector, { every }: Inspect, run: Progress): Looks {
  const { layers, trained } = inspector;
  return {
    every,
    fromStart: true,
    ended: false,
    async at(step) {
      const { looks } = run.inspections ??= {
        layers: [...layers],
        trained: [...trained],
        looks: [],
      };
      // A cell that was stopped before its first step has been looked at there.
      if (looks.at(-1)?.step === step) return false;
      const look = inspectionRecord(step, await inspector.inspect(step));
      if (look) looks.push(look);
      return false;
    },
  };
}

/**
 * A look as it is recorded; none where a layer's numbers are not finite, as just before a training
 * diverges: there is nothing to be said of it by numbers.
 */
export function inspectionRecord(
  step: number,
  { landscape, histograms, ...found }: Inspection,
): InspectionRecord | undefined {
  const { mean, variance, dead, gradients, updates } = found;
  if (![mean, variance, gradients, updates].flat().every(Number.isFinite)) return undefined;
  return {
    step,
    loss: short(found.loss),
    mean: shorts(mean) as number[],
    variance: shorts(variance) as number[],
    dead: shorts(dead) as number[],
    drift: shorts(found.drift),
    gradients: shorts(gradients) as number[],
    updates: shorts(updates) as number[],
    ...(landscape && {
      landscape: { losses: shorts(landscape.losses), changes: shorts(landscape.changes) },
    }),
    ...(histograms && {
      histograms: Object.fromEntries(
        Object.entries(histograms).map(([layer, counts]) => [layer, [...counts]]),
      ),
    }),
  };
}

/** Digits of a recorded number. */
const DIGITS = 5;

function short(value: number): number | null {
  return finite(Number(value.toPrecision(DIGITS)));
}

function shorts(values: readonly number[]): (number | null)[] {
  return values.map(short);
}
