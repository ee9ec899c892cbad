/** A run of two pairs of nets by hand, with every figure of such, in a memory instead of a folder. */
import { adversarial } from "../../core/experiment/arms/adversarial.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import {
  GENERATED,
  gridName,
  type Neighbours,
} from "../../core/experiment/samples/generated_samples.ts";
import { encodePng } from "../../core/experiment/samples/picture.ts";
import type { CellRecord, LookRecord } from "../../core/experiment/records/record.ts";
import type { Lock } from "../../core/reproduce/lock.ts";
import { type Reported, reported } from "../../reports/reported.ts";
import { cell, memoryHost, stored } from "./fixture.ts";

const half = {
  net: [{ layer: "dense" as const, units: 1 }],
  optimiser: { optimiser: "sgd" as const, learningRate: 0.1 },
};
const pair = (batch: number) =>
  adversarial({
    data: "mnist",
    code: 4,
    generator: half,
    discriminator: half,
    batch,
    trainImages: 64,
    steps: 200,
    lookEvery: 100,
  });
const arms = ["small", "large"];

/** Two arms of other batches, and all figures of pairs. */
export const DECLARATION = {
  name: "tiny",
  title: "Tiny pairs",
  summary: "Two pairs.",
  arms: { small: pair(8), large: pair(32) },
  measures: { "Frechet distance": { measure: "frechetDistance" } },
  claims: [],
  presets: { quick: { seeds: 2 }, standard: { seeds: 2 }, lecture: { seeds: 2 } },
  figures: [
    { figure: "generated", arm: "small" },
    { figure: "interpolation", arm: "small" },
    { figure: "neighbours", arm: "small" },
    { figure: "over time", what: "frechet distance", arms },
    { figure: "over time", what: "discriminator accuracy", arms },
    { figure: "over time", what: "class entropy", arms },
    { figure: "over time", what: "losses", arms: ["small"] },
    { figure: "over time", what: "losses", arms },
  ],
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link DECLARATION}, checked. */
export const pairs: Experiment = defineExperiment(DECLARATION);

/** A look after a step: farther from real images with each seed, and nearer with each step. */
export function look(step: number, seed: number): LookRecord {
  const frechetDistance = 40_000 / step * (1 + seed / 2);
  return {
    step,
    discriminator: { accuracy: 0.75 + seed / 10, real: 0.5, loss: 0.6 },
    yardstick: {
      frechetDistance,
      rank: 64,
      covered: 7,
      entropy: 1.5 + seed / 10,
      confidence: 0.9,
      shares: Array.from({ length: 10 }, () => 0.1),
    },
  };
}

/** A finished cell of a pair that was looked at after 100 and 200 steps. */
export async function pairCell(
  arm: string,
  seed: number,
  changes: Partial<CellRecord> = {},
): Promise<CellRecord> {
  const base = await cell(arm, seed);
  const { [arm]: config } = pairs.arms;
  return {
    ...base,
    config: JSON.parse(JSON.stringify(config)),
    steps: 200,
    progress: {
      ...base.progress,
      step: 200,
      evaluations: [],
      looks: [100, 200].map((step) => look(step, seed)),
      range: { images: 1_000, real: 2, noise: 1_000 + 100 * seed },
      metricsBytes: metrics(seed).length,
    },
    measures: { "Frechet distance": 200 * (1 + seed / 2) },
    ...changes,
  };
}

/** Both arms with two seeds. */
export function pairCells(): Promise<CellRecord[]> {
  return Promise.all(arms.flatMap((arm) => [0, 1].map((seed) => pairCell(arm, seed))));
}

/** The losses of a seed, one and the same in each hundred steps. */
function metrics(seed: number): string {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const loss = (i < 100 ? 1 : 2) + seed;
    return `${i + 1},discriminator,loss,${loss}\n${i + 1},generator,loss,${10 * loss}\n`;
  });
  return `step,set,metric,value\n${rows.join("")}`;
}

/** Grey rows of eight digits' size. */
export const tiles = (rows: number) =>
  encodePng(new Uint8Array(8 * 28 * rows * 28), 224, 28 * rows, 1);

export const NEIGHBOURS: Neighbours = { format: 1, generated: [40, 50], test: [30, 33] };

/** What the cells left beside their records, at `folder`. */
export function pairFiles(neighbours: unknown = NEIGHBOURS): Map<string, Uint8Array<ArrayBuffer>> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const folder = "runs/tiny/one";
  return new Map([
    ...arms.flatMap((arm) =>
      [0, 1].map((seed) => [`${folder}/${arm}-s${seed}/metrics.csv`, bytes(metrics(seed))] as const)
    ),
    [`${folder}/small-s0/${gridName(100)}`, tiles(8)],
    [`${folder}/small-s0/${gridName(200)}`, tiles(8)],
    [`${folder}/small-s0/${GENERATED.interpolation}`, tiles(8)],
    [`${folder}/small-s0/${GENERATED.nearest}`, tiles(4)],
    [`${folder}/small-s0/${GENERATED.neighbours}`, bytes(JSON.stringify(neighbours))],
  ]);
}

/** The whole run as a report takes it, or its lock. */
export async function pairRun(
  { records, declared = pairs, left = pairFiles(), lock }: {
    readonly records?: readonly CellRecord[];
    readonly declared?: Experiment;
    readonly left?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
    readonly lock?: Lock;
  } = {},
): Promise<Reported> {
  return reported(memoryHost(left), declared, stored(records ?? await pairCells()), lock);
}
