/**
 * The answer of a reproduction. A: the same bits. B: other bits, but measures and verdicts as the
 * locked seeds let expect. Else failed, with the first step that differs. Beside the tier stands what
 * was covered; only the full set of cells is whole.
 */
import { count } from "../experiment/records/format.ts";
import type { Comparison } from "./compare.ts";

/** How a reproduction came out. */
export type Tier = "A" | "B" | "failed";

/** A tier, what it covers, and why it is no better. */
export interface Answer {
  readonly tier: Tier;
  /** Whether every locked cell was run to its end. */
  readonly whole: boolean;
  /** Tier and coverage in words. */
  readonly text: string;
  readonly reasons: readonly string[];
}

/** What stands behind an answer besides the compared cells. */
export interface Grounds {
  /** How many cells the lock has. */
  readonly lockedCells: number;
  /** Whether all of them were run to their end. */
  readonly whole?: boolean;
  /** What speaks against tier B where bits differ. */
  readonly unexpected: readonly string[];
  /** Said after the tier: what it is limited to. */
  readonly only?: string;
}

/**
 * The tier of compared cells.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { answerOf } from "./tier.ts";
 *
 * const cell = { id: "a-s0", bits: "same", steps: 200, of: 7030, others: [] } as const;
 * const { text } = answerOf([cell], { lockedCells: 24, unexpected: [] });
 * assert.equal(text, "A: first 200 of 7,030 steps, 1 of 24 cells");
 * ```
 */
export function answerOf(
  cells: readonly Comparison[],
  { lockedCells, whole = false, unexpected, only }: Grounds,
): Answer {
  const others = cells.filter(({ bits }) => bits !== "same");
  const tier = others.length === 0 ? "A" : unexpected.length === 0 ? "B" : "failed";
  const limits = [
    ...(whole && tier !== "failed" ? [", whole"] : []),
    ...(only === undefined ? [] : [` ${only}`]),
  ].join("");
  return {
    tier,
    whole,
    text: `${tier}${limits}: ${coverage(cells, lockedCells)}`,
    reasons: [
      ...others.slice(0, 1).map((cell) =>
        `${cell.id}: ${comparisonText(cell)}` +
        (others.length > 1 ? `; and ${count(others.length - 1, "more cell")}` : "")
      ),
      ...(tier === "failed" ? unexpected : []),
    ],
  };
}

/** How a cell compared: `same bits`, or where it differs first. */
export function comparisonText({ bits, of, weights, others }: Comparison): string {
  if (bits === "same") return "same bits";
  if (bits === "not compared") {
    return "bits not compared: no spelling of the arithmetic contract holds on its adapter, or on " +
      "the locked one's";
  }
  if (weights === undefined) {
    return `${of > 0 ? "same weights, but " : ""}other results: ${others.join("; ")}`;
  }
  const { step, sameAt } = weights;
  return `other weights at step ${step}` +
    (sameAt === undefined ? "" : `; the same at step ${sameAt}`);
}

/** `first 200 of 7,030 steps, 1 of 24 cells`; steps are those of all these cells together. */
function coverage(cells: readonly Comparison[], lockedCells: number): string {
  const which = `${cells.length.toLocaleString("en")} of ${count(lockedCells, "cell")}`;
  const trained = cells.filter(({ of }) => of > 0);
  const [first] = trained;
  if (first === undefined) return which;
  const alike = trained.every(({ steps, of }) => steps === first.steps && of === first.of);
  const total = (of: (cell: Comparison) => number) =>
    alike ? of(first) : trained.reduce((sum, cell) => sum + of(cell), 0);
  const [steps, of] = [total(({ steps }) => steps), total(({ of }) => of)];
  return `${steps < of ? "first " : ""}${steps.toLocaleString("en")} of ${count(of, "step")}` +
    `${alike ? "" : " in all"}, ${which}`;
}
