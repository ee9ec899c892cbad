/** A run by hand, with every kind of figure, in a memory instead of a folder. */
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { supervised } from "../../core/experiment/arms/arm.ts";
import { type Claim, claimDigest, type Part } from "../../core/experiment/claims/claim.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import { encodePng } from "../../core/experiment/samples/picture.ts";
import type { StoredRun } from "../../core/experiment/records/read_run.ts";
import type { Predictions } from "../../core/experiment/samples/samples.ts";
import { encodeSafetensors } from "../../core/train/checkpoint.ts";
import { type Reported, reported } from "../../reports/reported.ts";

const net = [{ layer: "flatten" }, { layer: "dense", units: 10 }] as const;
const arm = supervised({
  data: "mnist",
  net: [...net],
  optimiser: { optimiser: "sgd", learningRate: 0.1 },
  trainImages: 64,
  steps: 8,
});
const arms = ["small", "large"];

function part(
  compare: Part["compare"],
  value: number,
  opponent: Pick<Part["pairing"], "minus" | "over"> = {},
  measure = "test accuracy",
): Part {
  const pairing = { arm: "large", ...opponent };
  return { part: "accuracy", measure, compare, value, pairing, minSeeds: 3 };
}

function claim(id: string, ...parts: Part[]): Claim {
  return { id, lecture: 'L13a/b "Nets"', paraphrase: `The larger net, says ${id}.`, parts };
}

const better = part("above", 0.05, { minus: "small" });

/** One supported, one refuted, one that cannot fail, and one with a part of each. */
export const CLAIMS: readonly Claim[] = [
  claim("tiny-better", better),
  { ...claim("tiny-worse", part("below", -0.05, { minus: "small" })), note: "Of its own accord." },
  {
    ...claim("tiny-more", part("above", 2, { over: "small" }, "parameters")),
    marks: ["by construction"],
  },
  claim("tiny-both", better, { ...part("exact", 7, {}, "parameters"), part: "seven" }),
];

/** Two arms, claims that come out in four ways, a figure of each kind. */
export const DECLARATION = {
  name: "tiny",
  title: "Tiny nets",
  summary: "Two nets.",
  arms: { small: arm, large: arm },
  measures: {
    "test accuracy": { measure: "accuracy", set: "test" },
    "loss": { measure: "loss", set: "test" },
    "parameters": { measure: "parameters" },
  },
  claims: [...CLAIMS],
  presets: { quick: { seeds: 3 }, standard: { seeds: 3 }, lecture: { seeds: 3 } },
  figures: [
    { figure: "learning curves", arms, set: "test" },
    { figure: "scatter", x: "parameters", y: "test accuracy", arms },
    {
      figure: "curve",
      title: "Two measures",
      x: "which",
      points: [{ x: 1, measure: "test accuracy" }, { x: 0, measure: "loss" }],
      arms,
    },
    { figure: "filters", arm: "small", layer: "conv2d1" },
    { figure: "predictions", arm: "small" },
  ],
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link DECLARATION}, checked. */
export const experiment: Experiment = defineExperiment(DECLARATION);

const hex = (digit: string) => digit.repeat(64);

/** A finished cell of an arm: its accuracy rises with the seed, that of the larger one more. */
export async function cell(
  arm: string,
  seed: number,
  changes: Partial<CellRecord> = {},
): Promise<CellRecord> {
  const accuracy = arm === "large" ? 0.8 + seed / 50 : 0.6 + seed / 100;
  const claims = await Promise.all(
    experiment.claims.map(async (claim) => [claim.id, await claimDigest(claim)] as const),
  );
  return {
    format: 1,
    experiment: "tiny",
    id: `${arm}-s${seed}`,
    arm,
    seed,
    tuning: false,
    point: {},
    config: { kind: "supervised", data: "mnist" },
    status: "finished",
    steps: 8,
    digests: {
      config: hex("0"),
      data: hex("d"),
      code: hex("c"),
      shaders: hex("5"),
      claims: Object.fromEntries(claims),
      measures: {},
    },
    standIn: false,
    versions: { deno: "2.9.6" },
    device: { kind: "cpu", name: "Some CPU", class: "software", spelling: "plain", threads: 2 },
    started: "2026-11-21T10:00:00.000Z",
    resumed: [],
    progress: {
      step: 8,
      chain: [[0, hex("a")], [8, hex("b")]],
      evaluations: [4, 8].map((step) => (
        { step, set: "test", accuracy: accuracy - 0.1 + step / 80, loss: 1, count: 10_000 }
      )),
      metricsBytes: 0,
      seconds: 3,
    },
    readings: {},
    measures: {
      "test accuracy": accuracy,
      "loss": 2 - accuracy + seed / 50,
      "parameters": arm === "large" ? 70_000 : 5_000,
    },
    ...changes,
  };
}

/** Both arms with three seeds. */
export function cells(): Promise<CellRecord[]> {
  return Promise.all([0, 1, 2].flatMap((seed) => ["small", "large"].map((arm) => cell(arm, seed))));
}

/** A stored run of some cells. */
export function stored(records: readonly CellRecord[]): StoredRun {
  return {
    folder: "runs/tiny/one",
    run: {
      format: 1,
      experiment: "tiny",
      preset: "quick",
      created: "2026-11-21T10:00:00.000Z",
      options: { seeds: [0, 1, 2] },
      cells: records.map(({ id, digests }) => ({ id, digest: digests.config })),
    },
    cells: records,
  };
}

/** Four grey images, of which the second and the fourth are taken for another class. */
export const PREDICTIONS: Predictions = {
  format: 1,
  set: "test",
  classes: ["zero", "one"],
  image: [2, 2, 1],
  columns: 2,
  images: [0, 1, 0, 1].map((label, index) => ({ index, label, probabilities: [0.75, 0.25] })),
};

/** What the first cell left beside its record: two filters and {@link PREDICTIONS}. */
export function files(predictions: unknown = PREDICTIONS): Map<string, Uint8Array<ArrayBuffer>> {
  const data = Float32Array.from({ length: 2 * 2 * 3 * 2 }, (_, i) => i);
  return new Map([
    [
      "runs/tiny/one/small-s0/checkpoint.safetensors",
      encodeSafetensors([{ name: "conv2d1/weights", shape: [2, 2, 3, 2], data }], {}),
    ],
    [
      "runs/tiny/one/small-s0/samples/predictions.json",
      new TextEncoder().encode(JSON.stringify(predictions)),
    ],
    [
      "runs/tiny/one/small-s0/samples/predictions.png",
      encodePng(new Uint8Array(16), 4, 4, 1),
    ],
  ]);
}

/** A host that can only read these files; anything else would be a device's or a writer's. */
export function memoryHost(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Host {
  const read = (path: string) => {
    const bytes = files.get(path);
    return bytes ? Promise.resolve(bytes) : Promise.reject(new Error(`no ${path}`));
  };
  const reads: Partial<Host> = {
    files: { read, size: (path) => Promise.resolve(files.get(path)?.length) },
    readText: async (path) => new TextDecoder().decode(await read(path)),
    exists: (path) => Promise.resolve(files.has(path)),
  };
  return reads as Host;
}

/** The whole run as a report takes it. */
export async function tinyRun(
  { records, declared = experiment, left = files() }: {
    readonly records?: readonly CellRecord[];
    readonly declared?: Experiment;
    readonly left?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  } = {},
): Promise<Reported> {
  return reported(memoryHost(left), declared, stored(records ?? await cells()));
}

/** The text of a page as a reader has it: tags dropped, white space as one space. */
export function textOf(page: string): string {
  return page.replace(/<style>[^]*?<\/style>/, "").replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
}
