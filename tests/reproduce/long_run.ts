/** A run of a tiny experiment on data that count as published. */
import type { Dataset } from "../../core/data/dataset.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { runExperiment } from "../../core/experiment/run.ts";
import { DECLARATION, Watch } from "../experiment/tiny.ts";

const { narrow, linear } = DECLARATION.arms;

/** Weight digests at steps 0, 100, 200 and 250; three seeds. */
export const LONG = {
  ...DECLARATION,
  arms: {
    narrow: { ...narrow, evaluations: "at the end" as const },
    linear: { ...linear, evaluations: "at the end" as const },
  },
  claims: [...DECLARATION.claims, {
    id: "tiny-seeds",
    lecture: "none",
    paraphrase: "A linear net is not far behind a narrow one, on three seeds.",
    parts: [{
      part: "accuracy",
      measure: "test accuracy",
      compare: "above" as const,
      value: -1,
      pairing: { arm: "linear", minus: "narrow" },
      minSeeds: 3,
    }],
  }],
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

/** What is asked of a run, or a reproduction, at `standard` below `folder`. */
export function optionsIn(folder: string, { stop }: Watch) {
  return {
    ...SOURCES,
    preset: "standard",
    device: "cpu",
    runsFolder: `${folder}/runs`,
    stop,
  } as const;
}

/** Runs an experiment so. */
export async function runLong(folder: string, experiment = long): Promise<readonly CellRecord[]> {
  const watch = new Watch();
  const { cells } = await runExperiment(denoHost, experiment, {
    ...optionsIn(folder, watch),
    profile: false,
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
