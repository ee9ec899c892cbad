/** A lock made by hand of records, so that a test can change what it says. */
import { denoHost } from "../../core/experiment/host.ts";
import { dependenciesDigest } from "../../core/experiment/records/provenance.ts";
import { type CellRecord, FORMAT } from "../../core/experiment/records/record.ts";
import { type Lock, LOCK_FILES, lockSchema } from "../../core/reproduce/lock.ts";

/** Locks records as those of `standard` below `${folder}/experiments`, which it returns. */
export async function lockAs(
  folder: string,
  cells: readonly CellRecord[],
  changes: Partial<Lock> = {},
): Promise<string> {
  const experiments = `${folder}/experiments`;
  const at = `${experiments}/${cells[0]!.experiment}/locked`;
  const lock: Lock = lockSchema.parse({
    format: FORMAT,
    experiment: cells[0]!.experiment,
    preset: "standard",
    created: "2026-11-21T18:00:00.000Z",
    commit: "0123456789abcdef0123456789abcdef01234567",
    deno: denoHost.denoVersion(),
    dependencies: await dependenciesDigest(denoHost),
    files: {},
    cells,
    ...changes,
  });
  await Deno.mkdir(at, { recursive: true });
  await Deno.writeTextFile(`${at}/${LOCK_FILES.lock}`, JSON.stringify(lock, null, 2));
  return experiments;
}

/** The step's digest with its first letter changed. */
export function otherDigestAt({ progress: { chain } }: CellRecord, step: number): void {
  const point = chain.find(([at]) => at === step)!;
  point[1] = (point[1].startsWith("0") ? "1" : "0") + point[1].slice(1);
}
