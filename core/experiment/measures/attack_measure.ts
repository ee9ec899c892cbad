/** The measures of a supervised cell under attack, and the readings that they are made from. */
import { z } from "zod";
import { DATASETS } from "../../data/dataset.ts";
import { aimOf, type Attack, attackSchema } from "../../train/attack.ts";
import type { Arm, Supervised } from "../arms/arm.ts";
import { DeclarationError } from "../declaration_error.ts";
import { known, within } from "../parse.ts";
import type { CellRecord } from "../records/record.ts";
import { type AttackNumber, type AttackReading, type Reading, readingKey } from "./reading.ts";

/** The first so many test images. */
const images = z.number().int().min(1);
/** Of every arm that can be attacked, or only of some. */
const common = { images, arms: z.array(z.string()).min(1).optional() };
/** Distances that a line of logits is looked at; a record from a stranger could ask for any number. */
const MOST_POINTS = 1_000;
/** Pixel ranges away from an image: all that a line may show. */
const FARTHEST = 10;
const distance = z.number().min(-FARTHEST).max(FARTHEST);

const TARGETLESS = 'only an attack with a target reaches it; add target: "a class\'s name" to it';

/** The schemas of the measures of a net under attack. */
export const attackMeasureSchemas = [
  /** Share of attacked test images classified correctly. */
  z.strictObject({ measure: z.literal("attackedAccuracy"), attack: attackSchema, ...common }),
  /** Accuracy on test images minus the accuracy on them attacked. */
  z.strictObject({ measure: z.literal("accuracyLost"), attack: attackSchema, ...common }),
  /** Accuracy on attacked test images over the accuracy on them as they are. */
  z.strictObject({ measure: z.literal("survival"), attack: attackSchema, ...common }),
  /**
   * Mean confidence in the answers to attacked images, or to test images as they are: in those that
   * the attack made wrong, in all wrong ones, in the right ones, or in those that are the attack's
   * target. Absent where there are none.
   */
  z.strictObject({
    measure: z.literal("attackConfidence"),
    attack: attackSchema.nullable(),
    of: z.enum(["fooled", "wrong", "right", "reached"]),
    ...common,
  }).superRefine(({ attack, of }, context) => {
    const message = of === "fooled" && attack === null
      ? "no image is fooled without an attack; declare one"
      : of === "reached" && (attack === null || aimOf(attack) === undefined)
      ? TARGETLESS
      : undefined;
    if (message) context.addIssue({ code: "custom", path: ["of"], message });
  }),
  /** Share of the test images of other classes that are taken for the attack's target. */
  z.strictObject({
    measure: z.literal("reached"),
    attack: attackSchema.refine((attack) => aimOf(attack) !== undefined, TARGETLESS),
    ...common,
  }),
  /** Largest share of the test images, as they are, that is taken for one and the same class. */
  z.strictObject({ measure: z.literal("oneClass"), ...common }),
  /** How nearly linear a logit is along a direction: the median R^2 (train/linearity.ts). */
  z.strictObject({
    measure: z.literal("linearity"),
    logit: z.enum(["true", "strongest wrong"]),
    along: z.enum(["gradient", "noise"]),
    range: z.tuple([distance, distance])
      .refine(([from, to]) => from < to, "a range goes from a smaller number to a larger one"),
    points: z.number().int().min(3, "two points are always on a line").max(MOST_POINTS),
    ...common,
  }),
] as const;

/** A declared measure of a net under attack. */
export type AttackMeasure = z.output<(typeof attackMeasureSchemas)[number]>;

/** Whether a measure is one of a net under attack. */
export function isOfAttacks(measure: { readonly measure: string }): measure is AttackMeasure {
  return attackMeasureSchemas.some(({ shape }) => shape.measure.value === measure.measure);
}

/** The readings that a measure is made from; none of an arm that cannot be attacked. */
export function attackReadings(measure: AttackMeasure, arm: Supervised): Reading[] {
  return isAttackable(arm) ? readings(measure) : [];
}

/** Of a difference or a ratio the two numbers in order, the one under attack last. */
function readings(measure: AttackMeasure): Reading[] {
  const { images } = measure;
  const asked = (what: AttackNumber, attack: AttackReading["attack"]): Reading => (
    { reading: "attack", attack, images, what }
  );
  switch (measure.measure) {
    case "attackedAccuracy":
      return [asked("accuracy", measure.attack)];
    case "accuracyLost":
    case "survival":
      return [asked("accuracy", null), asked("accuracy", measure.attack)];
    case "attackConfidence":
      return [asked(`${measure.of} confidence`, measure.attack)];
    case "reached":
      return [asked("reached", measure.attack)];
    case "oneClass":
      return [asked("one class", null)];
    case "linearity": {
      const { measure: _, arms: _arms, ...line } = measure;
      return [{ reading: "linearity", ...line }];
    }
  }
}

/** The value of a measure; `undefined` where a reading is missing or says nothing. */
export function takeAttackMeasure(
  measure: AttackMeasure,
  { readings: found }: Pick<CellRecord, "readings">,
): number | undefined {
  const numbers = readings(measure).map((reading) => found[readingKey(reading)] ?? undefined);
  const [first, attacked] = numbers;
  if (numbers.includes(undefined)) return undefined;
  if (measure.measure === "accuracyLost") return first! - attacked!;
  return measure.measure === "survival" ? attacked! / first! : first;
}

/** Epsilon is a share of the range of pixels, 0..1, which other scales do not have. */
function isAttackable(arm: Arm): arm is Supervised {
  return arm.kind === "supervised" && arm.pixels === "unit";
}

/**
 * Refuses a measure under attack of an arm that cannot be attacked, where it is named or there is no
 * other; and an attack that aims at a class which the data of such an arm does not have.
 *
 * @throws {DeclarationError} saying which arm and why, or the class's nearest valid name.
 */
export function requireAttackable(
  measure: { readonly measure: string; readonly arms?: readonly string[] | undefined },
  arms: Readonly<Record<string, Arm>>,
): void {
  if (!isOfAttacks(measure)) return;
  const measured = measure.arms ?? Object.keys(arms).filter((name) => isAttackable(arms[name]!));
  if (measured.length === 0) {
    throw new DeclarationError(
      `${measure.measure} is measured of nets under attack, and no supervised arm has pixels: "unit"`,
    );
  }
  const attack = "attack" in measure ? measure.attack : null;
  for (const name of measured) requireAttackableBy(attack, name, arms);
}

/**
 * The same of one arm and an attack on it, if it is one.
 *
 * @throws {DeclarationError} as {@link requireAttackable}.
 */
export function requireAttackableBy(
  attack: Attack | null,
  name: string,
  arms: Readonly<Record<string, Arm>>,
): void {
  const arm = arms[name]!;
  if (!isAttackable(arm)) throw new DeclarationError(`arm "${name}" ${unattackable(arm)}`);
  const target = attack ? aimOf(attack) : undefined;
  if (target === undefined) return;
  within(`arm "${name}"`, () => known("class", target, DATASETS[arm.data].names));
}

function unattackable(arm: Arm): string {
  if (arm.kind !== "supervised") return `is ${arm.kind}, and only supervised arms are attacked`;
  return `has pixels: "${arm.pixels}", and an attack's epsilon is a share of the range 0..1; attack ` +
    'an arm with pixels: "unit"';
}
