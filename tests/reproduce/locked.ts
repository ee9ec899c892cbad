/** A run of a tiny experiment on data that count as published, and locks of what it left. */
import type { Dataset } from "../../core/data/dataset.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { dependenciesDigest } from "../../core/experiment/provenance.ts";
import { type CellRecord, FORMAT } from "../../core/experiment/record.ts";
import { runExperiment } from "../../core/experiment/run.ts";
import { type Lock, LOCK_FILES, lockSchema } from "../../core/reproduce/lock.ts";
import { DECLARATION, Watch } from "../experiment/tiny.ts";

const { narrow, linear } = DECLARATION.arms;

/** Weight digests at steps 0, 100, 200 and 250; three seeds. */
export const LONG = {
  ...DECLARATION,
  arms: {
    narrow: { ...narrow, evaluations: "at the end" as const },
    linear: { ...linear, evaluations: "at the end" as const },
  },
  presets: { ...DECLARATION.presets, standard: { seeds: 3, steps: 250 } },
};

/** {@link LONG}, checked. */
export const long: Experiment = defineExperiment(LONG);

const drawn = await mnistStandIn();

/** The stand-in under another name, since no test may need the real files. */
export const PUBLISHED: Dataset = { ...drawn, source: "published", description: "made-up digits" };

/** How a reproduction finds these data: nowhere but where they are downloaded. */
export const SOURCES = {
  dataDirectories: [],
  download: () => Promise.resolve(PUBLISHED),
} as const;

/** Runs an experiment at `standard` below `folder`. */
export async function runLong(folder: string, experiment = long): Promise<readonly CellRecord[]> {
  const watch = new Watch();
  const { cells } = await runExperiment(denoHost, experiment, {
    ...SOURCES,
    preset: "standard",
    device: "cpu",
    runsFolder: `${folder}/runs`,
    profile: false,
    stop: watch.stop,
  }, watch);
  return cells;
}

await Deno.mkdir(".cache", { recursive: true });
const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "reproduce_test_" });
let records: readonly CellRecord[];
try {
  records = await runLong(folder);
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** A copy of what a run of {@link long} left, to be changed. */
export function leftByLong(): CellRecord[] {
  return structuredClone([...records]);
}

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
