/** Measures of an arm's results, as figures need them. */
import { type Reported, resultsOf } from "../reported.ts";

/** One number a seed; none, where one lacks it: the others are no fair sample. */
export function numbersOf(run: Reported, arm: string, measure: string): readonly number[] {
  const values = resultsOf(run, arm).map(({ measures }) =>
    Object.hasOwn(measures, measure) ? measures[measure] : undefined
  );
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length ? numbers : [];
}

/** A sentence for each arm whose cells lack some of the measures. */
export function withoutMeasures(
  run: Reported,
  arms: readonly string[],
  measures: readonly string[],
): string[] {
  return arms.filter((arm) => resultsOf(run, arm).length > 0).flatMap((arm) => {
    const missing = measures.filter((measure) => numbersOf(run, arm, measure).length === 0);
    return missing.length === 0 ? [] : [`Not measured for ${arm}: ${missing.join(", ")}.`];
  });
}
