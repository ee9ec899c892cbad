/** Prints a run as it goes: the plan, a live line or plain lines, a line for each finished cell. */
import { isTrained } from "../experiment/arms/arm.ts";
import { isSeeded, type TimingCell, type TransferCell } from "../experiment/arms/seeded.ts";
import { timingRatios } from "../experiment/measures/timings.ts";
import {
  count,
  formatBytes,
  formatNumber,
  formatSeconds,
  formatValue,
} from "../experiment/records/format.ts";
import type { Cell } from "../experiment/plan.ts";
import type { CellRecord, EvaluationRecord, LookRecord } from "../experiment/records/record.ts";
import type {
  ComparedReport,
  PlanReport,
  ProgressReport,
  Reporter,
  TimedReport,
} from "../experiment/reporter.ts";
import { profileTable } from "./profile_table.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";

/** Seconds between two progress lines where there is no terminal. */
const PLAIN_SECONDS = 10;

/** See the top of this file. */
export function runPrinter(screen: Screen, title: string): Reporter {
  let plan: PlanReport | undefined;
  let nextLine = 0;
  let index = 0;
  const profiledArms = new Set<string>();
  const nameWidth = () => Math.max(...plan!.cells.map(({ id }) => id.length));
  const name = ({ id }: Cell) => id.padEnd(nameWidth());
  const place = () => `${index + 1}/${plan!.cells.length}`;
  const tell = (
    report: ProgressReport | ComparedReport | TimedReport,
    text: (left: string, width: number) => string,
  ) => {
    const start = `  ${name(report.cell)}  ${place()}  `;
    const width = screen.terminal ? screen.columns - 1 - start.length : Infinity;
    const line = start + text(leftText(report, plan!, index), width);
    screen.live(line);
    if (screen.terminal || performance.now() < nextLine) return;
    nextLine = performance.now() + PLAIN_SECONDS * 1000;
    screen.print(line);
  };

  return {
    planned(report) {
      plan = report;
      screen.live("");
      screen.print(title, ...table(planRows(report), screen.columns));
      if (report.seconds.size > 0) screen.print("");
    },
    cellStarted(cell, i, fromStep) {
      index = i;
      nextLine = performance.now() + PLAIN_SECONDS * 1000;
      screen.live(`  ${name(cell)}  ${place()}`);
      if (fromStep > 0) screen.print(`  ${name(cell)}  goes on from step ${fromStep}`);
    },
    progress(report) {
      tell(report, (left, width) => progressText(report, left, width));
    },
    compared(report) {
      tell(report, (left, width) => comparedText(report, left, width));
    },
    timed(report) {
      tell(report, (left) => `round ${report.round} of ${report.of}  ${left}`);
    },
    evaluated(cell, evaluation) {
      if (screen.terminal) return;
      const { step, set } = evaluation;
      screen.print(`  ${name(cell)}  step ${step}  ${set} ${evaluationText(evaluation)}`);
    },
    looked(cell, look) {
      if (!screen.terminal) screen.print(`  ${name(cell)}  step ${look.step}  ${lookText(look)}`);
    },
    profiled(cell, times) {
      if (profiledArms.has(cell.arm)) return;
      profiledArms.add(cell.arm);
      screen.print(`One step of ${cell.arm}:`, ...profileTable(times, screen.columns), "");
    },
    reading(cell, number, of) {
      screen.live(`  ${name(cell)}  ${place()}  reading ${number} of ${of}`);
    },
    cellEnded(cell, record) {
      screen.live("");
      if (cell.config.kind === "computation") return;
      const text = isTrained(cell.config)
        ? endText(record, screen.terminal)
        : cell.config.kind === "timing"
        ? timedEndText(cell.config, record)
        : cell.config.kind === "transfer"
        ? transferEndText(cell.config, record)
        : comparedEndText(record);
      screen.print(`  ${name(cell)}  ${text}`);
    },
  };
}

function planRows(plan: PlanReport): string[][] {
  const { cells, finished, steps, device, deviceNote, data, folder } = plan;
  const seconds = [...plan.seconds.values()].reduce((sum, own) => sum + own, 0);
  const of = cells.length > finished ? "" : "; all are finished";
  return [
    ["preset", plan.preset],
    [
      "cells",
      `${describeCells(cells)}${finished > 0 && of === "" ? `; ${finished} finished` : of}`,
    ],
    ...(steps > 0 ? [["steps", steps.toLocaleString("en")]] : []),
    ["device", `${device.kind}: ${device.name}; ${deviceNote}`],
    ...data.map((text) => ["data", text]),
    ...(seconds > 0 ? [["time", formatSeconds(seconds, "about ")]] : []),
    ...(finished < cells.length ? [["disk", `about ${formatBytes(plan.diskBytes)}`]] : []),
    ["folder", folder],
  ];
}

/** `6: reference, dense with seeds 0 to 2, and 2 that only choose what is compared`. */
function describeCells(cells: readonly Cell[]): string {
  const main = cells.filter(({ tuning }) => !tuning);
  const arms = [...new Set(main.map(({ arm }) => arm))];
  const seeds = [
    ...new Set(main.filter(({ config }) => isSeeded(config)).map(({ seed }) => seed)),
  ];
  const points = new Set(main.map(({ point }) => JSON.stringify(point))).size;
  const which = arms.length > 6 ? count(arms.length, "arm") : arms.join(", ");
  return `${cells.length}: ${which}` +
    (seeds.length > 0 ? ` with ${describeSeeds(seeds)}` : "") +
    (points > 1 ? ` at ${points} points` : "") +
    (main.length < cells.length
      ? `, and ${cells.length - main.length} that only choose what is compared`
      : "");
}

function describeSeeds(seeds: readonly number[]): string {
  if (seeds.length === 1) return `seed ${seeds[0]}`;
  const dense = seeds.every((seed, i) => seed === seeds[0]! + i);
  return `seeds ${dense ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(", ")}`;
}

/** `20 s left`, for this cell and all later ones. */
function leftText(
  { secondsLeft }: Pick<ProgressReport, "secondsLeft">,
  plan: PlanReport,
  index: number,
): string {
  const later = plan.cells.slice(index + 1).map(({ id }) => plan.seconds.get(id) ?? 0);
  return `${formatSeconds(later.reduce((sum, seconds) => sum + seconds, secondsLeft))} left`;
}

function speedText({ imagesPerSecond }: Pick<ProgressReport, "imagesPerSecond">): string {
  return `${Math.round(imagesPerSecond).toLocaleString("en")} images/s`;
}

/** What of it fits: the step is left out first, then the speed. */
function progressText(report: ProgressReport, left: string, width: number): string {
  const { cell, step, epoch, losses, found } = report;
  const accuracy = found.evaluations.at(-1)?.accuracy ?? undefined;
  const look = found.looks?.at(-1);
  const steps = `step ${step}/${cell.steps}`;
  const speed = speedText(report);
  const parts = [
    steps,
    `epoch ${epoch.toFixed(1)}`,
    ...Object.entries(losses).map(([name, loss]) =>
      `${name === "train" ? "loss" : name} ${loss.toFixed(3)}`
    ),
    ...(accuracy === undefined ? [] : [`accuracy ${formatNumber(accuracy, "share")}`]),
    ...(look?.yardstick ? [distanceText(look)] : []),
    speed,
    left,
  ];
  return fitting(parts, [steps, speed], width);
}

/** What of it fits: the speed is left out first. */
function comparedText(report: ComparedReport, left: string, width: number): string {
  const { images, of, correct } = report;
  const speed = speedText(report);
  const parts = [
    `${images.toLocaleString("en")} of ${count(of, "image")}`,
    `${formatNumber(correct / images, "share")} correct`,
    speed,
    left,
  ];
  return fitting(parts, [speed], width);
}

/** The parts without so many of `dropped` that they fit. */
function fitting(parts: readonly string[], dropped: readonly string[], width: number): string {
  const texts = [0, ...dropped.keys().map((i) => i + 1)].map((n) =>
    parts.filter((part) => !dropped.slice(0, n).includes(part)).join("  ")
  );
  return texts.find((text) => text.length <= width) ?? texts.at(-1)!;
}

function evaluationText({ accuracy, loss }: EvaluationRecord): string {
  return `accuracy ${accuracy === null ? "-" : formatNumber(accuracy, "share")}, ` +
    `loss ${loss === null ? "-" : loss.toFixed(3)}`;
}

/** `Frechet distance 131, 9 classes, discriminator right on 88.1 %`. */
function lookText(look: LookRecord): string {
  return [
    ...look.yardstick
      ? [distanceText(look), count(look.yardstick.covered, "class", "classes")]
      : [],
    `discriminator right on ${formatNumber(look.discriminator.accuracy, "share")}`,
  ].join(", ");
}

function distanceText({ yardstick }: LookRecord): string {
  const distance = yardstick?.frechetDistance ?? undefined;
  return `Frechet distance ${distance === undefined ? "-" : formatNumber(distance)}`;
}

function comparedEndText({ status, progress, measures }: CellRecord): string {
  if (status === "running") return "stopped; it will start anew";
  const [correct, images] = ["correct", "images"].map((name) => Number(measures[name]));
  return `${correct!.toLocaleString("en")} of ${count(images!, "image")} correct in ` +
    formatSeconds(progress.seconds);
}

/** `30 rounds in 8 s; step of normalised over plain 1.32`. */
function timedEndText(
  { timed, rounds }: TimingCell,
  { status, progress, measures }: CellRecord,
): string {
  if (status === "running") return "stopped; it will start anew";
  const ratios = timingRatios(timed.map(({ arm }) => arm))
    .map((name) => `${name} ${formatValue(measures[name] ?? NaN)}`);
  return `${count(rounds, "round")} in ${formatSeconds(progress.seconds)}; ${ratios.join(", ")}`;
}

/** `1,000 images of 2 sources shown to 6 targets in 40 s`. */
function transferEndText(
  { sources, targets, images }: TransferCell,
  { status, reason, progress }: CellRecord,
): string {
  if (status === "running") return "stopped; it will go on with the nets that it has";
  if (status === "diverged") return `diverged: ${reason}`;
  return `${count(images, "image")} of ${count(sources.length, "source")} shown to ` +
    `${count(targets.length, "target")} in ${formatSeconds(progress.seconds)}`;
}

/** With the last evaluation only where it was not printed when it was taken. */
function endText({ status, reason, steps, progress }: CellRecord, evaluation: boolean): string {
  if (status === "running") return `stopped at step ${progress.step} of ${steps}`;
  if (status === "diverged") return `diverged: ${reason}`;
  const test = progress.evaluations.findLast(({ set }) => set === "test");
  const look = progress.looks?.at(-1);
  return `${count(progress.step, "step")} in ${formatSeconds(progress.seconds)}` +
    (evaluation && test ? `; test ${evaluationText(test)}` : "") +
    (evaluation && look ? `; ${lookText(look)}` : "");
}
