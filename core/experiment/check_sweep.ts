/** What may be wrong with a sweep: a field that is not there, or a change that changes nothing. */
import { type Arm, armSchema } from "./arms/arm.ts";
import { DeclarationError } from "./declaration_error.ts";
import { assign, fieldOf, FIELDS } from "./fields.ts";
import { known, parse, within } from "./parse.ts";
import { canonicalJson } from "./records/canonical.ts";
import { type Point, pointsOf, pointText, type Sweep } from "./sweep.ts";

/** Fields that only say how a training is watched: its weights are the same whatever they are. */
const WATCHING = [
  ...["evaluations", "level", "validationImages", "testImages", "inspect"],
  ...["lookEvery", "samples", "yardstick", "activations", "displacements"],
];

/**
 * Checks a sweep of declared arms.
 *
 * @throws {DeclarationError} naming the arm and the path: for a field that the arm has not, a value
 * that does not fit there, and a sweep that changes nothing.
 */
export function checkSweep(
  arms: Readonly<Record<string, Arm>>,
  { arms: names, over }: Sweep,
): void {
  const swept = names.map((name) => {
    const arm = arms[known("arm", name, Object.keys(arms))]!;
    if (hasFields(arm)) return { name, arm };
    throw new DeclarationError(`arm "${name}" is a ${arm.kind}, which has no fields to sweep`);
  });
  for (const [path, values] of Object.entries(over)) {
    const field = fieldOf(path);
    for (const { name, arm: { kind } } of swept) {
      within(`arm "${name}" at ${path}`, () => known("field", field, Object.keys(FIELDS[kind])));
    }
    if (WATCHING.includes(field)) {
      throw new DeclarationError(
        `${path} changes nothing: it only says how a training is watched, so the weights are the ` +
          "same at every value; sweep a field that reaches the training",
      );
    }
    if (new Set(values.map((value) => canonicalJson(value))).size < 2) {
      throw new DeclarationError(
        `${path} has only the value ${JSON.stringify(values[0])}, so it changes nothing; give it ` +
          "two different ones or more",
      );
    }
  }
  for (const { name, arm } of swept) checkPoints(name, arm, over);
}

/** What names other arms is about these as they are declared. */
type WithFields = Extract<
  Arm,
  { readonly kind: Exclude<keyof typeof FIELDS, "timing" | "transfer"> }
>;

function hasFields(arm: Arm): arm is WithFields {
  return arm.kind in FIELDS && arm.kind !== "timing" && arm.kind !== "transfer";
}

function checkPoints(name: string, arm: WithFields, over: Sweep["over"]): void {
  const seen = new Map<string, Point>();
  for (const point of pointsOf(over)) {
    const text = canonicalJson(atPoint(name, arm, point));
    const other = seen.get(text);
    if (other !== undefined) {
      throw new DeclarationError(
        `arm "${name}" is the same at ${pointText(other)} as at ${pointText(point)}; drop one`,
      );
    }
    seen.set(text, point);
  }
}

/** A declared arm at a point. */
function atPoint(name: string, arm: WithFields, point: Point): Arm {
  const fields: Record<string, unknown> = structuredClone(arm);
  const where = `arm "${name}" at ${pointText(point)}`;
  for (const [path, value] of Object.entries(point)) {
    within(`arm "${name}" at ${path}`, () => assign(fields, path, value));
  }
  return parse(armSchema, fields, where);
}
