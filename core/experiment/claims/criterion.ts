/**
 * One criterion held against the numbers of its seeds. Where "How a claim is judged" leaves room,
 * the careful side is taken:
 * - An interval that only touches a threshold has not crossed it: `above` and `below` stay
 *   inconclusive there. `within m` is meant with its ends.
 * - `exact` is supported when every seed is right, refuted when none is.
 * - `occurs` means that the measure lies above the value; experiments define it that way round.
 */
import type { Part } from "./claim.ts";
import { summarize, type Summary } from "./statistics.ts";

/** What one measure of one cell, or a pair's difference or ratio, may be. */
export type Value = number | readonly number[];

/** The number, or list, that a seed contributes to a part. */
export interface Sample {
  readonly seed: number;
  readonly value: Value;
}

/** What the seeds say to a criterion, and the numbers that is read from. */
export interface Outcome extends Partial<Pick<Summary, "mean" | "sd" | "interval">> {
  readonly verdict: "supported" | "refuted" | "inconclusive" | "not seen";
  readonly n: number;
  readonly seeds: readonly number[];
  /** All seeds agree to the bit, or one was all that was asked for: the interval is a point. */
  readonly exact: boolean;
  /** The mean; of lists the first that is wrong, else the first. */
  readonly measured?: Value;
  /** With `occurs`: the seeds in which it did. */
  readonly occurredIn?: readonly number[];
  /** With "not seen": the largest share of seeds in which it may still occur, at 95 % confidence. */
  readonly upperBound?: number;
  readonly reason?: string;
}

type Decision = Pick<Outcome, "verdict" | "occurredIn" | "upperBound" | "reason">;

/**
 * Decides `part` by `samples`: one finite value a seed, a list exactly where the part's value is
 * one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { holdAgainst } from "./criterion.ts";
 *
 * const part = { compare: "within", value: 0.02, minSeeds: 3 } as const;
 * const samples = [0.001, -0.002, 0.002].map((value, seed) => ({ seed, value }));
 * assert.equal(holdAgainst(part, samples).verdict, "supported");
 * assert.equal(holdAgainst(part, samples.slice(1)).reason, "2 seeds of 3");
 * ```
 */
export function holdAgainst(
  part: Pick<Part, "compare" | "value" | "tolerance" | "minSeeds">,
  samples: readonly Sample[],
): Outcome {
  const n = samples.length;
  const seeds = samples.map(({ seed }) => seed);
  const numbers = describe(part, samples);
  if (n < part.minSeeds) {
    const reason = `${n} ${n === 1 ? "seed" : "seeds"} of ${part.minSeeds}`;
    return { verdict: "inconclusive", n, seeds, ...numbers, reason };
  }
  const decision = part.compare === "exact"
    ? decideExact(part, samples)
    : part.compare === "occurs"
    ? decideOccurs(Number(part.value), samples)
    : decideByInterval(part.compare, Number(part.value), numbers.interval ?? [NaN, NaN]);
  return { n, seeds, ...numbers, ...decision };
}

function describe(
  part: Pick<Part, "value" | "tolerance" | "minSeeds">,
  samples: readonly Sample[],
): Pick<Outcome, "mean" | "sd" | "interval" | "exact" | "measured"> {
  const first = samples[0];
  if (first === undefined) return { exact: false };
  const point = samples.length === 1 && part.minSeeds === 1;
  if (typeof first.value !== "number") {
    const wrong = samples.find(({ value }) => !matches(part, value));
    const agree = samples.every(({ value }) => same([value].flat(), [first.value].flat()));
    return { measured: (wrong ?? first).value, exact: point || samples.length > 1 && agree };
  }
  const { n: _, ...summary } = summarize(samples.map(({ value }) => Number(value)));
  return {
    ...summary,
    measured: summary.mean,
    ...(point && { interval: [summary.mean, summary.mean] as const, exact: true }),
  };
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function matches({ value, tolerance = 0 }: Pick<Part, "value" | "tolerance">, measured: Value) {
  return firstWrong(value, measured, tolerance) < 0 &&
    [value].flat().length === [measured].flat().length;
}

/** The place of the first expected number that did not come out, -1 if all did. */
function firstWrong(expected: Value, measured: Value, tolerance: number): number {
  const found = [measured].flat();
  return [expected].flat().findIndex((value, i) =>
    !(Math.abs((found[i] ?? NaN) - value) <= tolerance)
  );
}

function decideExact(
  part: Pick<Part, "value" | "tolerance">,
  samples: readonly Sample[],
): Decision {
  const wrong = samples.filter(({ value }) => !matches(part, value));
  if (wrong.length === 0) return { verdict: "supported" };
  if (wrong.length < samples.length) {
    const seeds = wrong.map(({ seed }) => seed).join(", ");
    return { verdict: "inconclusive", reason: `the seeds disagree: not so in ${seeds}` };
  }
  const expected = [part.value].flat();
  const found = [wrong[0]!.value].flat();
  if (expected.length === 1 && found.length === 1) return { verdict: "refuted" };
  if (expected.length !== found.length) {
    return {
      verdict: "refuted",
      reason: `${found.length} numbers came out where ${expected.length} were expected`,
    };
  }
  const place = firstWrong(expected, found, part.tolerance ?? 0);
  return {
    verdict: "refuted",
    reason: `number ${place + 1} of ${expected.length} came out as ${found[place]}, ` +
      `${expected[place]} was expected`,
  };
}

function decideOccurs(threshold: number, samples: readonly Sample[]): Decision {
  const occurredIn = samples.filter(({ value }) => Number(value) > threshold)
    .map(({ seed }) => seed);
  if (occurredIn.length > 0) return { verdict: "supported", occurredIn };
  const n = samples.length;
  // Were it to occur in a larger share of seeds, n seeds without it would have a chance below 5 %.
  const upperBound = 1 - 0.05 ** (1 / n);
  return {
    verdict: "not seen",
    occurredIn,
    upperBound,
    reason: `in none of ${n} seeds; it may still occur in up to ` +
      `${(100 * upperBound).toFixed(0)} % of seeds`,
  };
}

function decideByInterval(
  compare: "above" | "below" | "within",
  value: number,
  [low, high]: readonly [number, number],
): Decision {
  const [supported, refuted] = {
    above: [low > value, high < value],
    below: [high < value, low > value],
    within: [low >= -value && high <= value, low > value || high < -value],
  }[compare];
  if (supported) return { verdict: "supported" };
  if (refuted) return { verdict: "refuted" };
  return {
    verdict: "inconclusive",
    reason: `the interval from ${short(low)} to ${short(high)} ` +
      (compare === "within"
        ? `lies partly outside ${-value} to ${value}`
        : `does not lie on one side of ${value}`),
  };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
