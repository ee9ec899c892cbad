/** What made a lock, where it differs from what is here: said, and never decisive. */
import type { Host } from "../experiment/host_interface.ts";
import { codeDigests, dependenciesDigest } from "../experiment/records/provenance.ts";
import { makingsOf } from "../experiment/records/making.ts";
import type { Lock } from "./lock.ts";

/** A line for each of code, shaders, packages and Deno that differs from what was locked. */
export async function provenanceNotes(host: Host, lock: Lock): Promise<string[]> {
  const { code, shaders } = await codeDigests(host);
  const makings = lock.cells.flatMap(makingsOf);
  const of = (digests: readonly string[]) => digests.map((digest) => digest.slice(0, 12));
  const compared: (readonly [what: string, then: readonly string[], now: string])[] = [
    ["code", of(makings.map(({ digests }) => digests.code)), code.slice(0, 12)],
    ["shaders", of(makings.map(({ digests }) => digests.shaders)), shaders.slice(0, 12)],
    ["deno.lock", of([lock.dependencies]), (await dependenciesDigest(host)).slice(0, 12)],
    [
      "Deno",
      [lock.deno, ...makings.flatMap(({ versions }) => versions["deno"] ?? [])],
      host.denoVersion(),
    ],
  ];
  return compared.flatMap(([what, all, now]) => {
    const then = [...new Set(all)];
    if (then.length === 1 && then[0] === now) return [];
    const verb = what === "shaders" ? "differ" : "differs";
    return [
      `${what} ${verb} from what was locked: ${then.join(" and ")} then, ${now} now; ` +
      "the weight chain alone decides",
    ];
  });
}
