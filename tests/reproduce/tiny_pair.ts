/** A run of a tiny pair of nets that may be locked, made once for the tests of a file. */
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { adversarial } from "../../core/experiment/arms/adversarial.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun, type StoredRun } from "../../core/experiment/records/read_run.ts";
import { DECLARATION, runTiny } from "../experiment/tiny.ts";

const optimiser = { optimiser: "adam", learningRate: 1e-3 } as const;

/** A pair that is looked at every 26 of 104 steps, beside a supervised net. */
export const PAIR = {
  ...DECLARATION,
  arms: {
    pair: adversarial({
      data: "mnist",
      code: 4,
      generator: {
        net: [
          { layer: "flatten" },
          { layer: "dense", units: 784 },
          { layer: "tanh" },
          { layer: "reshape", shape: [28, 28, 1] },
        ],
        optimiser,
      },
      discriminator: { net: [{ layer: "flatten" }, { layer: "dense", units: 1 }], optimiser },
      batch: 8,
      trainImages: 64,
      lookEvery: 26,
      samples: 40,
    }),
    linear: DECLARATION.arms.linear,
  },
  measures: { "parameters": { measure: "parameters" } },
  claims: [],
  presets: { ...DECLARATION.presets, standard: { seeds: 2, steps: 104 } },
  figures: [
    { figure: "generated", arm: "pair", looks: 3 },
    { figure: "interpolation", arm: "pair" },
    { figure: "neighbours", arm: "pair" },
    { figure: "over time", what: "losses", arms: ["pair"] },
  ],
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link PAIR}, checked. */
export const pair: Experiment = defineExperiment(PAIR);

let made: Promise<StoredRun> | undefined;

/** The run at standard, of which tests change nothing. */
export function pairRun(): Promise<StoredRun> {
  return made ??= makeRun();
}

async function makeRun(): Promise<StoredRun> {
  await Deno.mkdir(".cache", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "pair_test_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const { folder: run } = await runTiny(folder, {
    experiment: pair,
    preset: "standard",
    // What stands for the published data here.
    download: async () => ({ ...await mnistStandIn(), source: "published" }),
  });
  return await readRun(denoHost, run);
}
