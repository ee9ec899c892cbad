/**
 * Cells that only choose, on seeds kept for it: the best of several opponents of a claim, or the best
 * point of a sweep. A choice and the comparison that it serves then share no run: what is picked on
 * the seeds that it is compared on would be picked for its luck.
 */
import { armsOf, choiceOf, type Claim } from "./claims/claim.ts";
import { needsOf } from "./claims/needs.ts";
import type { Experiment } from "./define.ts";
import { choosesPoints } from "./measures/across.ts";
import type { Point } from "./sweep.ts";

/** A cell that is kept for choosing. */
export interface TuningCell {
  readonly arm: string;
  readonly seed: number;
  readonly point: Point;
  /** With fewer seeds than that no comparison that it serves decides anything. */
  readonly minSeeds: number;
  /** What is chosen, in words. */
  readonly between: string;
}

/** What is planned besides. */
export interface Planned {
  readonly arms: readonly string[];
  readonly sweeps: readonly string[];
  /** Whether only what claims need is. */
  readonly onlyClaims: boolean;
  /** The points at which an arm is run for a sweep. */
  readonly pointsOf: (arm: string, sweep: string) => readonly Point[];
}

/** The cells that choose for these claims and for the measures that are taken at best points. */
export function tuningCells(
  experiment: Experiment,
  claims: readonly Claim[],
  planned: Planned,
): TuningCell[] {
  return [...opponents(claims, planned), ...bestPoints(experiment, claims, planned)];
}

/** The seeds that are kept for choosing. */
export function keptSeeds({ claims, measures }: Experiment): ReadonlySet<number> {
  return new Set([
    ...claims.flatMap(({ parts }) => parts.flatMap((part) => choiceOf(part)?.seed ?? [])),
    ...Object.values(measures).filter(choosesPoints).map(({ seed }) => seed),
  ]);
}

/** The measures within a cell by which something is chosen. */
export function choosingMeasures({ claims, measures }: Experiment): ReadonlySet<string> {
  return new Set([
    ...claims.flatMap(({ parts }) => parts.flatMap((part) => choiceOf(part)?.by ?? [])),
    ...Object.values(measures).filter(choosesPoints).map(({ by }) => by),
  ]);
}

function opponents(claims: readonly Claim[], { arms }: Planned): TuningCell[] {
  return claims.flatMap(({ parts }) => parts).flatMap((part) => {
    const choice = choiceOf(part);
    if (choice === undefined || !armsOf(part).every((arm) => arms.includes(arm))) return [];
    const { bestOf, seed } = choice;
    const { minSeeds } = part;
    return bestOf.map((arm) => ({ arm, seed, point: {}, minSeeds, between: "opponents" }));
  });
}

function bestPoints(
  { measures }: Experiment,
  claims: readonly Claim[],
  { arms, sweeps, onlyClaims, pointsOf }: Planned,
): TuningCell[] {
  return Object.entries(measures).flatMap(([name, measure]) => {
    if (!choosesPoints(measure) || !sweeps.includes(measure.sweep)) return [];
    const { reference, seed, sweep } = measure;
    if (!arms.includes(reference)) return [];
    if (onlyClaims && !claims.some((claim) => needsOf(claim, measures).measures.includes(name))) {
      return [];
    }
    const uses = claims.flatMap(({ parts }) => parts).filter((part) => part.measure === name);
    // One that no claim speaks of is shown from the first seed on.
    const minSeeds = uses.length === 0 ? 1 : Math.min(...uses.map(({ minSeeds }) => minSeeds));
    const own = new Set([reference, ...measure.arms!]);
    return arms.filter((arm) => own.has(arm)).flatMap((arm) =>
      pointsOf(arm, sweep).map((point) => (
        { arm, seed, point, minSeeds, between: `the points of sweep "${sweep}"` }
      ))
    );
  });
}
