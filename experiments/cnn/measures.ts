/** What is measured of the cnn experiment's nets, and how changed images are asked about. */
import type { Change, MeasureDeclaration } from "../../mod.ts";
import { LEVEL, MAIN, MOST_EPOCHS, ON_DIGITS } from "./arms.ts";

/** Pixels by which images are shifted to each of the four sides. */
export const SHIFTS = [0, 1, 2, 3, 4];
/** Pixels to the right and down from the corner that digits were trained in. */
export const PLACES = [0, 4, 8, 14, 20, 28];

/** Of the first test images, the mean over `changes`. */
const asked = (changes: Change[], arms: string[]) => ({ changes, images: 2_000, arms });
const shifted = (pixels: number) =>
  asked(
    [[pixels, 0], [-pixels, 0], [0, pixels], [0, -pixels]].map(([right, down]) => ({
      change: "shift",
      right: right!,
      down: down!,
    })),
    MAIN,
  );
const moved = (pixels: number) =>
  asked([{ change: "shift", right: pixels, down: pixels }], ON_DIGITS);
const rotated = asked([10, -10].map((degrees) => ({ change: "rotate", degrees })), MAIN);
const scaled = (factor: number) => asked([{ change: "scale", factor }], MAIN);

/** A measure for each of `values`, named after it. */
function each(
  name: string,
  values: readonly number[],
  measure: (value: number) => MeasureDeclaration,
): Record<string, MeasureDeclaration> {
  return Object.fromEntries(values.map((value) => [`${name} ${value}`, measure(value)]));
}

/** All measures by name. */
export const measures: Record<string, MeasureDeclaration> = {
  "test accuracy": { measure: "accuracy", set: "test" },
  "validation accuracy": { measure: "accuracy", set: "validation" },
  "test loss": { measure: "loss", set: "test" },
  "gap at 70 %": {
    measure: "gap",
    trainAccuracy: LEVEL,
    epochs: MOST_EPOCHS,
    arms: ["reference-5k", "dense-5k", "dense-wide-5k"],
  },
  ...each("accuracy, shifted", SHIFTS, (n) => ({ measure: "accuracyUnder", ...shifted(n) })),
  "drop, shifted 4": { measure: "drop", ...shifted(4) },
  "retention, shifted 4": { measure: "retention", ...shifted(4) },
  "retention, rotated 10 degrees": { measure: "retention", ...rotated },
  "retention, scaled 0.9": { measure: "retention", ...scaled(0.9) },
  "retention, scaled 1.1": { measure: "retention", ...scaled(1.1) },
  ...each("accuracy, moved", PLACES, (n) => ({ measure: "accuracyUnder", ...moved(n) })),
  "retention, opposite corner": { measure: "retention", ...moved(28) },
  "edge filters": { measure: "edgeFilters", layer: "conv2d1", arms: ["reference"] },
  "edge filters at the start": {
    measure: "edgeFilters",
    layer: "conv2d1",
    at: "start",
    arms: ["reference"],
  },
  "parameters": { measure: "parameters" },
  "parameters of maxPool1": { measure: "parameters", layer: "maxPool1" },
  "parameters of maxPool2": { measure: "parameters", layer: "maxPool2" },
  "size ratio of maxPool1": { measure: "shrinkage", layer: "maxPool1" },
  "size ratio of maxPool2": { measure: "shrinkage", layer: "maxPool2" },
  "stored activation bytes": { measure: "storedActivationBytes", batch: 64 },
  "activation over parameter bytes, batch 1": { measure: "activationsPerParameter", batch: 1 },
  "activation over parameter bytes, batch 64": { measure: "activationsPerParameter", batch: 64 },
  "activation over parameter bytes, batch 512": {
    measure: "activationsPerParameter",
    batch: 512,
  },
};
