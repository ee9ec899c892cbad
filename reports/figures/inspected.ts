/** What inspections found, by training step. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import {
  gradientChange,
  inputDrift,
  type Inspections,
  lossRange,
} from "../../core/experiment/measures/look_numbers.ts";
import type { InspectionRecord } from "../../core/experiment/records/record.ts";
import { leftOut, type Reported, seriesOf } from "../reported.ts";
import { BAND, bandChart, sharedPlaces } from "./band_chart.ts";
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
  readonly number: (look: InspectionRecord, cell: Inspections) => number | null;
}

const KINDS: Readonly<Record<FigureOf<"inspected">["what"], Kind>> = {
  drift: {
    title: "Drift of what layers are given",
    y: "drift",
    caption:
      "How far one training step moves the mean of what a layer with weights is given, on the " +
      "same images, over its standard deviation, both over all channels: the mean over all such " +
      "layers but the first.",
    number: inputDrift,
  },
  "gradient change": {
    title: "How much the gradient changes along itself",
    y: "relative change",
    caption:
      "How far the gradient at points along itself is from where it was taken: the largest distance, " +
      "in parts of its norm.",
    number: gradientChange,
  },
  "loss range": {
    title: "How much the loss varies along the gradient",
    y: "loss range, nats",
    caption: "The largest minus the smallest loss of a batch at points along its gradient.",
    number: lossRange,
  },
  loss: {
    title: "Loss of the inspected batches",
    y: "loss, nats",
    caption: "Of the batch that the next step sees.",
    number: ({ loss }) => loss,
  },
};

/** Draws it from the inspections in the records. */
export async function inspected(
  run: Reported,
  { title, arms, what }: FigureOf<"inspected">,
): Promise<Drawn> {
  const { title: usual, y, caption, number } = KINDS[what];
  const heading = title ?? usual;
  const lines = arms.map((arm) => ({
    name: arm,
    series: seriesOf(run, arm),
    places: sharedPlaces(
      inspectionsOf(run, arm),
      (cell) => cell.looks.map((look) => ({ x: look.step, value: number(look, cell) })),
    ),
  })).filter(({ places }) => places.length > 0);
  const values = lines.flatMap(({ places }) => places.flatMap(({ values }) => values));
  return {
    title: heading,
    content: lines.length === 0 ? undefined : await bandChart(lines, {
      ...{ label: heading, x: "training steps", y, unit: "plain" },
      logarithmic: spansDecades(values),
    }),
    caption: `${caption} ${BAND}`,
    notes: [...leftOut(run, arms), ...withoutInspections(run, arms)],
  };
}
