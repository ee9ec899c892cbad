/** What a claim is decided by: the arms whose cells it needs, the measures, the sweeps. */
import { armsBehind, isAcross, madeFrom } from "../measures/across.ts";
import type { Measure } from "../measures/measure.ts";
import { armsOf, choiceOf, type Claim } from "./claim.ts";

/** Declared measures by name. */
type Measures = Readonly<Record<string, Measure>>;

/** See the top of this file. */
export interface Needs {
  /** Those of its parts, and those that its measures hold them against. */
  readonly arms: readonly string[];
  /** By name, those within a cell that others are made from among them. */
  readonly measures: readonly string[];
  readonly sweeps: readonly string[];
}

/** What a claim needs, each once. */
export function needsOf({ parts }: Pick<Claim, "parts">, declared: Measures): Needs {
  const found = parts.map((part): Needs => {
    const measure = Object.hasOwn(declared, part.measure) ? declared[part.measure] : undefined;
    const arms = armsOf(part);
    const measures = [part.measure, choiceOf(part)?.by ?? []].flat();
    if (!measure || !isAcross(measure)) return { arms, measures, sweeps: [] };
    return {
      arms: arms.flatMap((arm) => armsBehind(measure, arm)),
      measures: [...measures, madeFrom(measure)],
      sweeps: measure.measure === "gain" ? [] : [measure.sweep],
    };
  });
  const all = (key: keyof Needs) => [...new Set(found.flatMap((needs) => needs[key]))];
  return { arms: all("arms"), measures: all("measures"), sweeps: all("sweeps") };
}

/** The claims that a cell of an arm serves. */
export function claimsServedBy(
  claims: readonly Claim[],
  arm: string,
  declared: Measures,
): readonly Claim[] {
  return claims.filter((claim) => needsOf(claim, declared).arms.includes(arm));
}
