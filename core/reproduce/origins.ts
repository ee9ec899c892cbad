/** Provenance of two records and of the code at hand: what is named where bits cannot be explained. */
import { type CellRecord } from "../experiment/records/record.ts";
import type { Host } from "../experiment/host_interface.ts";
import { codeDigests } from "../experiment/records/provenance.ts";

/** One thing that is not the same everywhere. */
export interface OriginDifference {
  readonly what: "code" | "shaders" | "Deno" | "spelling";
  readonly a: string;
  readonly b: string;
  /** Left out for a spelling: each side's device, which is told of it, has its own. */
  readonly here?: string;
}

/** What of provenance differs between two records, or between them and this code. */
export async function differingOrigins(
  host: Host,
  a: CellRecord,
  b: CellRecord,
): Promise<OriginDifference[]> {
  const { code, shaders } = await codeDigests(host);
  const row = (
    what: OriginDifference["what"],
    of: (record: CellRecord) => string | undefined,
    here?: string,
  ): OriginDifference => ({
    what,
    a: of(a) ?? "unknown",
    b: of(b) ?? "unknown",
    ...(here !== undefined && { here }),
  });
  return [
    row("code", ({ digests }) => digests.code, code),
    row("shaders", ({ digests }) => digests.shaders, shaders),
    row("Deno", ({ versions }) => versions["deno"], host.denoVersion()),
    row("spelling", ({ device }) => device.spelling),
  ].filter(({ a, b, here = a }) => a !== b || a !== here);
}
