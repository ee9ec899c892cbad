/** What inspections found in each layer, from the first to the last. */
import { geometricMean, summarize } from "../../core/experiment/claims/statistics.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import type { Unit } from "../../core/experiment/records/format.ts";
import type { InspectionRecord } from "../../core/experiment/records/record.ts";
import { leftOut, type Reported, seriesOf } from "../reported.ts";
import { BAND, bandChart, type Line } from "./band_chart.ts";
import type { Drawn } from "./drawn.ts";
import { spansDecades } from "./encoding.ts";
import { inspectionsOf, withoutInspections } from "./inspections.ts";

/** How one kind of numbers is drawn. */
interface Kind {
  readonly title: string;
  /** Short, since it stands above the axis of a phone's width. */
  readonly y: string;
  /** What the numbers are. */
  readonly caption: string;
  /** Which layers have one. */
  readonly of: "layers" | "trained";
  readonly numbers: (look: InspectionRecord) => readonly (number | null)[];
  readonly unit?: Unit;
  /** Whether they are compared by their ratios, so that means are geometric. */
  readonly ratios?: boolean;
}

const KINDS: Readonly<Record<FigureOf<"by depth">["what"], Kind>> = {
  gradients: {
    title: "Gradients by depth",
    y: "gradient norm",
    caption: "The norm of the loss's gradient over all parameters of a layer.",
    of: "trained",
    numbers: ({ gradients }) => gradients,
    ratios: true,
  },
  updates: {
    title: "Updates by depth",
    y: "relative update",
    caption: "How far one training step moves the parameters of a layer, in parts of their norm.",
    of: "trained",
    numbers: ({ updates }) => updates,
    ratios: true,
  },
  drift: {
    title: "Drift by depth",
    y: "drift",
    caption:
      "How far one training step moves the mean of a layer's outputs on the same images, over " +
      "their standard deviation, both over all channels.",
    of: "layers",
    numbers: ({ drift }) => drift,
  },
  variance: {
    title: "Variance by depth",
    y: "output variance",
    caption: "Over all outputs of a layer.",
    of: "layers",
    numbers: ({ variance }) => variance,
  },
  mean: {
    title: "Mean by depth",
    y: "output mean",
    caption: "Over all outputs of a layer.",
    of: "layers",
    numbers: ({ mean }) => mean,
  },
  dead: {
    title: "Dead channels by depth",
    y: "dead channels",
    caption: "Channels of a layer that are 0 for every image.",
    of: "layers",
    numbers: ({ dead }) => dead,
    unit: "share",
  },
};

/** Draws it from the inspections in the records. */
export async function byDepth(
  run: Reported,
  { title, arms, what, layers }: FigureOf<"by depth">,
): Promise<Drawn> {
  const kind = KINDS[what];
  const { caption, y, unit = "plain", ratios = false } = kind;
  const heading = title ?? kind.title;
  const names = merged(
    arms.flatMap((arm) => inspectionsOf(run, arm).map((found) => found[kind.of])),
  ).filter((name) => layers?.includes(kindOf(name)) ?? true);
  const zeros: string[] = [];
  const lines = arms.map((arm): Line => {
    const places = placesOf(run, arm, kind, names);
    // A gradient of nothing has no place on an axis of ratios.
    const [shown, without] = ratios
      ? [places.filter(isPositive), places.filter((place) => !isPositive(place))]
      : [places, []];
    zeros.push(...without.map(({ x }) => `${names[x]} of ${arm}`));
    return { name: arm, series: seriesOf(run, arm), places: shown };
  }).filter(({ places }) => places.length > 0);
  const values = lines.flatMap(({ places }) => places.flatMap(({ values }) => values));
  const kinds = new Set(names.map(kindOf));
  const [only] = kinds.size === 1 ? kinds : [];
  return {
    title: heading,
    content: lines.length === 0 ? undefined : await bandChart(lines, {
      label: heading,
      x: `${only === undefined ? "" : `${only} `}layers, first to last`,
      ...{ y, unit },
      names: only === undefined ? names : names.map((name) => name.slice(only.length)),
      logarithmic: ratios || unit === "plain" && spansDecades(values),
      ...(ratios && { mean: geometricMean }),
    }),
    caption: `${caption} ${ratios ? "Geometric means" : "Means"} over all looks. ${BAND}`,
    notes: [
      ...leftOut(run, arms),
      ...withoutInspections(run, arms),
      ...(zeros.length > 0 ? [`0 in some look, so left out: ${zeros.join(", ")}.`] : []),
    ],
  };
}

/** One number a seed for each of the named layers that an arm has, the mean over its looks. */
function placesOf(
  run: Reported,
  arm: string,
  { of, numbers, ratios }: Kind,
  names: readonly string[],
): Line["places"] {
  const found = inspectionsOf(run, arm);
  return names.flatMap((name, x) => {
    const values = found.flatMap((cell) => {
      const index = cell[of].indexOf(name);
      const overLooks = cell.looks.flatMap((look) => numbers(look)[index] ?? []);
      if (overLooks.length === 0) return [];
      return ratios ? geometricMean(overLooks) : summarize(overLooks).mean;
    });
    return values.length > 0 && values.length === found.length ? [{ x, values }] : [];
  });
}

function isPositive({ values }: Line["places"][number]): boolean {
  return values.every((value) => value > 0);
}

/** `conv2d` of `conv2d12`. */
function kindOf(layer: string): string {
  return layer.replace(/\d+$/, "");
}

/**
 * One list in the order of all: what one net lacks stands behind what it follows in the others, so
 * that nets with and without a layer share an axis.
 */
function merged(lists: readonly (readonly string[])[]): string[] {
  const all: string[] = [];
  for (const list of lists) {
    let at = 0;
    for (const name of list) {
      const found = all.indexOf(name);
      if (found >= 0) at = found + 1;
      else all.splice(at++, 0, name);
    }
  }
  return all;
}
