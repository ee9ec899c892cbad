/** A sweep as a grid, for people: its values against the mean of one measure, arm by arm. */
import type { Experiment } from "../define.ts";
import { isAcross, madeFrom } from "../measures/across.ts";
import { summarize } from "../claims/statistics.ts";
import { pointsOf, pointText, type Sweep, valueText } from "../sweep.ts";
import { NONE } from "./arm_summaries.ts";
import { formatNumber, type Unit, unitIn } from "./format.ts";
import { PlacedCells } from "./placed_cells.ts";
import type { CellRecord } from "./record.ts";

/** One sweep of a run. */
export interface SweepSummary {
  /** `rates: validation accuracy by optimiser.learningRate`. */
  readonly title: string;
  /** Values of the field that changes first. */
  readonly columns: readonly string[];
  readonly rows: readonly {
    /** The arm, and the values of the other fields. */
    readonly title: string;
    readonly values: readonly string[];
  }[];
}

/** The sweeps of which there are cells. */
export function summarizeSweeps(
  experiment: Pick<Experiment, "measures" | "sweeps">,
  records: readonly CellRecord[],
): SweepSummary[] {
  const { measures, sweeps } = experiment;
  const cells = new PlacedCells(records);
  return Object.entries(sweeps).flatMap(([name, sweep]): SweepSummary[] => {
    const measure = measureShown(experiment, name, sweep, records);
    if (measure === undefined) return [];
    const paths = Object.keys(sweep.over);
    const last = paths.at(-1)!;
    const { [last]: columns, ...others } = sweep.over;
    const unit = unitIn(measures, measure);
    const rows = sweep.arms.flatMap((arm) => {
      const seeds = seedsOf(arm, sweep, records);
      if (seeds.length === 0) return [];
      return pointsOf(others).map((rest) => ({
        title: [arm, pointText(rest)].filter((text) => text !== "").join(", "),
        values: columns!.map((value) => {
          const point = { ...rest, [last]: value };
          return described(
            seeds.flatMap((seed) => cells.at(arm, seed, point) ?? []),
            measure,
            unit,
          );
        }),
      }));
    });
    const title = `${name}: ${measure} by ${paths.toReversed().join(" and ")}`;
    return rows.length === 0 ? [] : [{ title, columns: columns!.map(valueText), rows }];
  });
}

/** What the measures across the sweep are made from; without one, the first that its cells have. */
function measureShown(
  { measures }: Pick<Experiment, "measures">,
  name: string,
  { arms }: Sweep,
  records: readonly CellRecord[],
): string | undefined {
  const across = Object.values(measures).filter(isAcross)
    .find((measure) => measure.measure !== "gain" && measure.sweep === name);
  if (across) return madeFrom(across);
  return Object.keys(measures).find((measure) =>
    records.some((record) => arms.includes(record.arm) && Object.hasOwn(record.measures, measure))
  );
}

/** Those with which an arm was run at points of the sweep, the seeds that tune left out. */
function seedsOf(arm: string, { over }: Sweep, records: readonly CellRecord[]): number[] {
  const own = records.filter((record) =>
    record.arm === arm && !record.tuning &&
    Object.keys(record.point).length > 0 && Object.keys(record.point).every((path) => path in over)
  );
  return [...new Set(own.map(({ seed }) => seed))];
}

/** `57.1 %`, `57.1 % (1 of 5 diverged)`, `diverged`. */
function described(cells: readonly CellRecord[], measure: string, unit: Unit): string {
  const diverged = cells.filter(({ status }) => status === "diverged").length;
  const numbers = cells.map(({ measures }) => measures[measure])
    .filter((value) => typeof value === "number");
  if (numbers.length === 0) return diverged > 0 ? "diverged" : NONE;
  const text = formatNumber(summarize(numbers).mean, unit);
  return diverged > 0 ? `${text} (${diverged} of ${cells.length} diverged)` : text;
}
