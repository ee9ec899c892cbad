/**
 * The declaration of an experiment: arms, measures, claims, presets, sweeps, as data that is checked
 * as a whole before anything runs.
 */
import { z } from "zod";
import { adversarialSchema } from "./arms/adversarial.ts";
import { type Arm, armSchema, isTrained, supervisedSchema } from "./arms/arm.ts";
import { checkFigure } from "./check_figure.ts";
import { armsOf, choiceOf, claimSchema } from "./claims/claim.ts";
import { checkSweep } from "./check_sweep.ts";
import { DeclarationError } from "./declaration_error.ts";
import { figureSchema } from "./figure.ts";
import { requireShown } from "./arms/inspect.ts";
import { NEAREST_MEASURES } from "./arms/nearest_neighbour.ts";
import { checkNamed } from "./check_named.ts";
import { armsNamed, checkAcross, isAcross, madeFrom } from "./measures/across.ts";
import { requireAttackable } from "./measures/attack_measure.ts";
import { requireInspected, requireUninspected } from "./measures/inspection_measure.ts";
import { isOf, measureSchema } from "./measures/measure.ts";
import { requireOnTheWay } from "./measures/steps_to.ts";
import { timingMeasures } from "./measures/timings.ts";
import { transferMeasures } from "./measures/transfer_measures.ts";
import { known, parse, within } from "./parse.ts";
import { sweepSchema } from "./sweep.ts";

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a name in kebab-case: dense-wide");

const presetSchema = z.strictObject({
  /** Seeds 0 to seeds - 1. */
  seeds: z.number().int().min(1),
  /** Only these arms, where neither arms nor a claim are asked for. */
  arms: z.array(name).min(1).optional(),
  /** Only these sweeps, where no claim is asked for. */
  sweeps: z.array(z.string()).optional(),
  ...supervisedSchema.pick({
    epochs: true,
    steps: true,
    trainImages: true,
    validationImages: true,
    testImages: true,
  }).partial().shape,
  lookEvery: adversarialSchema.shape.lookEvery.optional(),
  samples: z.number().int().min(1).optional(),
});

const experimentSchema = z.strictObject({
  name,
  title: z.string().min(1),
  /** What it is about, in a sentence or two. */
  summary: z.string().min(1),
  arms: z.record(name, armSchema),
  /** Measures of every trained arm by name; arms of the other kinds have measures of their own. */
  measures: z.record(z.string(), measureSchema),
  claims: z.array(claimSchema),
  /** What the report draws; how the trainings went, if left out. */
  figures: z.array(figureSchema).optional(),
  presets: z.strictObject({
    quick: presetSchema,
    standard: presetSchema,
    lecture: presetSchema,
  }),
  /** Further cells: each named arm at every combination of the values, by the path of a field. */
  sweeps: z.record(z.string(), sweepSchema).default({}),
});

/** A checked experiment. */
export type Experiment = z.output<typeof experimentSchema>;

/** How a preset changes the arms, and how many seeds it runs. */
export type Preset = z.output<typeof presetSchema>;

/**
 * Checks a declaration.
 *
 * @throws {DeclarationError} naming the path of what is wrong, what was expected there, and the
 * nearest valid name for one that is not known.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { computation } from "./arms/arm.ts";
 * import { defineExperiment } from "./define.ts";
 * const declaration = {
 *   name: "square",
 *   title: "Squares",
 *   summary: "Three squared.",
 *   arms: { three: computation({ a: 3 }, (_, { a }) => ({ square: a * a })) },
 *   measures: {},
 *   claims: [],
 *   presets: { quick: { seeds: 1 }, standard: { seeds: 1 }, lecture: { seeds: 1 } },
 * };
 * assert.equal(defineExperiment(declaration).name, "square");
 * assert.throws(
 *   () => defineExperiment({ ...declaration, clams: [] } as never),
 *   /"clams" is no field here; did you mean "claims"/,
 * );
 * ```
 */
export function defineExperiment(declaration: z.input<typeof experimentSchema>): Experiment {
  const parsed = parse(experimentSchema, declaration, `experiment "${declaration.name}"`);
  const experiment = { ...parsed, measures: withArms(parsed) };
  checkReferences(experiment);
  return experiment;
}

/** The measures, those across cells with the arms that have them. */
function withArms({ arms, measures, sweeps }: Experiment): Experiment["measures"] {
  return Object.fromEntries(
    Object.entries(measures).map(([name, measure]) => {
      if (!isAcross(measure) || measure.arms) return [name, measure];
      const named = armsNamed(measure, sweeps)
        .filter((arm) => !Object.hasOwn(arms, arm) || isTrained(arms[arm]!));
      return [name, { ...measure, arms: named }];
    }),
  );
}

/** What an arm's cells will have; a computation's results are not known before. */
function measuresOf(
  name: string,
  arm: Arm,
  declared: Experiment["measures"],
): readonly string[] | undefined {
  if (arm.kind === "computation") return undefined;
  if (arm.kind === "nearestNeighbour") return NEAREST_MEASURES;
  if (arm.kind === "timing") return timingMeasures(arm.arms);
  if (arm.kind === "transfer") return transferMeasures(arm);
  return Object.keys(declared).filter((measure) => isOf(declared[measure]!, name));
}

function checkReferences(
  { name, arms, measures, claims, presets, figures, sweeps }: Experiment,
): void {
  const armNames = Object.keys(arms);
  const at = (where: string, check: () => void) => within(`experiment "${name}": ${where}`, check);
  const inCells = (arm: string) =>
    measuresOf(arm, arms[arm]!, measures)
      ?.filter((name) => !Object.hasOwn(measures, name) || !isAcross(measures[name]!));
  for (const [name, arm] of Object.entries(arms)) {
    at(`arm "${name}"`, () => {
      checkNamed(arm, arms);
      if (arm.kind === "supervised") requireShown(arm);
    });
  }
  for (const [sweep, declared] of Object.entries(sweeps)) {
    at(`sweep "${sweep}"`, () => checkSweep(arms, declared));
  }
  const trained = armNames.filter((arm) => isTrained(arms[arm]!));
  for (const [name, measure] of Object.entries(measures)) {
    at(`measure "${name}"`, () => {
      if (isAcross(measure)) {
        if (measure.measure !== "gain") requireUninspected(madeFrom(measure), measures);
        checkAcross(measure, { sweeps, trained, inCells: (arm) => inCells(arm)! });
      }
      measure.arms?.forEach((arm) => known("arm", arm, trained));
      requireInspected(measure, arms);
      requireAttackable(measure, arms);
      requireOnTheWay(measure, arms);
    });
  }
  claims.forEach(({ id, parts }, i) => {
    at(`claims[${i}]`, () => {
      if (claims.findIndex((other) => other.id === id) < i) {
        throw new DeclarationError(`the id "${id}" is taken; every claim has its own`);
      }
    });
    for (const part of parts) {
      at(`claim ${id}, part "${part.part}"`, () => {
        const choice = choiceOf(part);
        if (choice) requireUninspected(choice.by, measures);
        for (const arm of armsOf(part)) {
          const names = measuresOf(arm, arms[known("arm", arm, armNames)]!, measures);
          if (names === undefined) continue;
          known("measure", part.measure, names);
          // The cells that choose have no measures across cells.
          if (choice && arm !== part.pairing.arm) known("measure", choice.by, inCells(arm)!);
        }
      });
    }
  });
  for (const [preset, { arms, sweeps: chosen }] of Object.entries(presets)) {
    at(`presets.${preset}`, () => {
      arms?.forEach((arm) => known("arm", arm, armNames));
      chosen?.forEach((sweep) => known("sweep", sweep, Object.keys(sweeps)));
    });
  }
  figures?.forEach((figure, i) =>
    at(`figures[${i}] (${figure.figure})`, () => {
      if (figure.figure === "heat map") requireUninspected(figure.measure, measures);
      const has = figure.figure === "heat map"
        ? inCells
        : (arm: string) => measuresOf(arm, arms[arm]!, measures);
      checkFigure(figure, { arms, measures, sweeps }, has);
    })
  );
}
