/** The lectures' own numbers, recomputed exactly: one arm and one claim for each worked example. */
import { defineExperiment } from "../../mod.ts";
import { crossCorrelation, edgeFilters, padding, workedConvolution } from "./convolution.ts";
import {
  alexNet,
  denseConnections,
  featureMaps,
  layerParameters,
  netParameters,
  stepsPerEpoch,
  weightSharingCount,
  weightSharingFactor,
} from "./counts.ts";
import { receptiveField } from "./receptive_field.ts";
import { maxPooling, softmaxLayer, toyNet } from "./values.ts";

const examples = [
  workedConvolution,
  crossCorrelation,
  toyNet,
  softmaxLayer,
  netParameters,
  maxPooling,
  stepsPerEpoch,
  denseConnections,
  weightSharingCount,
  weightSharingFactor,
  layerParameters,
  padding,
  receptiveField,
  featureMaps,
  alexNet,
  edgeFilters,
];

export default defineExperiment({
  name: "worked-examples",
  title: "Worked examples: the lectures' own numbers",
  summary: "Every number that the lectures work out by hand, computed again from their inputs by " +
    "the framework's own kernels, or counted by its shape rules. Nothing is trained.",
  arms: Object.fromEntries(examples.map(({ claim, arm }) => [claim.id, arm])),
  measures: {},
  claims: examples.map(({ claim }) => claim),
  presets: { quick: { seeds: 1 }, standard: { seeds: 1 }, lecture: { seeds: 1 } },
});
