/**
 * Sweeps: the same arms over again with some of their fields changed, at every combination of the
 * values that are declared for them. A point names the fields that it changes by their paths.
 */
import { z } from "zod";

/** The schema of a declared sweep. */
export const sweepSchema = z.strictObject({
  arms: z.array(z.string()).min(1),
  /** Values by the path of a field. */
  over: z.record(z.string(), z.array(z.json()).min(1))
    .refine((over) => Object.keys(over).length > 0, "a sweep goes over at least one field"),
});

/** A declared sweep. */
export type Sweep = z.output<typeof sweepSchema>;

/** Sweeps by their names. */
export type Sweeps = Readonly<Record<string, Sweep>>;

/** Values by path: where in a sweep a cell stands. */
export type Point = Readonly<Record<string, z.output<ReturnType<typeof z.json>>>>;

/**
 * Every combination of the values, the last field's changing first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pointsOf } from "./sweep.ts";
 *
 * const over = { batch: [8, 16], "optimiser.learningRate": [0.1] };
 * assert.deepEqual(pointsOf(over), [
 *   { batch: 8, "optimiser.learningRate": 0.1 },
 *   { batch: 16, "optimiser.learningRate": 0.1 },
 * ]);
 * ```
 */
export function pointsOf(over: Sweep["over"]): Point[] {
  return Object.entries(over).reduce<Point[]>(
    (all, [path, values]) =>
      all.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

/** `batch 8, optimiser.learningRate 0.1`. */
export function pointText(point: Readonly<Record<string, unknown>>): string {
  return Object.entries(point).map(([path, value]) => `${path} ${valueText(value)}`).join(", ");
}

/** A value of a swept field, for people. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
