/** The points that arms are at their best at, as the measures across cells choose them. */
import type { Experiment } from "../define.ts";
import { formatNumber, unitIn } from "../records/format.ts";
import { PlacedCells } from "../records/placed_cells.ts";
import type { CellRecord, PointChoice } from "../records/record.ts";
import { pointText } from "../sweep.ts";
import { choosesPoints } from "./across.ts";
import { bestOf, valuesAt } from "./take_across.ts";

/** The choices of which all cells are done, each once, in the order of the declaration. */
export function choicesOf(
  { measures, sweeps }: Pick<Experiment, "measures" | "sweeps">,
  records: readonly CellRecord[],
): PointChoice[] {
  const cells = new PlacedCells(records);
  const choices = Object.values(measures).filter(choosesPoints).flatMap((measure) => {
    const { sweep, by, seed, reference } = measure;
    const { arms, over } = sweeps[sweep]!;
    const choosing = [reference, ...measure.arms!];
    return arms.filter((arm) => choosing.includes(arm)).flatMap((arm): PointChoice[] => {
      const grid = valuesAt(cells, { arm, seed }, over, by);
      if (!grid) return [];
      const values = grid.map(({ point, value }) => ({ point, value }));
      return [{ sweep, arm, by, seed, values, chosen: bestOf(grid)?.point ?? null }];
    });
  });
  return [...new Map(choices.map((choice) => [JSON.stringify(choice), choice])).values()];
}

/** What the chosen point was chosen for; none where all diverged. */
export function bestValue(values: PointChoice["values"]): number | undefined {
  const numbers = values.flatMap(({ value }) => value ?? []);
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

/** `dense at its best: batch 8 (validation accuracy 57.1 %, seed 1000, of 4 points)`. */
export function choiceText(
  { measures }: Pick<Experiment, "measures">,
  { arm, by, seed, values, chosen }: PointChoice,
): string {
  if (chosen === null) return `${arm} diverged at all ${values.length} points (seed ${seed})`;
  return `${arm} at its best: ${pointText(chosen)} (${by} ` +
    `${
      formatNumber(bestValue(values)!, unitIn(measures, by))
    }, seed ${seed}, of ${values.length} points)`;
}
