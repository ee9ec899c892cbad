/** What is measured of the adversarial experiment's models. */
import type { AttackDeclaration as Attack, MeasureDeclaration } from "../../mod.ts";
import { ATTACKED, DIGITS, LARGE, SMALL } from "./arms.ts";

/** Sizes of attacks, of CIFAR-10 in levels of 255 and of digits. */
export const LEVELS = [1, 2, 4, 8, 16];
export const SIZES = [0.05, 0.1, 0.2, 0.3];

export const COLOUR = ["reference", "reference-decay", "reference-dropout"];
export const COLOUR_TRAINED = ["reference-fgsm-trained", "reference-pgd-trained"];
export const LINEAR = ["softmax", "svm"];
export const TRAINED = ["fgsm-trained", "random-fgsm-trained", "pgd-trained"];
/** Of the nets of colour images that are only trained, one is asked about every size. */
const ALONE = ["reference", ...COLOUR_TRAINED];
const ALL_COLOUR = [...COLOUR, ...COLOUR_TRAINED];
const CNNS = ["cnn", ...TRAINED];
const ALL_DIGITS = [...LINEAR, "mlp", ...CNNS];

const fgsm = (epsilon: number): Attack => ({ attack: "fgsm", epsilon });
const noise = (epsilon: number): Attack => ({ attack: "noise", epsilon });
/** Steps that could cross the ball twice, from random starts. */
const pgd = (epsilon: number, more: object = {}): Attack => ({
  attack: "pgd",
  epsilon,
  steps: 20,
  stepSize: epsilon / 10,
  ...more,
});
/** Half the range of a pixel: nothing of a digit need be left. */
const HUGE = 0.5;
/** Into one class. */
export const AIRPLANE: Attack = pgd(LARGE, { steps: 40, target: "airplane" });

const of = { images: ATTACKED };
/** Accuracy under an attack, and how sure the net is where it is wrong. */
const under = (name: string, attack: Attack, arms: string[]) => ({
  [name]: { measure: "attackedAccuracy", attack, arms, ...of } as const,
  [`confidence when wrong, ${name}`]: {
    measure: "attackConfidence",
    attack,
    of: "wrong",
    arms,
    ...of,
  } as const,
});
const lost = (attack: Attack, arms: string[]): MeasureDeclaration => (
  { measure: "accuracyLost", attack, arms, ...of }
);
const fooled = (attack: Attack, arms: string[]): MeasureDeclaration => (
  { measure: "attackConfidence", attack, of: "fooled", arms, ...of }
);
/** R^2 of two logits against the size of a step, at 21 places. */
const linear = (name: string, along: "gradient" | "noise", to: number) =>
  Object.fromEntries((["true", "strongest wrong"] as const).map((logit) => {
    const line = { logit, along, range: [-to, to] as [number, number], points: 21 };
    const measure = { measure: "linearity" as const, ...line, arms: ["reference", "cnn"], ...of };
    return [`linear ${name}, ${logit} logit`, measure];
  }));

/** What is measured at each of `values`. */
function each(
  values: readonly number[],
  measures: (value: number) => Record<string, MeasureDeclaration>,
): Record<string, MeasureDeclaration> {
  return Object.assign({}, ...values.map(measures));
}

/** All measures by name. */
export const measures: Record<string, MeasureDeclaration> = {
  "test accuracy": { measure: "accuracy", set: "test" },
  "validation accuracy": { measure: "accuracy", set: "validation" },
  "final gap": { measure: "finalGap", arms: ["cnn-2k", "fgsm-trained-2k"] },
  "largest class": { measure: "oneClass", arms: [...ALL_COLOUR, ...CNNS], ...of },
  "confidence when right": {
    measure: "attackConfidence",
    attack: null,
    of: "right",
    arms: [...ALL_COLOUR, ...ALL_DIGITS],
    ...of,
  },

  ...each(LEVELS, (n) => under(`FGSM ${n}/255`, fgsm(n / 255), ALL_COLOUR)),
  ...each(LEVELS, (n) => under(`noise ${n}/255`, noise(n / 255), ALONE)),
  ...each([2, 8], (n) => under(`PGD ${n}/255`, pgd(n / 255), ALL_COLOUR)),
  ...each([1, 4, 16, 64], (n) => under(`PGD ${n}/255`, pgd(n / 255), ALONE)),
  ...under("PGD 0.5 in L2", pgd(0.5, { norm: "l2" }), ALONE),
  "survival, FGSM 2/255": {
    measure: "survival",
    attack: fgsm(SMALL),
    arms: ["reference"],
    ...of,
  },
  ...each([2, 8], (n) => ({
    [`lost to noise ${n}/255`]: lost(noise(n / 255), ["reference"]),
  })),
  "confidence when fooled, FGSM 8/255": fooled(fgsm(LARGE), ["reference"]),
  "confidence when fooled, PGD 8/255": fooled(pgd(LARGE), ["reference"]),
  "turned into airplanes": { measure: "reached", attack: AIRPLANE, arms: ["reference"], ...of },
  "confidence in airplanes": {
    measure: "attackConfidence",
    attack: AIRPLANE,
    of: "reached",
    arms: ["reference"],
    ...of,
  },
  ...each([0.01, 0.1, 0.5], (to) => linear(`to ${to}`, "gradient", to)),
  ...linear("along noise", "noise", 0.1),

  ...each(SIZES, (e) => under(`FGSM ${e}`, fgsm(e), ALL_DIGITS)),
  ...each(SIZES, (e) => under(`noise ${e}`, noise(e), ALL_DIGITS)),
  ...each(SIZES, (e) => under(`PGD ${e}`, pgd(e, { restarts: 2 }), ALL_DIGITS)),
  ...under("PGD 0.2 on the margin", pgd(DIGITS, { restarts: 2, loss: "margin" }), ALL_DIGITS),
  ...under("PGD 0.5", pgd(HUGE), ALL_DIGITS),
  ...under("PGD 2 in L2", pgd(2, { norm: "l2", restarts: 2 }), CNNS),
  "lost to FGSM 0.2": lost(fgsm(DIGITS), ALL_DIGITS),
};
