/** What may be wrong with a table of robustness: numbers that say nothing of each other. */
import { type Attack, targetName } from "../train/attack.ts";
import { DeclarationError } from "./declaration_error.ts";
import { blackBoxMeasure, type FigureOf } from "./figure.ts";
import type { Measure } from "./measures/measure.ts";
import { known } from "./parse.ts";

/**
 * Checks that a table holds against each other what was measured within one bound and on the same
 * images, and the accuracy within a larger one.
 *
 * @throws {DeclarationError} naming what is not so.
 */
export function checkCompared(
  { noise, fgsm, pgd, largest, oneClass }: FigureOf<"robustness">,
  measures: Readonly<Record<string, Measure>>,
): void {
  const compared = [
    attacked(noise, measures, "noise"),
    attacked(fgsm, measures, "fgsm"),
    attacked(pgd, measures, "pgd"),
  ];
  const beyond = attacked(largest, measures);
  const [bound, ...others] = compared.map(({ epsilon }) => epsilon);
  const bounds = compared.map(({ name, epsilon }) => `${epsilon} of "${name}"`).join(", ");
  if (others.some((other) => other !== bound)) {
    throw new DeclarationError(
      `noise, fgsm and pgd need one and the same epsilon, found ${bounds}`,
    );
  }
  if (beyond.epsilon <= bound!) {
    throw new DeclarationError(
      `largest needs a larger epsilon than the others, found ${beyond.epsilon}, and ${bounds}`,
    );
  }
  const images = [...compared, beyond].map(({ name, images }) => `${images} of "${name}"`);
  if (compared.some((of) => of.images !== beyond.images)) {
    throw new DeclarationError(
      `noise, fgsm, pgd and largest need the same number of images, found ${images.join(", ")}`,
    );
  }
  if (oneClass === undefined || measures[oneClass]!.measure === "oneClass") return;
  throw new DeclarationError(`oneClass needs a measure of that name, found "${oneClass}"`);
}

function attacked(
  name: string,
  measures: Readonly<Record<string, Measure>>,
  kind?: Attack["attack"],
): { readonly name: string; readonly images: number; readonly epsilon: number } {
  const measure = measures[name]!;
  if (measure.measure === "attackedAccuracy") {
    const { attack, images } = measure;
    const euclidean = attack.attack === "pgd" && attack.norm === "l2";
    if (
      attack.attack === (kind ?? attack.attack) && targetName(attack) === undefined && !euclidean
    ) return { name, images, epsilon: attack.epsilon };
  }
  throw new DeclarationError(
    `"${name}" is no attackedAccuracy under ${
      kind ?? "an attack"
    } without a target, in the max norm`,
  );
}

/**
 * Checks that a transfer has at least one of the nets for a target: not every one needs to be.
 *
 * @throws {DeclarationError} naming what is not there.
 */
export function checkBlackBox(
  { arms, blackBox }: FigureOf<"robustness">,
  declared: readonly string[],
  measuresOf: (arm: string) => readonly string[] | undefined,
): void {
  if (!blackBox) return;
  const { arm, source } = blackBox;
  const measures = measuresOf(known("arm", arm, declared));
  const needed = arms.map((target) => blackBoxMeasure(target, source));
  if (!measures || needed.some((measure) => measures.includes(measure))) return;
  known(`measure of the arm "${arm}"`, needed[0]!, measures);
}
