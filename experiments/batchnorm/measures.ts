/** What is measured of the batchnorm experiment's nets. */
import type { MeasureDeclaration } from "../../mod.ts";
import { INSPECTED, LEVEL, MOST_EPOCHS } from "./arms.ts";

/** The seed on which learning rates are chosen; it decides nothing else. */
const TUNING_SEED = 1000;

const CNN = ["cnn-none", "cnn-before"];
const DEEP = ["deep-relu-none", "deep-relu-before"];
const deepInspected = INSPECTED.filter((arm) => arm.startsWith("deep"));

/** Steps to 95 % of the accuracy that the net without BatchNorm comes to, at each arm's best rate. */
const stepsAtBest = (sweep: string, arms: string[]): MeasureDeclaration => ({
  measure: "stepsAtBest",
  sweep,
  by: "validation accuracy",
  seed: TUNING_SEED,
  share: 0.95,
  reference: arms[0]!,
  set: "validation",
  averaged: 3,
  arms,
});

/** From best to worst over a sweep; what diverged is as good as guessing. */
const range = (sweep: string): MeasureDeclaration => (
  { measure: "range", sweep, of: "test accuracy", floor: 0.1, arms: DEEP }
);

/** All measures by name. */
export const measures: Record<string, MeasureDeclaration> = {
  "test accuracy": { measure: "accuracy", set: "test" },
  "validation accuracy": { measure: "accuracy", set: "validation" },
  "steps at the best rate": stepsAtBest("cnn-rates", CNN),
  "steps of the deep net at the best rate": stepsAtBest("rates", DEEP),
  "largest rate that trains": {
    measure: "largestThat",
    sweep: "high-rates",
    of: "validation accuracy",
    above: 0.3,
    arms: DEEP,
  },
  "range over scales": range("scales"),
  "range over rates": range("rates"),
  "gap at 70 %": {
    measure: "gap",
    trainAccuracy: LEVEL,
    epochs: MOST_EPOCHS,
    arms: ["cnn-none-5k", "cnn-bn-5k", "cnn-dropout-5k", "cnn-bn-dropout-5k"],
  },
  "dropout's gain": {
    measure: "gain",
    of: "test accuracy",
    over: { "cnn-dropout-5k": "cnn-none-5k", "cnn-bn-dropout-5k": "cnn-bn-5k" },
  },
  "before over after": {
    measure: "gain",
    of: "test accuracy",
    over: { "cnn-before": "cnn-after", "deep-relu-before": "deep-relu-after" },
  },
  "first over last gradient": {
    measure: "gradientNorm",
    layer: "dense1",
    over: "dense11",
    arms: deepInspected,
  },
  "update of the first layer": { measure: "updateRatio", layer: "dense1", arms: deepInspected },
  "drift": { measure: "drift", arms: INSPECTED },
  "gradient change": { measure: "gradientChange", arms: INSPECTED },
  "loss range": { measure: "lossRange", arms: INSPECTED },
  "dead units": { measure: "deadUnits", arms: INSPECTED },
  "folding difference": {
    measure: "foldingDifference",
    images: 2_000,
    arms: ["cnn-before", "deep-relu-before"],
  },
  "parameters": { measure: "parameters" },
};
