/**
 * The measures of a timing. The ratio of two arms is taken within each round, where both met the
 * same machine, and only then the median over the rounds, which a few disturbed ones do not move.
 */
import { percentile } from "../claims/statistics.ts";

const MEDIAN = 0.5;

/** The names of the measures of a timing of arms, of which the others are held against the first. */
export function timingMeasures(arms: readonly string[]): string[] {
  return [...arms.map(stepName), ...timingRatios(arms)];
}

/** Those that hold one arm against another: `step of b over a`. */
export function timingRatios([first, ...others]: readonly string[]): string[] {
  return others.map((arm) => ratioName(arm, first!));
}

/** These measures, of milliseconds by arm, one for each round; those that are finite. */
export function takeTimings(
  arms: readonly string[],
  times: Readonly<Record<string, readonly number[]>>,
): Record<string, number> {
  const [first, ...others] = arms;
  const ratios = (arm: string) => times[arm]!.map((time, round) => time / times[first!]![round]!);
  const measures = [
    ...arms.map((arm) => [stepName(arm), percentile(times[arm]!, MEDIAN)] as const),
    ...others.map((arm) => [ratioName(arm, first!), percentile(ratios(arm), MEDIAN)] as const),
  ];
  return Object.fromEntries(measures.filter(([, value]) => Number.isFinite(value)));
}

function ratioName(arm: string, first: string): string {
  return `step of ${arm} over ${first}`;
}

function stepName(arm: string): string {
  return `ms a step of ${arm}`;
}
