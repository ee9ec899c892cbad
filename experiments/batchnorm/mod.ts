/**
 * BatchNorm (Ioffe and Szegedy 2015) put into a convolutional net and a deep one, before the
 * activation, after it, or on the input alone, and left out: its nets (arms.ts), what is measured of
 * them (measures.ts), and the claims with their criteria (claims.ts). README.md lists what is ours
 * and what the lectures'.
 */
import { defineExperiment } from "../../mod.ts";
import { arms, CNN_RATES, HIGH_RATES, INSPECTED, RATES, SCALES } from "./arms.ts";
import { claims } from "./claims.ts";
import { measures } from "./measures.ts";

const DEEP = ["deep-relu-none", "deep-relu-before"];
const PLACES = ["cnn-none", "cnn-before", "cnn-after"];
const SIGMOID = INSPECTED.filter((arm) => arm.startsWith("deep-sigmoid"));
const rate = (values: readonly number[]) => ({ "optimiser.learningRate": [...values] });

export default defineExperiment({
  name: "batchnorm",
  title: "The BatchNorm ablation",
  summary:
    "Nets with and without BatchNorm: how fast and at which learning rates they train, how " +
    "their gradients and activations behave, what it costs, and whether it regularises.",
  arms,
  measures,
  claims,
  sweeps: {
    "cnn-rates": { arms: ["cnn-none", "cnn-before"], over: rate(CNN_RATES) },
    rates: { arms: DEEP, over: rate(RATES) },
    "high-rates": { arms: DEEP, over: rate(HIGH_RATES) },
    scales: { arms: DEEP, over: { "weights.he": [...SCALES] } },
  },
  presets: {
    quick: {
      seeds: 1,
      steps: 100,
      arms: [
        "cnn-before",
        "cnn-none",
        "cnn-step",
        "deep-sigmoid-none",
        "deep-sigmoid-before",
        ...DEEP,
      ],
      sweeps: ["rates"],
      trainImages: 5_000,
      validationImages: 500,
      testImages: 1_000,
    },
    standard: { seeds: 5, steps: 700 },
    lecture: { seeds: 5, steps: 7_030 },
  },
  figures: [
    { figure: "learning curves", arms: PLACES, set: "validation" },
    {
      figure: "heat map",
      title: "The reference net by learning rate (Adam)",
      sweep: "cnn-rates",
      measure: "validation accuracy",
      arms: ["cnn-none", "cnn-before"],
    },
    {
      figure: "heat map",
      title: "The deep net by learning rate (SGD)",
      sweep: "high-rates",
      measure: "test accuracy",
      arms: DEEP,
    },
    {
      figure: "heat map",
      title: "The deep net by initial scale",
      sweep: "scales",
      measure: "test accuracy",
      arms: DEEP,
    },
    {
      figure: "by depth",
      title: "Gradient norms by depth, sigmoid nets",
      arms: SIGMOID,
      what: "gradients",
      layers: ["dense"],
    },
    {
      figure: "by depth",
      title: "Gradient norms by depth, ReLU and tanh nets",
      arms: INSPECTED.filter((arm) => /^deep-(relu|tanh)/.test(arm)),
      what: "gradients",
      layers: ["dense"],
    },
    { figure: "histograms", title: "Sigmoids without BatchNorm", arm: "deep-sigmoid-none" },
    { figure: "histograms", title: "Sigmoids with BatchNorm", arm: "deep-sigmoid-before" },
    { figure: "step times", title: "What a step costs, reference net", arm: "cnn-step" },
    { figure: "step times", title: "What a step costs, deep net", arm: "deep-step" },
    ...["cnn", "deep-relu"].flatMap((net) => {
      const of = { arms: INSPECTED.filter((arm) => arm.startsWith(net)) };
      const name = net === "cnn" ? "reference net" : "deep net";
      return [
        { figure: "inspected", title: `Drift of the inputs, ${name}`, what: "drift", ...of },
        {
          figure: "inspected",
          title: `Change of the gradient along itself, ${name}`,
          what: "gradient change",
          ...of,
        },
        {
          figure: "inspected",
          title: `Range of the loss along the gradient, ${name}`,
          what: "loss range",
          ...of,
        },
      ] as const;
    }),
  ],
});
