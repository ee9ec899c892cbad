/** Prints a run as it goes: the plan, a live line or plain lines, a line for each finished cell. */
import { count, formatBytes, formatNumber, formatSeconds } from "../experiment/format.ts";
import type { Cell } from "../experiment/plan.ts";
import type { CellRecord, EvaluationRecord } from "../experiment/record.ts";
import type { PlanReport, ProgressReport, Reporter } from "../experiment/reporter.ts";
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
      const start = `  ${name(report.cell)}  ${place()}  `;
      const width = screen.terminal ? screen.columns - 1 - start.length : Infinity;
      const line = start + progressText(report, plan!, index, width);
      screen.live(line);
      if (screen.terminal || performance.now() < nextLine) return;
      nextLine = performance.now() + PLAIN_SECONDS * 1000;
      screen.print(line);
    },
    evaluated(cell, evaluation) {
      if (screen.terminal) return;
      const { step, set } = evaluation;
      screen.print(`  ${name(cell)}  step ${step}  ${set} ${evaluationText(evaluation)}`);
    },
    profiled(cell, times) {
      if (profiledArms.has(cell.arm)) return;
      profiledArms.add(cell.arm);
      screen.print(`One step of ${cell.arm}:`, ...profileTable(times, screen.columns), "");
    },
    cellEnded(cell, record) {
      screen.live("");
      if (cell.config.kind === "supervised") {
        screen.print(`  ${name(cell)}  ${endText(record, screen.terminal)}`);
      }
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

/** `6: reference, dense with seeds 0 to 2; 2 more to choose opponents`. */
function describeCells(cells: readonly Cell[]): string {
  const main = cells.filter(({ tuning }) => !tuning);
  const arms = [...new Set(main.map(({ arm }) => arm))];
  const seeds = [...new Set(main.map(({ seed }) => seed))];
  const points = new Set(main.map(({ point }) => JSON.stringify(point))).size;
  const which = arms.length > 6 ? count(arms.length, "arm") : arms.join(", ");
  const trained = main.some(({ config }) => config.kind === "supervised");
  return `${cells.length}: ${which}` +
    (trained ? ` with ${describeSeeds(seeds)}` : "") +
    (points > 1 ? ` at ${points} points` : "") +
    (main.length < cells.length
      ? `, and ${cells.length - main.length} that only choose an opponent`
      : "");
}

function describeSeeds(seeds: readonly number[]): string {
  if (seeds.length === 1) return `seed ${seeds[0]}`;
  const dense = seeds.every((seed, i) => seed === seeds[0]! + i);
  return `seeds ${dense ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(", ")}`;
}

/** What of it fits: the step is left out first, then the speed. */
function progressText(
  report: ProgressReport,
  plan: PlanReport,
  index: number,
  width: number,
): string {
  const { cell, step, epoch, loss, accuracy, imagesPerSecond } = report;
  const later = plan.cells.slice(index + 1).map(({ id }) => plan.seconds.get(id) ?? 0);
  const left = later.reduce((sum, seconds) => sum + seconds, report.secondsLeft);
  const steps = `step ${step}/${cell.steps}`;
  const speed = `${Math.round(imagesPerSecond).toLocaleString("en")} images/s`;
  const parts = [
    steps,
    `epoch ${epoch.toFixed(1)}`,
    `loss ${loss.toFixed(3)}`,
    ...(accuracy === undefined ? [] : [`accuracy ${formatNumber(accuracy, "share")}`]),
    speed,
    `${formatSeconds(left)} left`,
  ];
  const without = (...dropped: string[]) =>
    parts.filter((part) => !dropped.includes(part)).join("  ");
  const texts = [without(), without(steps), without(steps, speed)];
  return texts.find((text) => text.length <= width) ?? texts.at(-1)!;
}

function evaluationText({ accuracy, loss }: EvaluationRecord): string {
  return `accuracy ${accuracy === null ? "-" : formatNumber(accuracy, "share")}, ` +
    `loss ${loss === null ? "-" : loss.toFixed(3)}`;
}

/** With the last evaluation only where it was not printed when it was taken. */
function endText({ status, reason, steps, progress }: CellRecord, evaluation: boolean): string {
  if (status === "running") return `stopped at step ${progress.step} of ${steps}`;
  if (status === "diverged") return `diverged: ${reason}`;
  const test = progress.evaluations.findLast(({ set }) => set === "test");
  return `${count(steps, "step")} in ${formatSeconds(progress.seconds)}` +
    (evaluation && test ? `; test ${evaluationText(test)}` : "");
}
