import assert from "node:assert/strict";
import type { Supervised } from "../../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../../core/experiment/define.ts";
import {
  type Facts,
  type Measure,
  type MeasureDeclaration,
  takeMeasure,
} from "../../../core/experiment/measures/measure.ts";
import type { InspectionRecord, Progress } from "../../../core/experiment/records/record.ts";
import { supervised } from "../../../core/experiment/arms/arm.ts";
import { DECLARATION as D } from "../tiny.ts";

const NET = [
  { layer: "flatten" },
  { layer: "batchNorm" },
  { layer: "dense", units: 8 },
  { layer: "batchNorm" },
  { layer: "relu" },
  { layer: "dense", units: 8 },
  { layer: "relu" },
  { layer: "dense", units: 10 },
] as const;
const LAYERS = [
  ...["flatten1", "batchNorm1", "dense1", "batchNorm2"],
  ...["relu1", "dense2", "relu2", "dense3"],
];
const TRAINED = ["batchNorm1", "dense1", "batchNorm2", "dense2", "dense3"];

function declared(measures: Record<string, MeasureDeclaration>, inspect?: object) {
  return defineExperiment({
    ...D,
    arms: {
      ...D.arms,
      deep: supervised({
        ...D.arms.narrow,
        net: [...NET],
        ...(inspect && { inspect: inspect as { every: number } }),
      }),
    },
    measures: { ...D.measures, ...measures },
  });
}

const arm = declared({}, { every: 10 }).arms["deep"] as Supervised;

/** A look whose numbers are those of the layer's place times `scale`. */
function look(step: number, scale: number, more: Partial<InspectionRecord> = {}): InspectionRecord {
  const each = LAYERS.map((_, i) => scale * (i + 1));
  return {
    step,
    loss: 1,
    mean: each,
    variance: each.map((x) => 10 * x),
    dead: LAYERS.map((_, i) => i / 8),
    drift: each.map((x) => 100 * x),
    gradients: TRAINED.map((_, i) => scale * 4 ** i),
    updates: TRAINED.map((_, i) => scale * 9 ** i),
    ...more,
  };
}

function taken(measure: Measure, looks: readonly InspectionRecord[], of = arm) {
  const inspections: Progress["inspections"] = {
    layers: [...LAYERS],
    trained: [...TRAINED],
    looks: [...looks],
  };
  const facts: Facts = { evaluations: [], readings: {}, inspections };
  return takeMeasure(measure, of, facts);
}

function close(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual / expected - 1) < 1e-12, `${actual}`);
}

Deno.test("gradientNorm is the geometric mean over the looks, of a norm or of a ratio", () => {
  const looks = [look(0, 1), look(10, 4), look(20, 16)];
  close(taken({ measure: "gradientNorm", layer: "dense1" }, looks), 4 * 4);
  close(taken({ measure: "gradientNorm", layer: "dense1", over: "dense3" }, looks), 1 / 64);
  const uneven = [look(0, 1), look(10, 1, { gradients: [1, 1, 1, 1, 4] })];
  close(taken({ measure: "gradientNorm", layer: "dense3", over: "dense1" }, uneven), 16);
  // A gradient that vanishes for once makes the mean 0, and nothing is held over one.
  const gone = [look(0, 1), look(10, 1, { gradients: [1, 0, 1, 1, 1] })];
  assert.equal(taken({ measure: "gradientNorm", layer: "dense1" }, gone), 0);
  close(taken({ measure: "gradientNorm", layer: "dense3", over: "dense1" }, gone), 64);
});

Deno.test("drift is that of the inputs of all layers with weights but the first", () => {
  // dense2 takes in relu1, at place 5; dense3 takes in relu2, at place 7.
  close(taken({ measure: "drift" }, [look(0, 1), look(10, 2)]), 100 * 6 * 1.5);
  const silent = look(20, 9, { drift: LAYERS.map((_, i) => i === 4 ? null : 1) });
  close(taken({ measure: "drift" }, [look(0, 1), silent]), 100 * 6);
  const elsewhere = look(20, 9, { drift: LAYERS.map((_, i) => i === 0 ? null : 300) });
  close(taken({ measure: "drift" }, [look(0, 1), elsewhere]), (600 + 300) / 2);
});

Deno.test("layerActivation is the mean over the looks of one moment", () => {
  const looks = [look(0, 1), look(10, 3)];
  close(taken({ measure: "layerActivation", layer: "relu1", moment: "mean" }, looks), 10);
  close(taken({ measure: "layerActivation", layer: "relu1", moment: "variance" }, looks), 100);
});

Deno.test("deadUnits is the mean over the activations at the last look", () => {
  const looks = [look(0, 1, { dead: LAYERS.map(() => 1) }), look(10, 1)];
  close(taken({ measure: "deadUnits" }, looks), (4 / 8 + 6 / 8) / 2);
});

Deno.test("updateRatio is the geometric mean over the looks", () => {
  close(taken({ measure: "updateRatio", layer: "batchNorm2" }, [look(0, 1), look(10, 4)]), 162);
});

Deno.test("gradientChange and lossRange are means over the looks that went along the gradient", () => {
  const along = (changes: (number | null)[], losses: (number | null)[]) =>
    look(0, 1, { gradients: [2, 2, 2, 2, 0], landscape: { changes, losses } });
  const looks = [along([1, 3, 2], [2, 5, 4]), along([5], [7]), along([9, null], [1, null])];
  close(taken({ measure: "gradientChange" }, looks), (3 + 5) / 4 / 2);
  close(taken({ measure: "lossRange" }, looks), (3 + 0) / 2);
  for (const measure of ["gradientChange", "lossRange"] as const) {
    assert.equal(taken({ measure }, [look(0, 1)]), undefined);
  }
});

Deno.test("what was not inspected, or has no such layer, has no such measure", () => {
  const measures: Measure[] = [
    { measure: "gradientNorm", layer: "relu1" },
    { measure: "gradientNorm", layer: "dense1", over: "relu1" },
    { measure: "layerActivation", layer: "dense4", moment: "mean" },
    { measure: "updateRatio", layer: "flatten1" },
  ];
  for (const measure of measures) assert.equal(taken(measure, [look(0, 1)]), undefined);
  const all: Measure[] = [...measures, { measure: "drift" }, { measure: "deadUnits" }];
  for (const measure of all) {
    assert.equal(takeMeasure(measure, arm, { evaluations: [], readings: {} }), undefined);
    assert.equal(taken(measure, []), undefined);
  }
  const linear = { ...arm, net: arm.net.map(() => ({ layer: "flatten" } as const)) };
  assert.equal(taken({ measure: "deadUnits" }, [look(0, 1)], linear), undefined);
});

Deno.test("a measure of inspections needs an arm that is inspected", () => {
  const refused = (measure: MeasureDeclaration, inspect: object | undefined, message: RegExp) =>
    assert.throws(() => declared({ "it": measure }, inspect), {
      name: "DeclarationError",
      message,
    });
  refused(
    { measure: "drift", arms: ["deep"] },
    undefined,
    /measure "it": drift is measured .*, and arm "deep" is not inspected; add inspect: \{ every/,
  );
  refused({ measure: "drift" }, undefined, /no arm is inspected; add .* to a supervised arm/);
  refused({ measure: "drift", arms: ["deep", "narrow"] }, { every: 5 }, /arm "narrow" is not/);
  refused(
    { measure: "lossRange", arms: ["deep"] },
    { every: 5 },
    /"deep" is not inspected along its gradient; add inspect: \{ every: 100, landscape: \[0\.1\]/,
  );
  refused({ measure: "gradientChange" }, { every: 5 }, /no arm is inspected along its gradient/);
  refused(
    { measure: "gradientNorm", layer: "dense1", over: "dense4" },
    { every: 5 },
    /there is no layer in these arms "dense4"; did you mean "dense\d"\? There are: flatten1, batch/,
  );
  refused({ measure: "updateRatio", layer: "conv2d1", arms: ["deep"] }, { every: 5 }, /"conv2d1"/);
  declared({ "it": { measure: "gradientNorm", layer: "dense3", over: "dense1" } }, { every: 5 });
  declared({ "it": { measure: "drift" } }, { every: 5 });
  declared({ "it": { measure: "lossRange", arms: ["deep"] } }, { every: 5, landscape: [1] });
});

Deno.test("cells that choose or stand in a sweep are not inspected, so none of it is asked of them", () => {
  const inspect = { every: 5 };
  const { linear } = D.arms;
  const declaration = {
    ...D,
    arms: { ...D.arms, inspected: { ...linear, inspect }, other: { ...linear, inspect } },
    measures: { ...D.measures, drift: { measure: "drift" } },
    sweeps: { batches: { arms: ["inspected"], over: { batch: [8, 32] } } },
  } satisfies Parameters<typeof defineExperiment>[0];
  const [claim] = D.claims;
  const { measures } = declaration;
  const refused = (fields: object, where: RegExp) =>
    assert.throws(() => defineExperiment({ ...declaration, ...fields }), (error: Error) => {
      assert.equal(error.name, "DeclarationError");
      assert.match(error.message, where);
      assert.match(error.message, /"drift" is measured inside the net .*, and only an arm's own/);
      return true;
    });
  refused(
    { measures: { ...measures, it: { measure: "range", sweep: "batches", of: "drift" } } },
    /measure "it": /,
  );
  const figure = { figure: "heat map", sweep: "batches", measure: "drift", arms: ["inspected"] };
  refused({ figures: [figure] }, /figures\[0\] \(heat map\): /);
  const over = { bestOf: ["inspected", "other"], by: "drift", seed: 9 };
  const part = { ...claim!.parts[0]!, pairing: { arm: "linear", over } };
  refused({ claims: [{ ...claim, parts: [part] }] }, /claim tiny-fewer-parameters, part "para/);
  // An arm's own cells are.
  const gain = { measure: "gain", of: "drift", over: { inspected: "other" } } as const;
  defineExperiment({ ...declaration, measures: { ...measures, gain } });
});

Deno.test("what to inspect is checked when it is declared", () => {
  const refused = (inspect: object, message: RegExp) =>
    assert.throws(() => declared({}, inspect), { name: "DeclarationError", message });
  const bins = { from: 0, to: 1, bins: 10 };
  refused(
    { every: 5, histograms: { layers: "sigmoid", ...bins } },
    /arm "deep": inspect\.histograms: the net has no layers "sigmoid"; its layers are .*relu/,
  );
  for (const to of [0, -1, 1e-60, 1e30]) {
    refused(
      { every: 5, histograms: { layers: "relu", ...bins, to } },
      /arms\.deep\.inspect\.histograms: from must be below to, and each bin from 2\^-50 to 2\^50/,
    );
  }
  refused({ every: 5, histograms: { layers: "relu", ...bins, bins: 0 } }, /histograms\.bins/);
  refused({ every: 5, landscape: [] }, /inspect\.landscape: a landscape needs at least one step/);
  refused({ every: 5, landscape: [0] }, /inspect\.landscape\[0\]/);
  refused({ every: 0 }, /inspect\.every/);
  refused({ every: 5, each: 1 }, /"each" is no field here; did you mean "every"/);
});
