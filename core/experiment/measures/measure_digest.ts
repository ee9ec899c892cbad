/** The name of what a measure means: it stands apart from measure.ts, which needs nets to take one. */
import type { Experiment } from "../define.ts";
import { brief } from "../../train/attack.ts";
import { digestOf } from "../records/canonical.ts";
import { type AcrossMeasure, isAcross, meaningOf } from "./across.ts";
import type { Measure } from "./measure.ts";

/**
 * SHA-256 over what a measure within a cell means. The arms it is taken of are not in it: another
 * arm changes nobody's number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { measureDigest } from "./measure_digest.ts";
 *
 * const loss = { measure: "loss", set: "test" } as const;
 * assert.equal(await measureDigest({ ...loss, arms: ["dense"] }), await measureDigest(loss));
 * ```
 */
export function measureDigest(
  { arms: _, ...meaning }: Exclude<Measure, AcrossMeasure>,
): Promise<string> {
  const attack = "attack" in meaning && meaning.attack;
  return digestOf(attack ? { ...meaning, attack: brief(attack) } : meaning);
}

/** The digest of what a declared measure means for an arm; `undefined` where none is so called. */
export type Meanings = (name: string, arm: string) => string | undefined;

/**
 * The digests of all that is declared. One across cells means what its sweep goes over too, and what
 * its measures within cells mean is told by their own digests.
 */
export async function meaningsOf(
  { measures, sweeps }: Pick<Experiment, "measures" | "sweeps">,
): Promise<Meanings> {
  const digests = new Map<string, string>();
  for (const [name, measure] of Object.entries(measures)) {
    if (!isAcross(measure)) digests.set(name, await measureDigest(measure));
    else {
      for (const arm of measure.arms ?? []) {
        digests.set(JSON.stringify([name, arm]), await digestOf(meaningOf(measure, arm, sweeps)));
      }
    }
  }
  return (name, arm) => digests.get(name) ?? digests.get(JSON.stringify([name, arm]));
}
