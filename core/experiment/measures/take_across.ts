/** Takes the measures across cells (across.ts) of the records of a run or of a lock. */
import type { PlacedCells } from "../records/placed_cells.ts";
import type { CellRecord } from "../records/record.ts";
import { type Point, pointsOf, type Sweep, type Sweeps } from "../sweep.ts";
import type { AcrossMeasure } from "./across.ts";
import { stepsTo } from "./steps_to.ts";

/** A number, and the cells that it rests on. */
export interface Taken {
  readonly value: number;
  readonly cells: readonly CellRecord[];
}

/** A point of a sweep with what its cell came to; null where that diverged. */
export interface PointValue {
  readonly point: Point;
  readonly cell: CellRecord;
  readonly value: number | null;
}

/** The value of a measure for an arm and seed; `undefined` where a cell, or its number, is missing. */
export function takeAcross(
  measure: AcrossMeasure,
  { arm, seed }: { readonly arm: string; readonly seed: number },
  sweeps: Sweeps,
  cells: PlacedCells,
): Taken | undefined {
  if (measure.measure === "gain") {
    const [own, other] = [arm, measure.over[arm]!].map((arm) => cells.at(arm, seed, {}));
    const [mine, theirs] = [own, other].map((cell) => cell && numberOf(cell, measure.of));
    if (typeof mine !== "number" || typeof theirs !== "number") return undefined;
    return { value: mine - theirs, cells: [own!, other!] };
  }
  const { over } = sweeps[measure.sweep]!;
  if (measure.measure === "stepsAtBest") {
    const grids = [arm, measure.reference].map((arm) =>
      valuesAt(cells, { arm, seed: measure.seed }, over, measure.by)
    );
    const [own, reference] = grids.map((grid) => grid && bestOf(grid));
    const cell = own && cells.at(arm, seed, own.point);
    if (!cell || !reference) return undefined;
    const { set, averaged, share } = measure;
    const goal = { set, averaged, accuracy: share * reference.value! };
    const value = cell.status === "diverged"
      ? cell.steps
      : stepsTo(cell.progress.evaluations, goal, cell.steps);
    const chosenBy = grids.flatMap((grid) => grid!.map(({ cell }) => cell));
    return value === undefined ? undefined : { value, cells: [cell, ...chosenBy] };
  }
  const grid = valuesAt(cells, { arm, seed }, over, measure.of);
  const value = grid &&
    (measure.measure === "range" ? range(grid, measure.floor) : largestThat(grid, measure.above));
  return value === undefined ? undefined : { value, cells: grid!.map(({ cell }) => cell) };
}

/** A measure at every point of a sweep; `undefined` where a cell is missing, or lacks it. */
export function valuesAt(
  cells: PlacedCells,
  { arm, seed }: { readonly arm: string; readonly seed: number },
  over: Sweep["over"],
  measure: string,
): PointValue[] | undefined {
  const found: PointValue[] = [];
  for (const point of pointsOf(over)) {
    const cell = cells.at(arm, seed, point);
    const value = cell && numberOf(cell, measure);
    if (value === undefined) return undefined;
    found.push({ point, cell: cell!, value });
  }
  return found;
}

/** The point with the largest value, of equals the first; none where all diverged. */
export function bestOf(grid: readonly PointValue[]): PointValue | undefined {
  return grid.filter(({ value }) => value !== null)
    .reduce<PointValue | undefined>(
      (best, next) => best && best.value! >= next.value! ? best : next,
      undefined,
    );
}

function numberOf({ status, measures }: CellRecord, measure: string): number | null | undefined {
  if (status === "diverged") return null;
  const value = Object.hasOwn(measures, measure) ? measures[measure] : undefined;
  return typeof value === "number" ? value : undefined;
}

function largestThat(grid: readonly PointValue[], above: number): number | undefined {
  const swept = grid.filter(({ value }) => value !== null && value > above)
    .map(({ point }) => Number(Object.values(point)[0]));
  return swept.length > 0 ? Math.max(...swept) : undefined;
}

function range(grid: readonly PointValue[], floor: number | undefined): number | undefined {
  const values = grid.map(({ value }) => value ?? floor);
  const numbers = values.filter((value) => value !== undefined);
  if (numbers.length < values.length) return undefined;
  return Math.max(...numbers) - Math.min(...numbers);
}
