/** Axes in the units in which the project writes its numbers. */
import type { Unit } from "../../core/experiment/format.ts";

/** A vertical axis: shares in per cent, other numbers with thousands as k. */
export function valueAxis(field: string, title: string, unit: Unit) {
  return {
    field,
    type: "quantitative",
    title,
    scale: { zero: false },
    axis: { tickCount: 5, labelExpr: labels(unit) },
  };
}

/** The expression that writes the label of a tick. */
export function labels(unit: Unit): string {
  return unit === "share" ? "format(100 * datum.value, '~g') + ' %'" : "format(datum.value, '~s')";
}
