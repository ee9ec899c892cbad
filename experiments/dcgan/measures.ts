/** What is measured of the dcgan experiment's pairs. */
import type { MeasureDeclaration } from "../../mod.ts";
import { COMPARED, SEEN } from "./arms.ts";

const halves = ["generator", "discriminator"] as const;

/** All measures by name. */
export const measures: Record<string, MeasureDeclaration> = {
  "Frechet distance": { measure: "frechetDistance" },
  "log Frechet distance, compared": { measure: "frechetDistance", log: true, images: COMPARED },
  "log Frechet distance, end": { measure: "frechetDistance", log: true, images: SEEN },
  "realism": { measure: "realism" },
  "classes covered": { measure: "classesCovered" },
  "class entropy": { measure: "classEntropy" },
  "change of class entropy": { measure: "classEntropy", change: true },
  "confidence": { measure: "confidence" },
  "discriminator accuracy": { measure: "discriminatorAccuracy" },
  "not ideal": { measure: "notIdeal" },
  "change of Frechet distance": { measure: "frechetChange" },
  "swing of Frechet distance": { measure: "frechetSwing" },
  "reversal": { measure: "reversal" },
  "largest mean of activations": { measure: "activation", statistic: "largest mean" },
  "least variance of activations": { measure: "activation", statistic: "least variance" },
  "largest variance of activations": { measure: "activation", statistic: "largest variance" },
  "parameters": { measure: "parameters" },
  ...Object.fromEntries(
    ([1, 2, 3, 4, 5] as const).map((guideline) => [
      `obeys guideline ${guideline}`,
      { measure: "obeys", guideline, arms: ["dcgan"] },
    ]),
  ),
  ...Object.fromEntries(halves.flatMap((half): [string, MeasureDeclaration][] => [
    [`sets of real images, ${half}`, { measure: "imageSets", half, arms: ["dcgan"] }],
    ...(["real", "generated"] as const).map((label): [string, MeasureDeclaration] => [
      `labelled ${label}, ${half}`,
      { measure: "labelled", half, label, arms: ["dcgan"] },
    ]),
  ])),
  "test accuracy": { measure: "accuracy", set: "test", arms: ["yardstick"] },
};
