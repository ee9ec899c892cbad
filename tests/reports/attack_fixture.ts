/** A run by hand of nets under attack, with the figures of such, in a memory instead of a folder. */
import { supervised } from "../../core/experiment/arms/arm.ts";
import { transfer } from "../../core/experiment/arms/transfer.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { type Attack, attackSchema } from "../../core/train/attack.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import {
  type Attacked,
  attackedFiles,
  columnsOf,
  showsAttacked,
} from "../../core/experiment/samples/attacked_samples.ts";
import { encodePng } from "../../core/experiment/samples/picture.ts";
import { type Reported, reported } from "../../reports/reported.ts";
import { cell, memoryHost, stored } from "./fixture.ts";

const arm = supervised({
  data: "mnist",
  net: [{ layer: "flatten" }, { layer: "dense", units: 10 }],
  optimiser: { optimiser: "sgd", learningRate: 0.1 },
  trainImages: 64,
  steps: 8,
});
/** Accuracy under an attack. */
const under = (attack: Attack) => ({ measure: "attackedAccuracy", attack, images: 1_000 } as const);
const pgd = (epsilon: number, steps: number) =>
  attackSchema.parse({ attack: "pgd", epsilon, stepSize: 0.05, steps, restarts: 2 });
/** A figure of each kind, of three nets. */
export const IMAGES: FigureOf<"attacked images"> = {
  figure: "attacked images",
  arm: "plain",
  attack: { attack: "fgsm", epsilon: 8 / 255, target: "3" },
  images: 2,
};
export const STRIPS: FigureOf<"epsilon strips"> = {
  figure: "epsilon strips",
  arm: "plain",
  attack: "noise",
  epsilons: [0.1, 0.2],
  images: 1,
};
export const ROBUSTNESS: FigureOf<"robustness"> = {
  figure: "robustness",
  arms: ["plain", "fgsm-trained", "pgd-trained"],
  clean: "clean",
  noise: "noise",
  fgsm: "FGSM",
  pgd: "PGD",
  largest: "PGD 1",
  oneClass: "one class",
  blackBox: { arm: "transfer", source: "plain of the next seed" },
};

/** The three nets, and images that are carried over from one of them to itself of another seed. */
export const DECLARATION = {
  name: "tiny",
  title: "Tiny nets under attack",
  summary: "Three nets.",
  arms: {
    "plain": arm,
    "fgsm-trained": arm,
    "pgd-trained": arm,
    "transfer": transfer({
      data: "mnist",
      sources: [{ arm: "plain", seed: "next" }, { arm: "plain" }],
      targets: ["plain", "pgd-trained"],
      attack: { attack: "fgsm", epsilon: 0.2 },
      images: 1_000,
    }),
  },
  measures: {
    "clean": { measure: "accuracy", set: "test" },
    "noise": under({ attack: "noise", epsilon: 0.2 }),
    "FGSM": under({ attack: "fgsm", epsilon: 0.2 }),
    "PGD": under(pgd(0.2, 20)),
    "PGD 1": under(pgd(1, 40)),
    "one class": { measure: "oneClass", images: 1_000 },
  },
  claims: [],
  presets: { quick: { seeds: 2 }, standard: { seeds: 2 }, lecture: { seeds: 2 } },
  figures: [IMAGES, STRIPS, ROBUSTNESS],
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link DECLARATION}, checked. */
export const experiment: Experiment = defineExperiment(DECLARATION);

/** The names of what {@link SHARES} has. */
const NAMES = ["clean", "noise", "FGSM", "PGD", "PGD 1", "one class"];

/** The numbers of each net: one that FGSM fools, one that only PGD does, one that withstands both. */
export const SHARES: Readonly<Record<string, readonly number[]>> = {
  "plain": [0.99, 0.97, 0.05, 0, 0, 0.12],
  "fgsm-trained": [0.98, 0.9, 0.93, 0, 0.02, 0.13],
  "pgd-trained": [0.97, 0.96, 0.7, 0.6, 0.1, 0.11],
};

/** The cells of two seeds, a point apart. */
export function attackCells(
  shares: Readonly<Record<string, readonly number[]>> = SHARES,
): Promise<CellRecord[]> {
  const nets = Object.entries(shares).flatMap(([arm, numbers]) =>
    [0, 1].map((seed) => {
      const measures = NAMES.map((name, i) => [name, numbers[i]! + (seed - 0.5) / 100] as const);
      return cell(arm, seed, { measures: Object.fromEntries(measures) });
    })
  );
  const carried = [0, 1].map((seed) =>
    cell("transfer", seed, {
      config: { kind: "transfer" },
      measures: {
        "accuracy of plain under plain of the next seed": 0.2 + seed / 100,
        "accuracy of pgd-trained under plain of the next seed": 0.9,
        "accuracy of plain under plain": 0,
        "accuracy of pgd-trained under plain": 0.5,
      },
    })
  );
  return Promise.all([...nets, ...carried]);
}

/** Two images that are taken for threes, and one that noise does not change. */
export const ATTACKED: readonly Attacked[] = [
  {
    format: 1,
    classes: ["zero", "one", "two", "3"],
    image: [2, 2, 1],
    tried: 32,
    amplified: 15,
    images: [0, 2].map((label, i) => ({
      index: 3 + i,
      label,
      answers: [{ class: label, confidence: 0.875 }, { class: 3, confidence: 0.9984 }],
    })),
  },
  {
    format: 1,
    classes: ["zero", "one"],
    image: [2, 2, 1],
    tried: 32,
    images: [{
      index: 0,
      label: 1,
      answers: [0.99, 0.9, 0.75].map((confidence, i) => ({ class: i === 2 ? 0 : 1, confidence })),
    }],
  },
];

/** What the first cell left of images under attack: {@link ATTACKED}, or other numbers. */
export async function attackFiles(
  numbers: readonly unknown[] = ATTACKED,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [i, figure] of experiment.figures!.filter(showsAttacked).entries()) {
    const { numbers: name, picture } = await attackedFiles(figure);
    const [width, height] = [2 * columnsOf(figure), 2 * ATTACKED[i]!.images.length];
    files.set(at(name), new TextEncoder().encode(JSON.stringify(numbers[i])));
    files.set(at(picture), encodePng(new Uint8Array(width * height), width, height, 1));
  }
  return files;
}

/** A file of the first cell. */
export function at(name: string): string {
  return `runs/tiny/one/plain-s0/${name}`;
}

/** The whole run as a report takes it. */
export async function attackRun(
  { records, declared = experiment, left }: {
    readonly records?: readonly CellRecord[];
    readonly declared?: Experiment;
    readonly left?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  } = {},
): Promise<Reported> {
  const host = memoryHost(left ?? await attackFiles());
  return reported(host, declared, stored(records ?? await attackCells()));
}
