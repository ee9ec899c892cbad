/** What may be wrong with a table of robustness: numbers that say nothing of each other. */
import { aimOf, type Attack, brief } from "../train/attack.ts";
import type { Arm } from "./arms/arm.ts";
import { sourceName, targetName } from "./arms/transfer_names.ts";
import { DeclarationError } from "./declaration_error.ts";
import type { FigureOf } from "./figure.ts";
import type { Measure } from "./measures/measure.ts";
import { known } from "./parse.ts";
import { canonicalJson } from "./records/canonical.ts";

/**
 * Checks that a table holds against each other the accuracy on test images, what was measured within
 * one bound and on the same of them, and the accuracy within a larger one.
 *
 * @throws {DeclarationError} naming what is not so.
 */
export function checkCompared(
  { clean, noise, fgsm, pgd, largest, oneClass }: FigureOf<"robustness">,
  measures: Readonly<Record<string, Measure>>,
): void {
  const whole = measures[clean]!;
  if (whole.measure !== "accuracy" || whole.set !== "test") {
    throw new DeclarationError(`clean needs the accuracy on test images, found "${clean}"`);
  }
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
    if (attack.attack === (kind ?? attack.attack) && isUntargeted(attack)) {
      return { name, images, epsilon: attack.epsilon };
    }
  }
  throw new DeclarationError(
    `"${name}" is no attackedAccuracy under ${
      kind ?? "an attack"
    } without a target, in the max norm`,
  );
}

/**
 * Checks that a transfer shows images that were changed within the same bound, and to at least one of
 * the nets: not every one needs to be its target.
 *
 * @throws {DeclarationError} naming what is not so.
 */
export function checkBlackBox(
  { arms: shown, pgd, blackBox }: FigureOf<"robustness">,
  arms: Readonly<Record<string, Arm>>,
  measures: Readonly<Record<string, Measure>>,
): void {
  if (!blackBox) return;
  const { arm: name, source } = blackBox;
  const arm = arms[known("arm", name, Object.keys(arms))]!;
  if (arm.kind !== "transfer") {
    throw new DeclarationError(
      `arm "${name}" is ${arm.kind}, and blackBox needs a transfer, whose targets the arms are`,
    );
  }
  known("source", source, arm.sources.map(sourceName));
  const targets = arm.targets.map((target) => targetName(target));
  if (!shown.some((target) => target !== source && targets.includes(target))) {
    throw new DeclarationError(
      `none of the arms is a target of "${name}" besides "${source}" itself; its targets are: ` +
        targets.join(", "),
    );
  }
  const { epsilon, images } = attacked(pgd, measures);
  const { attack } = arm;
  if (isUntargeted(attack) && attack.epsilon === epsilon && arm.images === images) return;
  throw new DeclarationError(
    `arm "${name}" needs the images and the epsilon of "${pgd}", ${images} and ${epsilon} without a ` +
      `target in the max norm, found ${arm.images} and ${canonicalJson(brief(attack))}`,
  );
}

/** Without a target, in the max norm. */
function isUntargeted(attack: Attack): boolean {
  const euclidean = attack.attack === "pgd" && attack.norm === "l2";
  return !euclidean && aimOf(attack) === undefined;
}
