/** How the training of pairs went, by the real images that they had seen. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import type { Unit } from "../../core/experiment/records/format.ts";
import { recordedPair } from "../../core/experiment/samples/generated_samples.ts";
import type { CellRecord, LookRecord } from "../../core/experiment/records/record.ts";
import { summarize } from "../../core/experiment/claims/statistics.ts";
import { cellsOf, leftOut, lossesOf, otherSeries, type Reported, seriesOf } from "../reported.ts";
import type { Series } from "../theme.ts";
import { BAND, bandChart, type Level, type Line, type Point, sharedPlaces } from "./band_chart.ts";
import type { Drawn } from "./drawn.ts";

/** A number at a step of a cell. */
interface AtStep extends Pick<Point, "value"> {
  readonly step: number;
}

/** How one kind of numbers is drawn. */
interface Look {
  readonly title: string;
  readonly y: string;
  /** What else is to be known of the numbers. */
  readonly caption: string;
  readonly unit?: Unit;
  readonly logarithmic?: boolean;
  /** Of a look; left out for losses. */
  readonly of?: (look: LookRecord) => Point["value"];
  /** What it is to be held against, from all cells that are shown. */
  readonly levels: (cells: readonly CellRecord[]) => readonly Level[];
}

const LOOKS: Readonly<Record<FigureOf<"over time">["what"], Look>> = {
  "frechet distance": {
    title: "Frechet distance to real images",
    y: "Frechet distance",
    caption: "In the features of the yardstick, a classifier.",
    logarithmic: true,
    of: ({ yardstick }) => yardstick?.frechetDistance,
    levels: (cells) => {
      const ranges = cells.flatMap(({ progress: { range } }) => range ?? []);
      if (ranges.length === 0) return [];
      const mean = (of: "real" | "noise") => summarize(ranges.map((range) => range[of])).mean;
      return [
        { name: "noise against real images", value: mean("noise") },
        { name: "real images against others", value: mean("real") },
      ];
    },
  },
  "discriminator accuracy": {
    title: "How often the discriminator is right",
    y: "discriminator's accuracy",
    caption: "Right on held-out real images and as many generated ones.",
    unit: "share",
    of: ({ discriminator }) => discriminator.accuracy,
    levels: () => [{ name: "guessing", value: 0.5 }],
  },
  "class entropy": {
    title: "How many kinds of images are generated",
    y: "class entropy, nats",
    caption: "Entropy of the shares of the classes that the yardstick takes generated images for.",
    of: ({ yardstick }) => yardstick?.entropy,
    levels: (cells) => {
      const classes = cells.flatMap(({ progress: { looks = [] } }) =>
        looks.flatMap(({ yardstick }) => yardstick?.shares.length ?? [])
      );
      if (classes.length === 0) return [];
      return [{ name: "all classes alike", value: Math.log(Math.max(...classes)) }];
    },
  },
  losses: {
    title: "Training losses",
    y: "binary cross-entropy, nats",
    caption: "Means of 100 steps.",
    levels: () => [{ name: "guessing", value: Math.log(2) }],
  },
};

/**
 * Draws it from the looks in the records, losses from the metrics or what is locked of them.
 *
 * @throws {DeclarationError} when losses are damaged, or a record is none of a pair.
 */
export async function overTime(
  run: Reported,
  { title, arms, what }: FigureOf<"over time">,
): Promise<Drawn> {
  const { title: usual, y, caption: about, unit = "plain", logarithmic = false, of, levels } =
    LOOKS[what];
  const heading = title ?? usual;
  const lines = of
    ? arms.map((arm) =>
      line(
        arm,
        seriesOf(run, arm),
        cellsOf(run, arm),
        (cell) => (cell.progress.looks ?? []).map((look) => ({ step: look.step, value: of(look) })),
      )
    )
    : await lossLines(run, arms);
  const drawn = lines.filter(({ places }) => places.length > 0);
  return {
    title: heading,
    content: drawn.length === 0 ? undefined : await bandChart(drawn, {
      ...{ label: heading, x: "real images seen", y, unit, logarithmic },
      levels: levels(arms.flatMap((arm) => cellsOf(run, arm))),
    }),
    caption: `${about} ${BAND}`,
    notes: leftOut(run, arms),
  };
}

/** A line for each net; their looks are none of an arm's, which would say something else. */
async function lossLines(run: Reported, arms: readonly string[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const arm of arms) {
    const cells = cellsOf(run, arm);
    const losses = await lossesOf(run, cells);
    for (const net of ["discriminator", "generator"]) {
      const name = arms.length === 1 ? net : `${net} of ${arm}`;
      const points = ({ id }: CellRecord) =>
        losses.filter(({ cell, set }) => cell === id && set === net)
          .map(({ step, loss }) => ({ step, value: loss }));
      lines.push(line(name, otherSeries(run, lines.length), cells, points));
    }
  }
  return lines;
}

/** Where every cell has a number. */
function line(
  name: string,
  series: Series,
  cells: readonly CellRecord[],
  numbersOf: (cell: CellRecord) => readonly AtStep[],
): Line {
  const places = sharedPlaces(cells, (cell) => {
    const { batch } = recordedPair(cell);
    return numbersOf(cell).map(({ step, value }) => ({ x: step * batch, value }));
  });
  return { name, series, places };
}
