/** Finds the cell of a run that stands at a point of a sweep. */
import { canonicalJson } from "./canonical.ts";
import type { CellRecord } from "./record.ts";
import type { Point } from "../sweep.ts";

/**
 * Whether an arm's own configuration has the values of a point already; fields within a value that
 * the point leaves out are at their default in both.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { standsAt } from "./placed_cells.ts";
 *
 * const config = { batch: 8, optimiser: { optimiser: "sgd", learningRate: 0.1, momentum: 0 } };
 * assert.ok(standsAt(config, { "optimiser.learningRate": 0.1 }));
 * assert.ok(standsAt(config, { optimiser: { optimiser: "sgd", learningRate: 0.1 } }));
 * assert.ok(!standsAt(config, { batch: 16 }));
 * ```
 */
export function standsAt(config: unknown, point: Point): boolean {
  return Object.entries(point).every(([path, value]) => {
    const found = path.split(".").reduce<unknown>(
      (node, key) => isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined,
      config,
    );
    return has(found, value);
  });
}

function has(found: unknown, wanted: unknown): boolean {
  if (!isObject(found) || !isObject(wanted)) return found === wanted;
  return Array.isArray(found) === Array.isArray(wanted) &&
    (!Array.isArray(found) || found.length === (wanted as unknown as unknown[]).length) &&
    Object.entries(wanted).every(([key, value]) => has(found[key], value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The cells of a run, or of a lock, by where they stand. */
export class PlacedCells {
  readonly #cells: ReadonlyMap<string, CellRecord>;

  constructor(records: readonly CellRecord[]) {
    this.#cells = new Map(
      records.map((record) => [placeOf(record.arm, record.seed, record.point), record]),
    );
  }

  /**
   * The cell of an arm and seed at a point, once it is finished or has diverged: where the arm stands
   * there as it is declared, its own main cell.
   */
  at(arm: string, seed: number, point: Point): CellRecord | undefined {
    const there = this.#cells.get(placeOf(arm, seed, point));
    const own = this.#cells.get(placeOf(arm, seed, {}));
    const cell = there ?? (own && standsAt(own.config, point) ? own : undefined);
    return cell?.status === "running" ? undefined : cell;
  }
}

function placeOf(arm: string, seed: number, point: Point): string {
  return canonicalJson([arm, seed, point]);
}
