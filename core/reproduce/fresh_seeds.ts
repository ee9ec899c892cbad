/**
 * The claims on seeds that the lock does not have: not the same bits, but the same finding. Cells
 * without randomness, those that only choose, and those of times, in which machines and not seeds
 * differ, are taken from the lock.
 */
import { armsOf, type Claim } from "../experiment/claims/claim.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Experiment } from "../experiment/define.ts";
import { count } from "../experiment/records/format.ts";
import type { Judgement, Verdict } from "../experiment/claims/judge.ts";
import { judgeRecords } from "../experiment/claims/judge_records.ts";
import { isTimed } from "../experiment/claims/timed.ts";
import { planCells } from "../experiment/plan.ts";
import { hangsOnSeed } from "../experiment/records/record.ts";
import type { Reporter } from "../experiment/reporter.ts";
import { runExperiment, type RunResult } from "../experiment/run.ts";
import { keptSeeds } from "../experiment/tuning.ts";
import type { Lock } from "./lock.ts";
import { type ReproduceOptions, whatIsAsked } from "./reproduce.ts";
import { findTarget, loadTargetData, lockedSeeds, type Source, type Target } from "./target.ts";

/** What became of a claim. */
export interface FreshClaim {
  readonly id: string;
  readonly locked: Verdict;
  /** Where it was judged. */
  readonly fresh?: Verdict;
  readonly answer: "holds" | "does not hold" | "not judged";
  /** Why it was not judged. */
  readonly why?: string;
}

/** How it ended; without claims where it was stopped. */
export interface FreshResult {
  readonly target: Target;
  readonly run: RunResult;
  readonly seeds: readonly number[];
  readonly claims?: readonly FreshClaim[];
  /** On the fresh seeds, of the claims that were judged. */
  readonly judgements: readonly Judgement[];
}

/**
 * Runs the experiment on `n` seeds that are not locked, and judges.
 *
 * @throws {DeclarationError} when no claim could be judged on so few seeds.
 */
export async function judgeFresh(
  source: Source,
  n: number,
  options: Omit<ReproduceOptions, "seeds" | "arms">,
  { run: reporter, found }: { readonly run: Reporter; found(target: Target): void },
): Promise<FreshResult> {
  const { host, experiment, experiments } = source;
  const { seeds: begun = [], ...asked } = await whatIsAsked<ReproduceOptions>(source, options);
  const target = await findTarget(source, asked);
  const { lock } = target;
  if (options.resume !== undefined) refuseLockedSeeds(lock, begun, options.resume);
  const seeds = [...new Set([...begun, ...freshSeeds(experiment, lock, n)])];
  const lockedJudgements = await judgeRecords(experiment, lock.cells);
  const claims = experiment.claims
    .filter(({ id }) => asked.claim === undefined || id === asked.claim)
    .map((claim) => {
      const locked = lockedJudgements.find(({ id }) => id === claim.id)!;
      return { locked, why: whyNot(experiment, claim, locked, seeds.length) };
    });
  if (claims.every(({ why }) => why !== undefined)) {
    const reasons = claims.map(({ locked: { id }, why }) => `${id}: ${why}`);
    throw new DeclarationError(
      `no claim could be judged on ${count(seeds.length, "fresh seed")}: ${reasons.join("; ")}`,
    );
  }
  const datasets = await loadTargetData(source, target, options);
  found(target);
  const cells = await planCells(experiment, { ...asked, seeds });
  const taken = lock.cells.filter((locked) =>
    target.times.includes(locked) ||
    (locked.tuning || !hangsOnSeed(locked.config["kind"])) &&
      cells.some(({ id, digest }) => id === locked.id && digest === locked.digests.config)
  );
  const run = await runExperiment(host, experiment, {
    ...options,
    ...{ experiments, seeds, datasets, profile: false },
    only: ({ id, config }) => config.kind !== "timing" && !taken.some((cell) => cell.id === id),
  }, reporter);
  if (!run.complete) return { target, run, seeds, judgements: [] };
  const judged = await judgeRecords(experiment, [...run.cells, ...taken]);
  const outcomes = claims.map(({ locked, why }) =>
    outcome(locked, judged.find(({ id }) => id === locked.id)!, why)
  );
  return {
    ...{ target, run, seeds },
    claims: outcomes,
    judgements: judged.filter(({ id }) => outcomes.some((o) => o.id === id && o.fresh)),
  };
}

/** The next seeds above those that are locked, but for those that are kept for choosing. */
function freshSeeds(experiment: Experiment, lock: Lock, n: number): number[] {
  const kept = keptSeeds(experiment);
  const seeds: number[] = [];
  for (let seed = (lockedSeeds(lock).at(-1) ?? -1) + 1; seeds.length < n; seed++) {
    if (!kept.has(seed)) seeds.push(seed);
  }
  return seeds;
}

function refuseLockedSeeds(lock: Lock, begun: readonly number[], folder: string): void {
  const locked = lockedSeeds(lock);
  if (begun.length > 0 && !begun.some((seed) => locked.includes(seed))) return;
  throw new DeclarationError(
    `${folder} is no run on fresh seeds: it has seeds of the lock; leave --fresh-seeds out to ` +
      "compare it with the lock, or leave --resume out",
  );
}

/** Why a claim cannot be judged on so many seeds, if so. */
function whyNot(
  { arms }: Experiment,
  { parts }: Claim,
  { verdict, reason }: Judgement,
  seeds: number,
): string | undefined {
  if (verdict === "inconclusive" || verdict === "not run") {
    return `the lock found nothing (${verdict}${reason === undefined ? "" : `: ${reason}`})`;
  }
  const seeded = parts.filter((part) => armsOf(part).some((arm) => hangsOnSeed(arms[arm]!.kind)));
  if (seeded.length === 0) {
    return parts.some((part) => isTimed({ arms }, part))
      ? "times are their machine's own"
      : "no seed changes it";
  }
  const needed = Math.max(...seeded.map(({ minSeeds }) => minSeeds));
  return needed > seeds ? `needs ${count(needed, "seed")}, got ${seeds}` : undefined;
}

/** A finding is the verdict on each part, so that two mixed claims can differ. */
function outcome(locked: Judgement, fresh: Judgement, why: string | undefined): FreshClaim {
  const { id } = locked;
  if (why !== undefined) return { id, locked: locked.verdict, answer: "not judged", why };
  const holds = locked.verdict === fresh.verdict &&
    locked.parts.every(({ verdict }, i) => verdict === fresh.parts[i]!.verdict);
  return {
    ...{ id, locked: locked.verdict, fresh: fresh.verdict },
    answer: holds ? "holds" : "does not hold",
  };
}
