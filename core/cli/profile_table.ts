/** The dispatches of one training step with their times, for people. */
import type { StepTime } from "../device/device.ts";
import { table } from "./table.ts";

/** One row per dispatch in the order of running, then the sum. */
export function profileTable(times: readonly StepTime[], width: number): string[] {
  const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const row = (milliseconds: number, name: string, kernel: string) => [
    milliseconds.toFixed(3).padStart(9),
    `${(100 * milliseconds / (total || 1)).toFixed(1)} %`.padStart(7),
    name,
    kernel,
  ];
  return table(
    [
      ["       ms", "  share", "dispatch", "kernel"],
      ...times.map(({ label, kernel, milliseconds }) => row(milliseconds, label, kernel)),
      row(total, "all", count(times.length)),
    ],
    width,
  );
}

function count(dispatches: number): string {
  return `${dispatches} dispatches`;
}
