/** The name of what a measure means: it stands apart from measure.ts, which needs nets to take one. */
import { digestOf } from "../records/canonical.ts";
import type { Measure } from "./measure.ts";

/**
 * SHA-256 over what a measure means. The arms it is taken of are not in it: another arm changes
 * nobody's number.
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
export function measureDigest({ arms: _, ...meaning }: Measure): Promise<string> {
  return digestOf(meaning);
}
