/** What may be wrong with a figure: names that are not there, and arms that have nothing for it. */
import { type Arm, isTrained } from "./arms/arm.ts";
import { checkBlackBox, checkCompared } from "./check_robustness.ts";
import { DeclarationError } from "./declaration_error.ts";
import {
  armsShown,
  type Figure,
  type FigureOf,
  inspectionShown,
  kindShown,
  measuresShown,
} from "./figure.ts";
import { requireAttackableBy } from "./measures/attack_measure.ts";
import type { Measure } from "./measures/measure.ts";
import { known } from "./parse.ts";
import type { Sweeps } from "./sweep.ts";

/** What a figure may speak of. */
interface Declared {
  readonly arms: Readonly<Record<string, Arm>>;
  readonly measures: Readonly<Record<string, Measure>>;
  readonly sweeps: Sweeps;
}

/** The directions of a heat map. */
const MOST_FIELDS = 2;

/**
 * Checks a declared figure; `measuresOf` says what an arm's cells will have, if that is known.
 *
 * @throws {DeclarationError} naming what is wrong, and the nearest valid name.
 */
export function checkFigure(
  figure: Figure,
  { arms, measures, sweeps }: Declared,
  measuresOf: (arm: string) => readonly string[] | undefined,
): void {
  for (const name of armsShown(figure)) {
    const arm = arms[known("arm", name, Object.keys(arms))]!;
    for (const measure of measuresShown(figure)) {
      known("measure", measure, measuresOf(name) ?? [measure]);
    }
    requireKind(name, arms, kindShown(figure));
    requireInspection(name, arm, inspectionShown(figure));
  }
  if (figure.figure === "heat map") checkSwept(figure, sweeps);
  if (figure.figure === "by depth") checkLayers(figure, arms);
  if (figure.figure === "attacked images") requireAttackableBy(figure.attack, figure.arm, arms);
  if (figure.figure === "epsilon strips") requireAttackableBy(null, figure.arm, arms);
  if (figure.figure === "robustness") {
    checkCompared(figure, measures);
    checkBlackBox(figure, arms, measures);
  }
}

function requireKind(
  name: string,
  arms: Declared["arms"],
  kind: ReturnType<typeof kindShown>,
): void {
  const arm = arms[name]!;
  if (kind === undefined || arm.kind === kind) return;
  const are = Object.keys(arms).filter((other) => arms[other]!.kind === kind);
  throw new DeclarationError(
    (isTrained(arm) ? `arm "${name}" is ${arm.kind}` : `arm "${name}" trains no net`) +
      `, and this figure shows ${kind} arms` +
      (are.length > 0 ? `: ${are.join(", ")}` : ", of which there are none"),
  );
}

function requireInspection(
  name: string,
  arm: Arm,
  field: ReturnType<typeof inspectionShown>,
): void {
  if (field === undefined || arm.kind === "supervised" && arm.inspect?.[field]) return;
  throw new DeclarationError(
    `arm "${name}" has no inspect.${field}, which this figure is drawn from; give it one, or leave ` +
      "the arm out",
  );
}

function checkSwept(
  { sweep, arms }: FigureOf<"heat map">,
  sweeps: Sweeps,
): void {
  const { over, arms: swept } = sweeps[known("sweep", sweep, Object.keys(sweeps))]!;
  for (const arm of arms) known(`arm in the sweep "${sweep}"`, arm, swept);
  const fields = Object.keys(over);
  if (fields.length <= MOST_FIELDS) return;
  throw new DeclarationError(
    `a heat map has room for ${MOST_FIELDS} fields, and the sweep "${sweep}" has ${fields.length}: ` +
      fields.join(", "),
  );
}

function checkLayers({ arms: shown, layers = [] }: FigureOf<"by depth">, arms: Declared["arms"]) {
  const kinds = shown.flatMap((name) => {
    const arm = arms[name]!;
    return arm.kind === "supervised" ? arm.net.map(({ layer }) => layer as string) : [];
  });
  for (const kind of layers) known("kind of layer in these arms", kind, [...new Set(kinds)]);
}
