/** A cell that was run again, held against what was locked of it. Times are outside the comparison. */
import { canonicalJson } from "../experiment/records/canonical.ts";
import type { Value } from "../experiment/claims/criterion.ts";
import type { Experiment } from "../experiment/define.ts";
import { isOf } from "../experiment/measures/measure.ts";
import type { Meanings } from "../experiment/measures/measure_digest.ts";
import {
  type CellRecord,
  type EvaluationRecord,
  wasTrained,
} from "../experiment/records/record.ts";
import { compareChains } from "./chains.ts";

/** The first point of a chain of weight digests that came out otherwise. */
export interface OtherWeights {
  readonly step: number;
  /** The last step before at which the weights are the same; absent where they never are. */
  readonly sameAt?: number;
}

/** What came of comparing a cell. */
export interface Comparison {
  readonly id: string;
  /** `not compared`: the bits of one side are its adapter's own. */
  readonly bits: "same" | "other" | "not compared";
  /** Training steps that were compared, of those locked. */
  readonly steps: number;
  readonly of: number;
  readonly weights?: OtherWeights;
  /** What else differs: the status, evaluations, measures. */
  readonly others: readonly string[];
}

/**
 * The locked measures that a cell run now has too: of a trained net those that are declared still,
 * and mean what they meant.
 */
export function sharedMeasures(
  { measures: declared }: Experiment,
  meanings: Meanings,
  locked: CellRecord,
): string[] {
  const { arm, measures, digests: { measures: then } } = locked;
  const names = Object.keys(measures);
  if (!wasTrained(locked)) return names;
  return names.filter((name) =>
    declared[name] !== undefined && isOf(declared[name], arm) &&
    (then[name] === undefined || then[name] === meanings(name, arm))
  );
}

/**
 * Compares a cell that is done with what was locked of it; `measures` names those that count.
 */
export function compareCell(
  record: CellRecord,
  locked: CellRecord,
  measures: readonly string[],
): Comparison {
  const weights = otherWeights(record, locked);
  const others = [
    ...(sameEnd(record, locked) ? [] : [`${inWords(record)}, locked ${inWords(locked)}`]),
    ...compareEvaluations(record.progress.evaluations, locked.progress.evaluations),
    ...compareLooks("look", record.progress.looks, locked.progress.looks),
    ...compareLooks(
      "inspection",
      record.progress.inspections?.looks,
      locked.progress.inspections?.looks,
    ),
    ...compareWhole("the range of Frechet distances", record.progress.range, locked.progress.range),
    ...compareWhole("the cosines", record.progress.cosines, locked.progress.cosines),
    ...compareMeasures(measures, record.measures, locked.measures),
  ];
  const comparable = [record, locked].every(({ device }) => device.spelling !== "none");
  return {
    id: locked.id,
    bits: !comparable ? "not compared" : weights || others.length > 0 ? "other" : "same",
    steps: locked.progress.step,
    of: locked.progress.step,
    ...(weights && { weights }),
    others,
  };
}

/**
 * What differs among measures, in words.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareMeasures } from "./compare.ts";
 *
 * assert.deepEqual(compareMeasures(["area"], { area: 9 }, { area: 8 }), ["area: 9, locked 8"]);
 * ```
 */
export function compareMeasures(
  names: readonly string[],
  measures: CellRecord["measures"],
  locked: CellRecord["measures"],
): string[] {
  return names.filter((name) => !same(measures[name], locked[name]))
    .map((name) => `${name}: ${text(measures[name])}, locked ${text(locked[name])}`);
}

/** Between two points of its chain a cell may diverge at another step. */
function sameEnd(a: CellRecord, b: CellRecord): boolean {
  return a.status === b.status && (a.status !== "diverged" || a.progress.step === b.progress.step);
}

/** The chains must have the same points, too: a cell may end earlier or later than it did. */
function otherWeights(record: CellRecord, locked: CellRecord): OtherWeights | undefined {
  const [now, then] = [record.progress.chain, locked.progress.chain];
  const { common, differs } = compareChains(now, then);
  const steps = (chain: typeof now) => new Set(chain.map(([step]) => step));
  const step = differs ?? [...steps(now).symmetricDifference(steps(then))].sort((a, b) => a - b)[0];
  if (step === undefined) return undefined;
  const sameAt = common.findLast(([at]) => at < step)?.[0];
  return { step, ...(sameAt !== undefined && { sameAt }) };
}

/** When is evaluated may change with the code, so those that only one side has decide nothing. */
function compareEvaluations(
  now: readonly EvaluationRecord[],
  then: readonly EvaluationRecord[],
): string[] {
  const at = ({ step, set }: EvaluationRecord) => `the evaluation on ${set} images at step ${step}`;
  const before = new Map(then.map((evaluation) => [at(evaluation), line(evaluation)]));
  const differs = now.find((evaluation) =>
    (before.get(at(evaluation)) ?? line(evaluation)) !== line(evaluation)
  );
  return differs === undefined ? [] : [at(differs)];
}

/** The same of looks at a pair, or inside a net. */
function compareLooks<Look extends { readonly step: number }>(
  what: string,
  now: readonly Look[] = [],
  then: readonly Look[] = [],
): string[] {
  const before = new Map(then.map((look) => [look.step, look]));
  const differs = now.find((look) => {
    const other = before.get(look.step);
    return other !== undefined && canonicalJson(look) !== canonicalJson(other);
  });
  return differs === undefined ? [] : [`the ${what} at step ${differs.step}`];
}

/** What both sides have. */
function compareWhole(what: string, now: unknown, then: unknown): string[] {
  if (now === undefined || then === undefined) return [];
  return canonicalJson(now) === canonicalJson(then) ? [] : [what];
}

function line({ step, set, accuracy, loss, count }: EvaluationRecord): string {
  return JSON.stringify([step, set, accuracy, loss, count]);
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  // The sign of zero is not part of a value, and JSON does not keep it.
  return JSON.stringify(a) === JSON.stringify(b);
}

function text(value: Value | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

function inWords({ status, reason }: CellRecord): string {
  return status === "diverged" ? `diverged (${reason})` : status;
}
