/**
 * Measures across cells: what the points of a sweep, or two arms, say together. No cell carries
 * such a number; it is taken of the records where these are judged, printed or reported
 * (take_across.ts), and belongs to the main cell of its arm and seed.
 *
 * A diverged cell is a result here, since a net that trains nowhere is what some sweeps look for. A
 * cell that is missing makes the measure absent, never another number.
 */
import { z } from "zod";
import { DeclarationError } from "../declaration_error.ts";
import { known, within } from "../parse.ts";
import type { Sweep, Sweeps } from "../sweep.ts";

const name = z.string();
/** Of all arms of the sweep, or only of some. */
const common = { arms: z.array(name).min(1).optional() };

/** The schemas of the measures across cells. */
export const acrossSchemas = [
  /**
   * The largest value of the only field that the sweep goes over at which `of` lies above `above`;
   * absent where it does nowhere. A diverged cell is not above.
   */
  z.strictObject({
    measure: z.literal("largestThat"),
    sweep: name,
    of: name,
    above: z.number(),
    ...common,
  }),
  /** Largest minus smallest `of` over the points; a diverged cell counts as `floor`, if given. */
  z.strictObject({
    measure: z.literal("range"),
    sweep: name,
    of: name,
    floor: z.number().optional(),
    ...common,
  }),
  /**
   * Each arm at its best point, that with the largest `by` on a seed kept for this choice: steps to
   * the first evaluation at which the mean accuracy on `set` over the last `averaged` evaluations
   * reaches `share` of the reference arm's `by` at its own best point, on that seed too. A cell that
   * never gets there, or diverged, counts as its whole length; a point that diverged is not chosen.
   */
  z.strictObject({
    measure: z.literal("stepsAtBest"),
    sweep: name,
    by: name,
    seed: z.number().int().nonnegative(),
    share: z.number().gt(0),
    reference: name,
    set: z.enum(["test", "validation"]),
    averaged: z.number().int().min(1).default(1),
    ...common,
  }),
  /** `of` of an arm minus `of` of the arm that it is held over, with the same seed. */
  z.strictObject({
    measure: z.literal("gain"),
    of: name,
    over: z.record(name, name),
    ...common,
  }),
] as const;

/** A declared measure across cells. */
export type AcrossMeasure = z.output<(typeof acrossSchemas)[number]>;

/** Whether a measure is taken across cells. */
export function isAcross(measure: { readonly measure: string }): measure is AcrossMeasure {
  return acrossSchemas.some(({ shape }) => shape.measure.value === measure.measure);
}

/** Whether a measure is taken at points that are chosen on a seed of their own. */
export function choosesPoints(
  measure: { readonly measure: string },
): measure is Extract<AcrossMeasure, { measure: "stepsAtBest" }> {
  return measure.measure === "stepsAtBest";
}

/** The measure within a cell that one across cells is made from. */
export function madeFrom(measure: AcrossMeasure): string {
  return choosesPoints(measure) ? measure.by : measure.of;
}

/** The arms whose cells speak in the measure of an arm, its own first. */
export function armsBehind(measure: AcrossMeasure, arm: string): readonly string[] {
  if (measure.measure === "gain") return [arm, measure.over[arm] ?? []].flat();
  return choosesPoints(measure) ? [arm, measure.reference] : [arm];
}

/** What a measure means for an arm: another arm, or another sweep, changes nothing of it. */
export function meaningOf(measure: AcrossMeasure, arm: string, sweeps: Sweeps): unknown {
  const { arms: _, ...meaning } = measure;
  if (meaning.measure === "gain") return { ...meaning, over: meaning.over[arm] };
  return { ...meaning, over: sweeps[meaning.sweep]?.over };
}

/** The arms that have a measure, where it is not said which: those that it names. */
export function armsNamed(measure: AcrossMeasure, sweeps: Sweeps): readonly string[] {
  if (measure.measure === "gain") return Object.keys(measure.over);
  return sweeps[measure.sweep]?.arms ?? [];
}

/** What a declared measure is checked against. */
export interface Declared {
  readonly sweeps: Sweeps;
  /** The arms that are trained. */
  readonly trained: readonly string[];
  /** The measures within a cell that an arm has. */
  readonly inCells: (arm: string) => readonly string[];
}

/**
 * Checks the names in a measure, and that it can be taken at all.
 *
 * @throws {DeclarationError} with the nearest valid name for one that is not known.
 */
export function checkAcross(
  measure: AcrossMeasure,
  { sweeps, trained, inCells }: Declared,
): void {
  const { arms = [] } = measure;
  if (measure.measure === "gain") {
    const held = Object.keys(measure.over);
    for (const arm of [...held, ...Object.values(measure.over)]) known("arm", arm, trained);
    within("over", () => arms.forEach((arm) => known("arm", arm, held)));
    const itself = held.find((arm) => measure.over[arm] === arm);
    if (itself !== undefined) {
      throw new DeclarationError(`the arm "${itself}" is held over itself`);
    }
  } else {
    const sweep = sweeps[known("sweep", measure.sweep, Object.keys(sweeps))]!;
    const swept = sweep.arms.filter((arm) => trained.includes(arm));
    const named = choosesPoints(measure) ? [...arms, measure.reference] : arms;
    within(`sweep "${measure.sweep}"`, () => named.forEach((arm) => known("arm", arm, swept)));
    if (arms.length === 0) {
      throw new DeclarationError(`no arm of the sweep "${measure.sweep}" trains a net`);
    }
    if (measure.measure === "largestThat") requireOneNumber(measure.sweep, sweep);
  }
  for (const arm of new Set(arms.flatMap((arm) => armsBehind(measure, arm)))) {
    within(
      `arm "${arm}"`,
      () => known("measure within a cell", madeFrom(measure), inCells(arm)),
    );
  }
}

function requireOneNumber(name: string, { over }: Sweep): void {
  const [values = [], ...others] = Object.values(over);
  if (others.length === 0 && values.every((value) => typeof value === "number")) return;
  throw new DeclarationError(
    `the largest value is asked of a sweep over one field of numbers, and "${name}" goes over ` +
      `${Object.keys(over).join(", ")}${others.length === 0 ? ", which are not all numbers" : ""}`,
  );
}
