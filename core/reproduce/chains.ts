/** Two chains of weight digests, and the first point at which they differ. */
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Progress } from "../experiment/records/record.ts";

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

/**
 * A record may come from a stranger, and its chain says how far is trained again.
 *
 * @throws {DeclarationError} unless the chain ascends from step 0 to at most `steps`.
 */
export function checkChain(chain: readonly Point[], steps: number, where: string): void {
  const ascending = chain.every(([step], i) => i === 0 ? step === 0 : step > chain[i - 1]![0]);
  if (chain.length > 0 && ascending && chain.at(-1)![0] <= steps) return;
  throw new DeclarationError(
    chain.length === 0
      ? `${where} has no weight digest yet; let its training begin first`
      : `${where}: its chain of weight digests must ascend from step 0 to at most ${steps}, but ` +
        `has steps ${chain.map(([step]) => step).join(", ")}; it was changed since it was written`,
  );
}
