/** A run of sweeps, inspections and a timing by hand, with every figure of such. */
import { supervised } from "../../core/experiment/arms/arm.ts";
import { timing } from "../../core/experiment/arms/timing.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import type { Figure, FigureOf } from "../../core/experiment/figure.ts";
import type { Inspections } from "../../core/experiment/measures/look_numbers.ts";
import type { CellRecord, InspectionRecord } from "../../core/experiment/records/record.ts";
import { figuresSection } from "../../reports/figures.ts";
import { type Reported, reported } from "../../reports/reported.ts";
import { cell, memoryHost, stored } from "./fixture.ts";

/** The path that is swept. */
export const RATE = "optimiser.learningRate";
const arms = ["plain", "normal"];

const dense = { layer: "dense" as const, units: 4 };
const sigmoid = { layer: "sigmoid" as const };
const arm = (normal: boolean) =>
  supervised({
    data: "mnist",
    net: [
      { layer: "flatten" },
      dense,
      ...(normal ? [{ layer: "batchNorm" as const }] : []),
      ...[sigmoid, dense, sigmoid, dense],
    ],
    optimiser: { optimiser: "sgd", learningRate: 0.1 },
    batch: 32,
    trainImages: 64,
    steps: 200,
    inspect: {
      every: 100,
      landscape: [0.1, 0.2],
      histograms: { layers: "sigmoid", from: 0, to: 1, bins: 4 },
    },
  });

/** Two arms that are swept and inspected, and the figures of such. */
export const DECLARATION = {
  name: "tiny",
  title: "Tiny grids",
  summary: "Two nets.",
  arms: {
    plain: arm(false),
    normal: arm(true),
    cost: timing({ arms, rounds: 4 }),
  },
  measures: {
    "test accuracy": { measure: "accuracy", set: "test" },
    "loss": { measure: "loss", set: "test" },
  },
  claims: [],
  presets: { quick: { seeds: 2 }, standard: { seeds: 2 }, lecture: { seeds: 2 } },
  sweeps: {
    rates: { arms, over: { [RATE]: [0.01, 0.1, 1] } },
    both: { arms, over: { [RATE]: [0.1, 1], batch: [32, 64] } },
  },
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link DECLARATION} with some figures. */
export function grids(...figures: Figure[]): Experiment {
  return defineExperiment({ ...DECLARATION, figures });
}

const NETS = {
  plain: ["flatten1", "dense1", "sigmoid1", "dense2", "sigmoid2", "dense3"],
  normal: ["flatten1", "dense1", "batchNorm1", "sigmoid1", "dense2", "sigmoid2", "dense3"],
};

/** Looks at steps 0 and 100: gradients fall towards the first layer, without normalisation tenfold. */
export function inspections(name: "plain" | "normal", seed: number): Inspections {
  const layers = NETS[name];
  const trained = layers.filter((layer) => /^(dense|batchNorm)/.test(layer));
  const look = (step: number): InspectionRecord => ({
    step,
    loss: 2 - step / 100 + seed / 10,
    mean: layers.map(() => seed - 0.5),
    variance: layers.map((_, i) => i === 0 ? 0.08 : 1 / i),
    dead: layers.map((_, i) => i / 10),
    drift: layers.map((_, i) => i === 0 ? null : (i + seed) / (step + 100)),
    gradients: trained.map((_, i) => name === "normal" ? 1 + step : (1 + step) * 10 ** i),
    updates: trained.map((_, i) => (i + 1) / 1000),
    landscape: { losses: [1 + step / 100, 3 + seed], changes: [3, 4 + seed] },
    histograms: Object.fromEntries(
      layers.filter((layer) => layer.startsWith("sigmoid"))
        .map((layer) => [layer, [seed, 1, 4, 2, 0, step / 100]]),
    ),
  });
  return { layers: [...layers], trained, looks: [look(0), look(100)] };
}

/** A finished cell of an arm at a point. */
export async function gridCell(
  arm: "plain" | "normal",
  seed: number,
  point: CellRecord["point"] = {},
  accuracy = 0.5 + seed / 10,
): Promise<CellRecord> {
  const base = await cell(arm, seed);
  const main = Object.keys(point).length === 0;
  return {
    ...base,
    id: [`${arm}-s${seed}`, ...Object.values(point)].join("-"),
    point,
    config: JSON.parse(JSON.stringify(DECLARATION.arms[arm])),
    progress: { ...base.progress, ...(main && { inspections: inspections(arm, seed) }) },
    measures: { "test accuracy": accuracy, "loss": 1 - accuracy },
  };
}

/** The same cell, at whose end a loss was not finite. */
export function diverged(cell: CellRecord): CellRecord {
  return { ...cell, status: "diverged", reason: "a loss of NaN", measures: {} };
}

/** Milliseconds of four rounds, more of them with each seed. */
export async function timingCell(seed: number): Promise<CellRecord> {
  const base = await cell("cost", seed);
  const timings = { plain: [1, 2, 3, 4], normal: [2, 4, 6, 8 + seed] };
  return {
    ...base,
    config: { kind: "timing", arms, rounds: 4 },
    progress: { ...base.progress, timings },
    measures: {
      "ms a step of plain": 2.5,
      "ms a step of normal": 5,
      "step of normal over plain": 2 + seed / 10,
    },
  };
}

/** Both arms at every point of {@link DECLARATION}'s sweeps, seeds 0 and 1, and the timing. */
export function gridCells(): Promise<CellRecord[]> {
  const points: [accuracy: number, point: CellRecord["point"]][] = [
    [0.5, {}],
    [0.6, { [RATE]: 0.01 }],
    [0.7, { [RATE]: 1 }],
    [0.75, { [RATE]: 1, batch: 32 }],
    [0.8, { [RATE]: 0.1, batch: 64 }],
    [0.9, { [RATE]: 1, batch: 64 }],
  ];
  const cells = [0, 1].flatMap((seed) => [
    ...(["plain", "normal"] as const).flatMap((arm) =>
      points.map(([accuracy, point]) => gridCell(arm, seed, point, accuracy + seed / 100))
    ),
    timingCell(seed),
  ]);
  return Promise.all(cells);
}

/** Measures with one that asks both arms at their best rate, by the named one on seed 9. */
export function chosenBy(by: string): (typeof DECLARATION)["measures"] {
  const best = { measure: "stepsAtBest", sweep: "rates", seed: 9, share: 1 } as const;
  const steps = { ...best, by, reference: "plain", set: "test" } as const;
  const declared = { [by]: { measure: "accuracy", set: "test" }, "steps": steps };
  return { ...DECLARATION.measures, ...declared } as never;
}

/** The cells of seed 9 that only choose: for `plain` the rate as declared, for `normal` the largest. */
export function choosing(by: string): Promise<CellRecord[]> {
  const rates = [{ [RATE]: 0.01 }, {}, { [RATE]: 1 }];
  const best = { plain: 1, normal: 2 };
  return Promise.all(
    (["plain", "normal"] as const).flatMap((arm) =>
      rates.map(async (point, i) => ({
        ...await gridCell(arm, 9, point),
        tuning: true,
        measures: { [by]: i === best[arm] ? 0.9 : 0.1 },
      }))
    ),
  );
}

/** The run as a report takes it. */
export async function gridRun(
  { records, declared }: {
    readonly records?: readonly CellRecord[];
    readonly declared: Experiment;
  },
): Promise<Reported> {
  return reported(memoryHost(new Map()), declared, stored(records ?? await gridCells()));
}

/** The section of one figure. */
export async function drawn(
  figure: Figure,
  { records, measures = DECLARATION.measures }: {
    readonly records?: readonly CellRecord[];
    readonly measures?: (typeof DECLARATION)["measures"];
  } = {},
): Promise<string> {
  const declared = defineExperiment({ ...DECLARATION, measures, figures: [figure] });
  const section = await figuresSection(await gridRun({ ...(records && { records }), declared }));
  return section === "" ? "" : section.text.split('<section class="figure">')[1]!;
}

/** A figure by depth, and one over steps, of both arms. */
export const byDepth = (
  what: FigureOf<"by depth">["what"],
  layers?: string[],
): Figure => ({ figure: "by depth", what, arms, layers });
export const inspected = (what: FigureOf<"inspected">["what"]): Figure => (
  { figure: "inspected", what, arms }
);
