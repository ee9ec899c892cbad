/**
 * One judge for all claims. It sees numbers and criteria, never prose, and whatever the numbers are
 * it answers with a verdict and its reason, not with an exception.
 *
 * The rules that "How a claim is judged" leaves open are settled here, each to the careful side:
 * - An interval that only touches a threshold has not crossed it: `above` and `below` stay
 *   inconclusive there. `within m` is meant with its ends.
 * - `exact` is supported when every seed is right, refuted when none is.
 * - `occurs` means that the measure lies above the value. One seed in which it does is proof,
 *   whatever became of the others, once there are enough; "none so far" is not, if some diverged.
 * - A missing or non-finite measure makes a part inconclusive even when enough seeds are left:
 *   the runs that went well are not a fair sample of all runs.
 * - A claim that mixes "not seen" with other verdicts is inconclusive (mixed, where parts are both
 *   supported and refuted): not having seen something in n seeds neither supports nor refutes.
 */
import { armsOf, type Claim, claimDigest, type Opponent, type Part } from "./claim.ts";
import { type Summary, summarize } from "./statistics.ts";

/** `mixed` is a verdict on claims only, all others on parts too. */
export type Verdict =
  | "supported"
  | "refuted"
  | "mixed"
  | "inconclusive"
  | "not seen"
  | "not run";

/** What one measure of one cell, or a pair's difference or ratio, may be. */
export type Value = number | readonly number[];

/** What the judge needs to know about a finished cell. */
export interface JudgedCell {
  readonly arm: string;
  readonly seed: number;
  readonly measures: Readonly<Record<string, Value>>;
  readonly standIn: boolean;
  /** By claim id: the claim's digest, recorded when the cell started. */
  readonly claims: Readonly<Record<string, string>>;
}

/** The verdict on one part, and the numbers it rests on. */
export interface PartJudgement extends Partial<Pick<Summary, "mean" | "sd" | "interval">> {
  readonly part: string;
  readonly verdict: Exclude<Verdict, "mixed">;
  /** How many seeds were compared, and which. */
  readonly n: number;
  readonly seeds: readonly number[];
  /** All seeds agree to the bit, or one was all that was asked for: the interval is a point. */
  readonly exact: boolean;
  /** The mean; for lists the first that is wrong, else the first. */
  readonly measured?: Value;
  /** The arm compared with: of several the chosen one. */
  readonly opponent?: string;
  /** With `occurs`: the seeds in which it did. */
  readonly occurredIn?: readonly number[];
  /** With "not seen": the share of seeds in which it may still occur, at 95 % confidence. */
  readonly upperBound?: number;
  readonly reason?: string;
}

/** The verdict on a claim. */
export interface Judgement {
  readonly id: string;
  readonly verdict: Verdict;
  readonly parts: readonly PartJudgement[];
  /** What a reader should know beside the verdict, such as cells left out; absent if nothing. */
  readonly reason?: string;
}

/**
 * Judges each claim by the cells of its arms. A cell counts for a claim only if it recorded the
 * claim's present digest, and for a claim that needs training only if it saw real data. Cells of a
 * seed that chooses an opponent decide nothing else in that claim.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Claim, claimDigest } from "./claim.ts";
 * import { judge } from "./judge.ts";
 *
 * const claim: Claim = {
 *   id: "cnn-kernel-small",
 *   lecture: 'L13b "Choosing Correct Kernel Size"',
 *   paraphrase: "Small kernels do well on small images.",
 *   parts: [{
 *     part: "accuracy",
 *     measure: "test accuracy",
 *     compare: "above",
 *     value: -0.01,
 *     pairing: { arm: "kernel-3", minus: "kernel-7" },
 *     minSeeds: 3,
 *   }],
 * };
 * const claims = { [claim.id]: await claimDigest(claim) };
 * const cell = (arm: string, seed: number, accuracy: number) => (
 *   { arm, seed, measures: { "test accuracy": accuracy }, standIn: false, claims }
 * );
 * const cells = [0, 1, 2].flatMap((seed) => [
 *   cell("kernel-3", seed, 0.62 + seed / 1000),
 *   cell("kernel-7", seed, 0.61),
 * ]);
 * const [judgement] = await judge([claim], cells);
 * assert.equal(judgement!.verdict, "supported");
 * ```
 */
export function judge(
  claims: readonly Claim[],
  cells: readonly JudgedCell[],
): Promise<Judgement[]> {
  return Promise.all(claims.map((claim) => judgeClaim(claim, cells)));
}

async function judgeClaim(claim: Claim, cells: readonly JudgedCell[]): Promise<Judgement> {
  const digest = await claimDigest(claim);
  const arms = new Set(claim.parts.flatMap(armsOf));
  const own = cells.filter(({ arm }) => arms.has(arm));
  const standIn = own.filter((cell) => cell.standIn && (claim.needsTraining ?? true));
  const onData = own.filter((cell) => !standIn.includes(cell));
  const others = onData.filter((cell) => cell.claims[claim.id] !== digest);
  const accepted = onData.filter((cell) => !others.includes(cell));
  const tuning = new Set(claim.parts.flatMap(({ pairing }) => {
    const opponent = pairing.minus ?? pairing.over;
    return typeof opponent === "object" ? [opponent.seed] : [];
  }));

  const parts = claim.parts.map((part): PartJudgement => {
    const needs = armsOf(part);
    const some = (list: readonly JudgedCell[]) => list.some(({ arm }) => needs.includes(arm));
    if (!some(own)) return undecided(part, "not run", `no cells of ${needs.join(", ")}`);
    if (some(accepted)) return judgePart(part, accepted, tuning);
    const why = some(standIn) ? "stand-in data" : "cells were run under other criteria";
    return undecided(part, "inconclusive", why);
  });

  const verdict = verdictOf(parts);
  const reasons: string[] = [];
  if (standIn.length > 0) {
    reasons.push("stand-in data" + (standIn.length < own.length ? `: ${list(standIn)}` : ""));
  }
  if (others.length > 0) {
    const count = others.length === 1 ? "1 cell was" : `${others.length} cells were`;
    reasons.push(`${count} run under other criteria: ${list(others)}`);
  }
  if (parts.length === 1) {
    // Where nothing was accepted, the reason of the part has been given more fully above.
    if (accepted.length > 0 || own.length === 0) reasons.push(...parts.map((p) => p.reason ?? ""));
  } else if (verdict !== "supported" && verdict !== "refuted" && accepted.length > 0) {
    reasons.push(
      ...parts.map((p) => `${p.part} ${p.verdict}` + (p.reason ? ` (${p.reason})` : "")),
    );
  }
  const reason = reasons.filter((text) => text !== "").join("; ");
  return { id: claim.id, verdict, parts, ...(reason !== "" && { reason }) };
}

function verdictOf(parts: readonly PartJudgement[]): Verdict {
  const verdicts = new Set<Verdict>(parts.map((part) => part.verdict));
  if (verdicts.size === 1) return [...verdicts][0]!;
  return verdicts.has("supported") && verdicts.has("refuted") ? "mixed" : "inconclusive";
}

function undecided(
  { part }: Part,
  verdict: "inconclusive" | "not run",
  reason: string,
): PartJudgement {
  return { part, verdict, n: 0, seeds: [], exact: false, reason };
}

/** What is wrong with the cells of a part, and which cells they are. */
type Problems = Map<string, JudgedCell[]>;

function judgePart(
  part: Part,
  cells: readonly JudgedCell[],
  tuning: ReadonlySet<number>,
): PartJudgement {
  const { arm, minus, over } = part.pairing;
  const problems: Problems = new Map();
  const opponent = chooseOpponent(minus ?? over, cells, problems);
  if (problems.size > 0) return undecided(part, "inconclusive", explain(problems));

  const samples: Sample[] = [];
  const unpaired: JudgedCell[] = [];
  const runs = cells.filter((cell) => !tuning.has(cell.seed));
  for (const cell of runs.filter((run) => run.arm === arm).toSorted((a, b) => a.seed - b.seed)) {
    const other = runs.find((run) => run.arm === opponent && run.seed === cell.seed);
    if (opponent !== undefined && other === undefined) {
      unpaired.push(cell);
      continue;
    }
    const mine = read(cell, part.measure, Array.isArray(part.value), runs, problems);
    if (other === undefined) {
      if (mine !== undefined) samples.push({ seed: cell.seed, value: mine });
      continue;
    }
    const theirs = read(other, part.measure, Array.isArray(part.value), runs, problems);
    if (mine === undefined || theirs === undefined) continue;
    const value = combine(mine, theirs, over === undefined ? (a, b) => a - b : (a, b) => a / b);
    if (value === undefined) note(problems, "lists of different lengths", cell);
    else if (!isFinite(value)) note(problems, "the ratio is not a finite number", cell);
    else samples.push({ seed: cell.seed, value });
  }
  const decision = decide(part, samples, problems.size > 0);
  const reasons = [
    decision.reason,
    unpaired.length > 0 ? `no ${opponent} beside ${list(unpaired)}` : undefined,
    problems.size > 0 ? explain(problems) : undefined,
  ].filter((text) => text !== undefined);
  return {
    part: part.part,
    ...describe(part, samples),
    ...(opponent !== undefined && { opponent }),
    ...decision,
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
  };
}
