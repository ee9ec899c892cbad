/** Two chains of weight digests, the first point at which they differ, and where they end. */
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { CellRecord, Progress } from "../experiment/records/record.ts";

/** The digest of the weights after so many steps. */
export type Point = Progress["chain"][number];

/** What two chains share. */
export interface CommonChain {
  /** The points that are the same in both, up to the first that is not. */
  readonly common: readonly Point[];
  /** The first step at which both have a digest and the two differ. */
  readonly differs?: number;
}

/**
 * Compares chains, over the steps that both have.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareChains } from "./chains.ts";
 *
 * const { common, differs } = compareChains([[0, "a"], [100, "b"]], [[0, "a"], [100, "c"]]);
 * assert.deepEqual(common, [[0, "a"]]);
 * assert.equal(differs, 100);
 * ```
 */
export function compareChains(a: readonly Point[], b: readonly Point[]): CommonChain {
  const other = new Map(b);
  const common: Point[] = [];
  for (const [step, digest] of a) {
    const theirs = other.get(step);
    if (theirs === undefined) continue;
    if (theirs !== digest) return { common, differs: step };
    common.push([step, digest]);
  }
  return { common };
}

/** What two trainings share. */
export interface CommonTraining extends CommonChain {
  /** The one that was no longer finite at the step that differs, where the other went on. */
  readonly diverged?: "A" | "B";
}

type Trained = Pick<CellRecord, "status" | "progress">;

/** Compares chains and ends: between two points of its chain a training may diverge, or not. */
export function compareTrainings(a: Trained, b: Trained): CommonTraining {
  const compared = compareChains(a.progress.chain, b.progress.chain);
  if (compared.differs !== undefined) return compared;
  const lost = ({ status, progress }: Trained, other: Trained) =>
    status === "diverged" && other.progress.step > progress.step;
  if (lost(a, b)) return { ...compared, differs: a.progress.step + 1, diverged: "A" };
  if (lost(b, a)) return { ...compared, differs: b.progress.step + 1, diverged: "B" };
  return compared;
}

/**
 * A record may come from a stranger, and its chain and its end say how far is trained again.
 *
 * @throws {DeclarationError} unless the chain ascends from step 0, and all of it to at most `steps`.
 */
export function checkChain({ chain, step }: Progress, steps: number, where: string): void {
  if (step > steps) {
    throw new DeclarationError(
      `${where} is at step ${step} of ${steps}; it was changed since it was written`,
    );
  }
  const ascending = chain.every(([step], i) => i === 0 ? step === 0 : step > chain[i - 1]![0]);
  if (chain.length > 0 && ascending && chain.at(-1)![0] <= steps) return;
  throw new DeclarationError(
    chain.length === 0
      ? `${where} has no weight digest yet; let its training begin first`
      : `${where}: its chain of weight digests must ascend from step 0 to at most ${steps}, but ` +
        `has steps ${chain.map(([step]) => step).join(", ")}; it was changed since it was written`,
  );
}
