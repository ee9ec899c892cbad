/**
 * One judge for all claims. It sees numbers and criteria, never prose, and whatever the numbers are
 * it answers with a verdict and its reason, not with an exception. This file finds the cells and
 * pairs that count; criterion.ts holds a criterion against them.
 *
 * Where "How a claim is judged" leaves room, the careful side is taken here too:
 * - A missing or non-finite measure makes a part inconclusive even when enough seeds are left: the
 *   runs that went well are no fair sample of all runs. Only `occurs` is proved by one seed,
 *   whatever became of the others.
 * - A claim that mixes "not seen" with other verdicts is inconclusive (mixed, where parts are both
 *   supported and refuted): not having seen something in n seeds neither supports nor refutes.
 */
import { armsOf, choiceOf, type Claim, claimDigest, type Opponent, type Part } from "./claim.ts";
import { holdAgainst, type Outcome, type Sample, type Value } from "./criterion.ts";

/** `mixed` is a verdict on claims only, all others on parts too. */
export type Verdict =
  | "supported"
  | "refuted"
  | "mixed"
  | "inconclusive"
  | "not seen"
  | "not run";

/** What the judge needs to know about a finished cell. */
export interface JudgedCell {
  readonly arm: string;
  readonly seed: number;
  readonly measures: Readonly<Record<string, Value>>;
  readonly standIn: boolean;
  /** By claim id: the claim's digest, recorded when the cell started. */
  readonly claims: Readonly<Record<string, string>>;
  /** Of a cell that measures its machine: which it is. */
  readonly machine?: string;
}

/** The verdict on one part, and the numbers it rests on. */
export interface PartJudgement extends Omit<Outcome, "verdict"> {
  readonly part: string;
  readonly verdict: Exclude<Verdict, "mixed">;
  /** The arm compared with: of several the chosen one. */
  readonly opponent?: string;
  /** The machines that it says something of, where it rests on what is a machine's own. */
  readonly machines?: readonly string[];
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
  const tuning = new Set(claim.parts.flatMap((part) => choiceOf(part)?.seed ?? []));

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
  // Where cells were found but none accepted, the reasons above say why, and more fully.
  if (accepted.length > 0 || own.length === 0) reasons.push(...reasonsOf(parts, verdict));
  return { id: claim.id, verdict, parts, ...reasonField(reasons) };
}

/** The verdict of a claim that has these parts. */
export function verdictOf(parts: readonly PartJudgement[]): Verdict {
  const verdicts = new Set<Verdict>(parts.map((part) => part.verdict));
  if (verdicts.size === 1) return [...verdicts][0]!;
  return verdicts.has("supported") && verdicts.has("refuted") ? "mixed" : "inconclusive";
}

/** Parts are named where there are several, and only where the verdict leaves a question. */
function reasonsOf(parts: readonly PartJudgement[], verdict: Verdict): string[] {
  if (parts.length === 1) return parts.flatMap(({ reason }) => reason ?? []);
  if (verdict === "supported" || verdict === "refuted") return [];
  return parts.map(({ part, verdict, reason }) =>
    `${part} ${verdict}` + (reason === undefined ? "" : ` (${reason})`)
  );
}

function reasonField(reasons: readonly string[]): { reason?: string } {
  return reasons.length > 0 ? { reason: reasons.join("; ") } : {};
}

function undecided(
  { part }: Part,
  verdict: "inconclusive" | "not run",
  reason: string,
): PartJudgement {
  return { part, verdict, n: 0, seeds: [], exact: false, reason };
}

function judgePart(
  part: Part,
  accepted: readonly JudgedCell[],
  tuning: ReadonlySet<number>,
): PartJudgement {
  const problems = new Problems();
  const named = accepted.filter((cell) => armsOf(part).includes(cell.arm));
  const twice = named.filter((cell) => named.some((other) => other !== cell && alike(other, cell)));
  for (const cell of twice) problems.add("given more than once", cell);
  const cells = named.filter((cell) => !twice.includes(cell));

  const wanted = part.pairing.minus ?? part.pairing.over;
  const opponent = wanted === undefined ? undefined : chooseOpponent(wanted, cells, problems);
  if (wanted !== undefined && opponent === undefined) {
    return undecided(part, "inconclusive", problems.list().join("; "));
  }
  const { samples, unpaired } = sample(part, opponent, cells, tuning, problems);
  const outcome = holdAgainst(part, samples);
  const proven = part.compare === "occurs" && outcome.verdict === "supported";
  const inconclusive = outcome.verdict === "inconclusive" || (!problems.none && !proven);
  const { verdict, reason, upperBound, ...numbers } = outcome;
  const machines = [...new Set(cells.flatMap(({ machine }) => machine ?? []))];
  const reasons = [
    // What an incomplete set of seeds seems to say is not printed as if it were a finding.
    ...(problems.none || verdict === "inconclusive" ? [reason ?? []].flat() : []),
    ...(unpaired.length > 0 ? [`no ${opponent} beside ${list(unpaired)}`] : []),
    ...problems.list(),
  ];
  return {
    part: part.part,
    verdict: inconclusive ? "inconclusive" : verdict,
    ...numbers,
    ...(opponent !== undefined && { opponent }),
    ...(upperBound !== undefined && !inconclusive && { upperBound }),
    ...(machines.length > 0 && { machines }),
    ...reasonField(reasons),
  };
}

/** What each seed contributes: the arm's own measure, or its difference or ratio. */
function sample(
  part: Part,
  opponent: string | undefined,
  cells: readonly JudgedCell[],
  tuning: ReadonlySet<number>,
  problems: Problems,
): { samples: Sample[]; unpaired: JudgedCell[] } {
  const samples: Sample[] = [];
  const unpaired: JudgedCell[] = [];
  const asList = typeof part.value !== "number";
  const own = cells.filter(({ arm, seed }) => arm === part.pairing.arm && !tuning.has(seed));
  for (const cell of own.toSorted((a, b) => a.seed - b.seed)) {
    const { seed } = cell;
    const other = cells.find((candidate) => alike(candidate, { arm: opponent, seed }));
    if (opponent !== undefined && other === undefined) {
      unpaired.push(cell);
      continue;
    }
    const mine = read(cell, part.measure, asList, problems);
    const theirs = other && read(other, part.measure, asList, problems);
    if (mine === undefined || (other !== undefined && theirs === undefined)) continue;
    const value = theirs === undefined ? mine : combine(mine, theirs, part.pairing);
    if (value === undefined) problems.add("lists of different lengths", cell);
    else if (!finite(value)) problems.add("the comparison gives no finite number", cell);
    else samples.push({ seed, value });
  }
  return { samples, unpaired };
}

function chooseOpponent(
  opponent: Opponent,
  cells: readonly JudgedCell[],
  problems: Problems,
): string | undefined {
  if (typeof opponent === "string") return opponent;
  const { bestOf, by, seed } = opponent;
  const candidates = bestOf.map((arm) => {
    const cell = cells.find((candidate) => alike(candidate, { arm, seed }));
    if (cell === undefined) problems.add("no cell to choose the opponent by", { arm, seed });
    return { arm, value: cell && read(cell, by, false, problems) };
  });
  if (candidates.some(({ value }) => value === undefined)) return undefined;
  // Of equals the first named.
  return candidates.reduce((best, next) => next.value! > best.value! ? next : best).arm;
}

function read(
  cell: JudgedCell,
  measure: string,
  asList: boolean,
  problems: Problems,
): Value | undefined {
  const value = cell.measures[measure];
  const problem = value === undefined
    ? "is missing"
    : !finite(value)
    ? "is not finite (diverged)"
    : asList !== (typeof value !== "number")
    ? `is not ${asList ? "a list" : "one number"}`
    : undefined;
  if (problem === undefined) return value;
  problems.add(`"${measure}" ${problem}`, cell);
}

/** The difference or ratio, place by place; undefined where the places do not correspond. */
function combine(mine: Value, theirs: Value, { over }: Part["pairing"]): Value | undefined {
  const a = [mine].flat();
  const b = [theirs].flat();
  if (a.length !== b.length) return undefined;
  const values = a.map((value, i) => over === undefined ? value - b[i]! : value / b[i]!);
  return typeof mine === "number" ? values[0] : values;
}

function finite(value: Value): boolean {
  return [value].flat().every(Number.isFinite);
}

/** Where a cell stands: an arm that is not asked for is like no other. */
interface Place {
  readonly arm: string | undefined;
  readonly seed: number;
}

function alike(a: Place, b: Place): boolean {
  return a.arm === b.arm && a.seed === b.seed;
}

/** `reference seeds 0, 1, dense seed 0`. */
function list(cells: readonly Place[]): string {
  return [...Map.groupBy(cells, ({ arm }) => arm)].map(([arm, group]) => {
    const seeds = [...new Set(group.map(({ seed }) => seed))].sort((a, b) => a - b);
    return `${arm} ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`;
  }).join(", ");
}

/** What is wrong with the cells of a part, each kind of trouble with its cells. */
class Problems {
  readonly #cells = new Map<string, Place[]>();

  get none(): boolean {
    return this.#cells.size === 0;
  }

  add(what: string, cell: Place): void {
    this.#cells.set(what, [...this.#cells.get(what) ?? [], cell]);
  }

  list(): string[] {
    return [...this.#cells].map(([what, cells]) => `${what}: ${list(cells)}`);
  }
}
