/** A tiny experiment that sweeps the rates of two arms, some of them absurd, and chooses the best. */
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { DECLARATION } from "./tiny.ts";

/** The path of the swept field. */
export const RATE = "optimiser.learningRate";

const { narrow, linear } = DECLARATION.arms;
const sgd = { optimiser: "sgd", learningRate: 0.1 } as const;

/** Both arms stand at 0.1 themselves, and diverge at 1e37. */
export const SWEPT = {
  ...DECLARATION,
  arms: { narrow: { ...narrow, optimiser: sgd }, linear },
  measures: {
    ...DECLARATION.measures,
    "validation accuracy": { measure: "accuracy", set: "validation" },
    "largest rate": {
      measure: "largestThat",
      sweep: "rates",
      of: "validation accuracy",
      above: 0,
    },
    "steps at best": {
      measure: "stepsAtBest",
      sweep: "rates",
      by: "validation accuracy",
      seed: 1000,
      share: 0.5,
      reference: "narrow",
      set: "validation",
    },
    "better": { measure: "gain", of: "test accuracy", over: { linear: "narrow" } },
  },
  claims: [{
    id: "tiny-steps",
    lecture: "none",
    paraphrase: "A linear net needs some steps.",
    parts: [{
      part: "steps",
      measure: "steps at best",
      compare: "above",
      value: 0,
      pairing: { arm: "linear" },
      minSeeds: 2,
    }],
  }, {
    id: "tiny-rate",
    lecture: "none",
    paraphrase: "A linear net takes no absurd rate.",
    parts: [{
      part: "rate",
      measure: "largest rate",
      compare: "below",
      value: 1e3,
      pairing: { arm: "linear" },
      minSeeds: 1,
    }],
  }],
  sweeps: { rates: { arms: ["narrow", "linear"], over: { [RATE]: [0.01, 0.1, 1e37] } } },
  presets: {
    quick: { seeds: 2, steps: 12 },
    standard: { seeds: 2, steps: 12 },
    lecture: { seeds: 2, steps: 12 },
  },
} satisfies Parameters<typeof defineExperiment>[0];

/** {@link SWEPT}, checked. */
export const swept: Experiment = defineExperiment(SWEPT);
