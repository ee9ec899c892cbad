/** What a training step takes in each of the arms that a timing compares. */
import { percentile, summarize } from "../../core/experiment/claims/statistics.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { timingRatios } from "../../core/experiment/measures/timings.ts";
import { formatNumber, formatSummary, machineName } from "../../core/experiment/records/format.ts";
import { makingsOf } from "../../core/experiment/records/making.ts";
import { chart } from "../chart.ts";
import { html } from "../html.ts";
import { distinct } from "../made.ts";
import { cellsOf, leftOut, type Reported, seriesOf } from "../reported.ts";
import { table } from "../table.ts";
import type { Drawn } from "./drawn.ts";
import { brokenNames, labels } from "./encoding.ts";
import { numbersOf } from "./measures.ts";

/** Of a row, and of what stands around all of them, in pixels. */
const ROW = 44;
const FRAME = 56;

/** Letters in a line of a row's label. */
const LONGEST = 12;

/** Draws it from the times in the records: all rounds of all seeds. */
export async function stepTimes(
  run: Reported,
  { title = "Time of a training step", arm: timing }: FigureOf<"step times">,
): Promise<Drawn> {
  const cells = cellsOf(run, timing);
  const notes = leftOut(run, [timing]);
  const arms = Object.keys(cells[0]?.progress.timings ?? {});
  const times = arms.map((arm) => {
    const rounds = cells.flatMap(({ progress: { timings = {} } }) =>
      Object.hasOwn(timings, arm) ? timings[arm]! : []
    );
    const [low, lower, median, upper, high] = [0.05, 0.25, 0.5, 0.75, 0.95]
      .map((share) => percentile(rounds, share));
    return { arm, rounds, low, lower, median, upper, high };
  });
  if (times.length === 0 || times.some(({ rounds }) => rounds.length === 0)) {
    return { title, content: undefined, caption: "", notes };
  }
  const first = arms[0]!;
  const ratios = [
    "",
    ...timingRatios(arms).map((name) => {
      const numbers = numbersOf(run, timing, name);
      return numbers.length === 0 ? "" : formatSummary(summarize(numbers));
    }),
  ];
  const rows = times.map(({ arm, lower, median, upper }, i) => [
    arm,
    ...[median, lower, upper].map((time) => formatNumber(time!)),
    ratios[i]!,
  ]);
  const { colour } = seriesOf(run, timing);
  const draw = () => ({
    height: FRAME + ROW * arms.length,
    data: { values: times.map(({ rounds: _, ...time }, row) => ({ row, ...time })) },
    encoding: {
      y: {
        ...{ field: "row", type: "ordinal", title: null },
        axis: { domain: false, labelLimit: 0, labelExpr: brokenNames(arms, LONGEST) },
      },
      x: {
        ...{ field: "median", type: "quantitative", title: "milliseconds a step" },
        scale: { zero: true, nice: false },
        axis: { grid: true, tickCount: 6, labelExpr: labels("plain") },
      },
    },
    layer: [
      {
        mark: { type: "rule", color: colour, strokeWidth: 2 },
        encoding: { x: { field: "low" }, x2: { field: "high" } },
      },
      {
        mark: { type: "bar", color: colour, height: 12 },
        encoding: { x: { field: "lower" }, x2: { field: "upper" } },
      },
      { mark: { type: "tick", color: "var(--ink)", thickness: 3, height: 24 } },
    ],
  });
  const said = times.map(({ arm, median }, i) =>
    `${arm} ${formatNumber(median!)} ms${ratios[i] === "" ? "" : `, ${ratios[i]} times ${first}`}`
  );
  const machines = distinct(cells.flatMap(makingsOf), ({ device }) => machineName(device));
  return {
    title,
    content: html`
      ${await chart(`${title}. ${said.join("; ")}.`, draw)} ${table({
        label: "Milliseconds a step",
        head: ["Arm", "Median, ms", "First quartile", "Third quartile", `Over ${first}`],
        groups: rows.map((row) => [row]),
        narrow: "scroll",
      })}
    `,
    caption: `On ${machines.join(" and ")}; another machine has other times. Over all rounds of ` +
      `n = ${cells.length} seeds: marks are medians, bars the middle half, lines the middle 90 %. ` +
      "Ratios are taken within each round; their medians with the 95 % interval over the seeds.",
    notes,
  };
}
