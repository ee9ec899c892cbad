/** How the outputs of layers are distributed, from look to look: small multiples in one drawing. */
import { z } from "zod";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { formatNumber } from "../../core/experiment/records/format.ts";
import type { InspectionRecord } from "../../core/experiment/records/record.ts";
import { chart, type Drawing, type Room } from "../chart.ts";
import { cellsOf, leftOut, type Reported, seriesOf } from "../reported.ts";
import type { Drawn } from "./drawn.ts";

/** Columns that have room side by side. */
const MOST_LOOKS: Readonly<Record<Room, number>> = { wide: 6, narrow: 4 };

/** Of a row, and of what stands around all of them, in pixels. */
const ROW = 46;
const FRAME = 60;

/** Shares of a column and of a row that their bars take. */
const WIDTH = 0.84;
const HEIGHT = 0.8;

/** One small histogram. */
interface Multiple {
  readonly row: number;
  readonly column: number;
  /** Below the first bin, in each bin, and from the end of the last one on. */
  readonly counts: readonly number[];
}

/** What a report needs to know of the arm. */
const configSchema = z.object({
  inspect: z.object({ histograms: z.object({ from: z.number(), to: z.number() }) }),
});

/** Draws it from the inspections of the arm's first seed. */
export async function histograms(
  run: Reported,
  { title, arm }: FigureOf<"histograms">,
): Promise<Drawn> {
  const heading = title ?? `What the layers of ${arm} put out`;
  const missing = (...notes: string[]) => (
    { title: heading, content: undefined, caption: "", notes }
  );
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const { layers: all, looks } = cell.progress.inspections ?? { layers: [], looks: [] };
  const { data: config } = configSchema.safeParse(cell.config);
  const layers = all.filter((layer) => looks.every((look) => countsOf(look, layer).length > 2));
  if (looks.length === 0 || layers.length === 0 || !config) {
    return missing(`${cell.id} has no histograms.`);
  }
  const { from, to } = config.inspect.histograms;
  const outside = looks.some((look) =>
    layers.some((layer) => countsOf(look, layer).at(0)! + countsOf(look, layer).at(-1)! > 0)
  );
  const ends = looks.length > 1 ? [looks[0]!, looks.at(-1)!] : looks;
  const said = layers.map((layer) =>
    `${layer} ${
      ends.map((look) => `${middleHalf(countsOf(look, layer), from, to)} (step ${look.step})`)
        .join(", then ")
    }`
  );
  const label = `${heading}, where the middle half lies. ${said.join("; ")}.`;
  const { colour } = seriesOf(run, arm);
  const [low, high] = [from, to].map((end) => formatNumber(end));
  return {
    title: heading,
    content: await chart(label, (room) => draw(layers, spread(looks, room), { outside, colour })),
    caption:
      `Outputs from ${low} on the left to ${high} on the right, over the batch that the next ` +
      `step sees; seed ${cell.seed}. Each histogram is scaled to its own highest bar. ` +
      (outside
        ? `The bars that stand apart are what lies below ${low}, and at ${high} or above.`
        : "Nothing lies outside."),
    notes: [],
  };
}

function countsOf({ histograms = {} }: InspectionRecord, layer: string): readonly number[] {
  return Object.hasOwn(histograms, layer) ? histograms[layer]! : [];
}

/** So many looks as have room, from the first to the last. */
function spread(looks: readonly InspectionRecord[], room: Room): readonly InspectionRecord[] {
  const most = MOST_LOOKS[room];
  if (looks.length <= most) return looks;
  return Array.from(
    { length: most },
    (_, i) => looks[Math.round(i * (looks.length - 1) / (most - 1))]!,
  );
}

function draw(
  layers: readonly string[],
  looks: readonly InspectionRecord[],
  { outside, colour }: { readonly outside: boolean; readonly colour: string },
): Drawing {
  const multiples = layers.flatMap((layer, row) =>
    looks.map((look, column): Multiple => ({ row, column, counts: countsOf(look, layer) }))
  );
  const steps = looks.map(({ step }) => step.toLocaleString("en"));
  const axis = (names: readonly string[]) => ({
    ...{ values: names.map((_, i) => i + 0.5), grid: false, ticks: false, domain: false },
    labelExpr: `${JSON.stringify(names)}[floor(datum.value)]`,
  });
  const vertical = {
    type: "quantitative",
    title: null,
    scale: { domain: [0, layers.length], reverse: true, nice: false },
    axis: axis(layers),
  };
  return {
    height: FRAME + layers.length * ROW,
    data: { values: multiples.flatMap((multiple) => outline(multiple, outside)) },
    encoding: {
      x: {
        ...{ field: "x", type: "quantitative", title: "training steps" },
        scale: { domain: [0, looks.length], nice: false },
        axis: axis(steps),
      },
      y: { ...vertical, field: "y" },
      y2: { field: "base" },
      detail: { field: "name" },
    },
    layer: [
      // One outline for each: bars one by one would take ten times the space.
      {
        transform: [{ filter: "!datum.apart" }],
        mark: { type: "area", interpolate: "step-after", color: colour },
      },
      {
        transform: [{ filter: "datum.apart" }],
        mark: { type: "area", interpolate: "step-after", color: "var(--ink)" },
      },
      {
        data: { values: multiples.map(({ row, column }) => baseline(row, column)) },
        mark: { type: "rule", color: "var(--quiet)", strokeWidth: 1 },
        encoding: { x2: { field: "x2" }, y2: null },
      },
    ],
  };
}

function baseline(row: number, column: number) {
  const x = column + (1 - WIDTH) / 2;
  return { name: `${row} ${column}`, x, x2: x + WIDTH, y: row + 1, base: row + 1 };
}

/** The corners of its bars from the left to the right; `outside` leaves room for those that stand apart. */
function outline({ row, column, counts }: Multiple, outside: boolean): object[] {
  const bins = counts.length - 2;
  const highest = Math.max(...counts, 1);
  const bar = WIDTH / (bins + (outside ? 4 : 0));
  const left = column + (1 - WIDTH) / 2;
  const corners = (name: string, start: number, heights: readonly number[], apart: boolean) => (
    [...heights, heights.at(-1)!].map((count, i) => ({
      ...{ name: `${row} ${column} ${name}`, apart },
      x: left + bar * (start + i),
      y: row + 1 - HEIGHT * count / highest,
      base: row + 1,
    }))
  );
  const inside = corners("inside", outside ? 2 : 0, counts.slice(1, -1), false);
  return outside
    ? [
      ...inside,
      ...counts[0]! > 0 ? corners("below", 0, counts.slice(0, 1), true) : [],
      ...counts.at(-1)! > 0 ? corners("above", bins + 3, counts.slice(-1), true) : [],
    ]
    : inside;
}

/** `0.4 to 0.6`: the bins in which the quartiles lie. */
function middleHalf(counts: readonly number[], from: number, to: number): string {
  const bins = counts.length - 2;
  const all = counts.reduce((sum, count) => sum + count, 0);
  const binOf = (share: number) => {
    let passed = 0;
    return counts.findIndex((count) => (passed += count) >= share * all);
  };
  const edge = (n: number) => formatNumber(from + (to - from) * n / bins);
  const [low, high] = [binOf(0.25), binOf(0.75)];
  return [
    low === 0 ? `below ${edge(0)}` : low > bins ? `above ${edge(bins)}` : edge(low - 1),
    high === 0 ? `below ${edge(0)}` : high > bins ? `above ${edge(bins)}` : edge(high),
  ].join(" to ");
}
