/** What the arms of a run, or of a lock, came to: its cells pooled, and the measures across cells. */
import type { Experiment } from "../define.ts";
import { isAcross } from "../measures/across.ts";
import { takeAcross } from "../measures/take_across.ts";
import { isMain } from "../records/main_cells.ts";
import { PlacedCells } from "../records/placed_cells.ts";
import type { CellRecord } from "../records/record.ts";
import { type ArmResult, pool } from "./pool.ts";

/** A result with the measures that were taken across cells, and the cells that these rest on. */
export interface Result extends ArmResult {
  readonly restsOn: Readonly<Record<string, readonly CellRecord[]>>;
}

/**
 * The results that cells give. The measures across cells stand with the main cell of each arm and
 * seed that is done, be it that this one diverged.
 */
export function resultsFrom(
  { measures, sweeps }: Pick<Experiment, "measures" | "sweeps">,
  records: readonly CellRecord[],
): Result[] {
  const cells = new PlacedCells(records);
  const across = Object.entries(measures).flatMap(([name, measure]) =>
    isAcross(measure) ? [{ name, measure }] : []
  );
  return pool(records).map((result) => {
    const own = Object.entries(result.measures)
      .filter(([name]) => !across.some((other) => other.name === name));
    const taken = isMain(result) && result.status !== "running"
      ? across.flatMap(({ name, measure }) => {
        if (!measure.arms!.includes(result.arm)) return [];
        const found = takeAcross(measure, result, sweeps, cells);
        return found ? [{ name, ...found }] : [];
      })
      : [];
    return {
      ...result,
      measures: Object.fromEntries([...own, ...taken.map(({ name, value }) => [name, value])]),
      restsOn: Object.fromEntries(taken.map(({ name, cells }) => [name, cells])),
    };
  });
}
