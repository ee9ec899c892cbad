/**
 * What the seeds of a lock let expect of a cell whose bits differ (tier B): every measure within 3
 * sample standard deviations of the locked seeds' mean, and the same verdicts.
 */
import { type Claim, claimDigest } from "../experiment/claims/claim.ts";
import type { Experiment } from "../experiment/define.ts";
import { count } from "../experiment/records/format.ts";
import { isTimed } from "../experiment/claims/timed.ts";
import { type Judgement, verdictOf } from "../experiment/claims/judge.ts";
import { judgeRecords } from "../experiment/claims/judge_records.ts";
import { needsOf } from "../experiment/claims/needs.ts";
import { type CellRecord, hangsOnSeed } from "../experiment/records/record.ts";
import { summarize } from "../experiment/claims/statistics.ts";
import { compareMeasures } from "./compare.ts";

/** With fewer seeds a spread says too little. */
const LEAST_SEEDS = 3;
const DEVIATIONS = 3;

/** What of a cell the locked seeds of its arm do not let expect; `measures` names those that count. */
export function unexpected(
  record: CellRecord,
  locked: CellRecord,
  measures: readonly string[],
  lock: readonly CellRecord[],
): string[] {
  const { id, arm, point } = locked;
  if (record.status !== locked.status) {
    return [`${id} is ${record.status}, locked ${locked.status}`];
  }
  // A cell that diverged again has no numbers to hold against others.
  if (record.status === "diverged") return [];
  // Without randomness there is nothing to expect but the same.
  if (!hangsOnSeed(locked.config["kind"])) {
    return compareMeasures(measures, record.measures, locked.measures)
      .map((difference) => `${id}: ${difference}`);
  }
  const seeds = lock.filter((other) =>
    other.arm === arm && !other.tuning && other.status === "finished" &&
    JSON.stringify(other.point) === JSON.stringify(point)
  );
  if (seeds.length < LEAST_SEEDS) {
    return [
      `${arm} has ${count(seeds.length, "locked seed")}, and it takes ${LEAST_SEEDS} to say what ` +
      "is to be expected",
    ];
  }
  if (measures.length === 0) return [`${id} has no measure in common with what was locked of it`];
  return measures.flatMap((name) => {
    const values = seeds.map((cell) => cell.measures[name])
      .filter((value) => typeof value === "number");
    const problem = outside(record.measures[name], values);
    return problem === undefined ? [] : [`${name} of ${id} ${problem}`];
  });
}

function outside(
  value: CellRecord["measures"][string] | undefined,
  values: readonly number[],
): string | undefined {
  if (typeof value !== "number") return "is missing";
  if (values.length < LEAST_SEEDS) return `was locked of ${count(values.length, "seed")} only`;
  const { mean, sd } = summarize(values);
  if (Math.abs(value - mean) <= DEVIATIONS * sd!) return undefined;
  return `is ${value}, more than ${DEVIATIONS} standard deviations (${sd}) from the mean of ` +
    `${values.length} locked seeds, ${mean}`;
}

/**
 * The claims whose locked cells were all rerun and that came out otherwise, their parts on times left
 * out; those with other criteria than when they were locked cannot be compared. `records` and `lock`
 * are without cells of times.
 */
export async function otherVerdicts(
  experiment: Experiment,
  records: readonly CellRecord[],
  lock: readonly CellRecord[],
): Promise<string[]> {
  const rerun = new Set(records.map(({ id }) => id));
  const digests = new Map(
    await Promise.all(
      experiment.claims.map(async (claim) => [claim.id, await claimDigest(claim)] as const),
    ),
  );
  const claims = experiment.claims.filter((claim) => {
    const { id } = claim;
    const { arms } = needsOf(claim, experiment.measures);
    const cells = lock.filter(({ arm }) => arms.includes(arm));
    return cells.length > 0 &&
      cells.every((cell) => rerun.has(cell.id) && cell.digests.claims[id] === digests.get(id));
  });
  const judged = { ...experiment, claims };
  const [now, then] = await Promise.all([
    judgeRecords(judged, records),
    judgeRecords(judged, lock),
  ]);
  const verdict = ({ parts }: Judgement, { parts: declared }: Claim) =>
    verdictOf(parts.filter((_, i) => !isTimed(experiment, declared[i]!)));
  return claims.flatMap((claim, i) => {
    const [is, was] = [verdict(now[i]!, claim), verdict(then[i]!, claim)];
    return is === was ? [] : [`${claim.id} is ${is}, locked ${was}`];
  });
}
