/** Which cells speak for an arm itself: not those that tune, nor the points of a sweep. */

/** What tells them apart, of a cell or of what an arm came to. */
interface Placed {
  readonly arm: string;
  readonly seed: number;
  readonly tuning: boolean;
  readonly point: Readonly<Record<string, unknown>>;
  readonly status: string;
}

/** Whether it speaks for its arm. */
export function isMain({ tuning, point }: Pick<Placed, "tuning" | "point">): boolean {
  return !tuning && Object.keys(point).length === 0;
}

/**
 * The finished ones of an arm, by seed; what a figure shows of one cell, it shows of the first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mainCells } from "./main_cells.ts";
 *
 * const cell = { arm: "dense", tuning: false, point: {}, status: "finished" };
 * const cells = [{ ...cell, seed: 1 }, { ...cell, seed: 7, tuning: true }, { ...cell, seed: 0 }];
 * assert.deepEqual(mainCells(cells, "dense").map(({ seed }) => seed), [0, 1]);
 * ```
 */
export function mainCells<Cell extends Placed>(cells: readonly Cell[], arm: string): Cell[] {
  return cells
    .filter((cell) => cell.arm === arm && isMain(cell) && cell.status === "finished")
    .toSorted((a, b) => a.seed - b.seed);
}
