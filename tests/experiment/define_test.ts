import assert from "node:assert/strict";
import { computation } from "../../core/experiment/arms/arm.ts";
import { DeclarationError } from "../../core/experiment/declaration_error.ts";
import { known } from "../../core/experiment/parse.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import cnn from "../../experiments/cnn/mod.ts";
import { DECLARATION as D, tiny } from "./tiny.ts";

function refusal(declaration: unknown): string {
  try {
    defineExperiment(declaration as never);
  } catch (error) {
    assert.ok(error instanceof DeclarationError, String(error));
    return error.message;
  }
  return assert.fail("expected a DeclarationError");
}

const { narrow } = D.arms;
const claim = D.claims[0]!;
const part = claim.parts[0]!;

function withArm(changes: object): unknown {
  return { ...D, arms: { ...D.arms, narrow: { ...narrow, ...changes } } };
}

function withPart(changes: object): unknown {
  return { ...D, claims: [{ ...claim, parts: [{ ...part, ...changes }] }] };
}

Deno.test("defineExperiment() puts in the defaults and changes nothing else", () => {
  assert.deepEqual(tiny.presets, D.presets);
  assert.deepEqual(tiny.claims, D.claims);
  const { linear } = D.arms;
  const defaults = { pixels: "unit", evaluations: "every epoch", displacements: false };
  assert.deepEqual(tiny.arms, {
    narrow: {
      ...narrow,
      ...defaults,
      optimiser: {
        optimiser: "adam",
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-7,
      },
    },
    linear: { ...linear, ...defaults },
  });
});

Deno.test("defineExperiment() takes what it gave", () => {
  assert.deepEqual(defineExperiment(tiny), tiny);
  assert.deepEqual(defineExperiment(cnn), cnn);
});

Deno.test("defineExperiment() refuses unknown arms of presets and measures", () => {
  const presets = { ...D.presets, quick: { ...D.presets.quick, arms: ["narow"] } };
  assert.throws(() => defineExperiment({ ...D, presets }), {
    name: "DeclarationError",
    message: /presets\.quick: there is no arm "narow"; did you mean "narrow"\?/,
  });
  const a = { measure: "parameters" as const, arms: ["linaer"] };
  assert.throws(() => defineExperiment({ ...D, measures: { ...D.measures, a } }), {
    name: "DeclarationError",
    message: /measure "a": there is no arm "linaer"; did you mean "linear"\?/,
  });
});

for (
  const [declaration, message] of [
    [
      { ...D, clams: [] },
      '"clams" is no field here; did you mean "claims"? There are: name, title, summary, arms, ' +
      "measures, claims, figures, presets, sweeps",
    ],
    [
      withArm({ bach: 3 }),
      'arms.narrow: "bach" is no field here; did you mean "batch"? There are: kind, data, net, ' +
      "weights, optimiser, loss, weightDecay, adversary, batch, trainImages, subset, poison, " +
      "virtual, canvas, pixels, epochs, steps, evaluations, level, validationImages, testImages, " +
      "displacements, inspect",
    ],
    [
      withArm({ net: [{ layer: "conv2d", filters: 1, kernel: 3, kernl: 3 }] }),
      'arms.narrow.net[0]: "kernl" is no field here; did you mean "kernel"? There are: layer, ' +
      "filters, kernel, stride, padding, bias, weights",
    ],
    [
      withArm({ optimiser: { optimiser: "adam", learningRate: 1, betta1: 0 } }),
      'arms.narrow.optimiser: "betta1" is no field here; did you mean "beta1"? There are: ' +
      "optimiser, learningRate, beta1, beta2, epsilon",
    ],
    [
      { ...D, measures: { a: { measure: "loss", set: "test", sett: "test" } } },
      'measures.a: "sett" is no field here; did you mean "set"? There are: measure, set, arms',
    ],
    [
      { ...D, presets: { ...D.presets, lecture: { seeds: 1, epoch: 3 } } },
      'presets.lecture: "epoch" is no field here; did you mean "epochs"? There are: seeds, ' +
      "arms, sweeps, epochs, steps, trainImages, validationImages, testImages, lookEvery, samples",
    ],
    [
      { ...D, claims: [claim, { ...claim, id: "other", remark: "" }] },
      'claims[1]: "remark" is no field here; did you mean "marks"? There are: id, lecture, ' +
      "paraphrase, parts, marks, needsTraining, note",
    ],
    [
      withPart({ minSeed: 3 }),
      'claims[0].parts[0]: "minSeed" is no field here; did you mean "minSeeds"? There are: part, ' +
      "measure, compare, value, tolerance, pairing, minSeeds",
    ],
    [
      withPart({ pairing: { arm: "narrow", minsu: "linear" } }),
      'claims[0].parts[0].pairing: "minsu" is no field here; did you mean "minus"? There are: ' +
      "arm, minus, over",
    ],
    [
      { ...D, sweeps: { batches: { arms: ["narrow"], over: { batch: [1] }, seeds: 1 } } },
      'sweeps.batches: "seeds" is no field here; did you mean "arms"? There are: arms, over',
    ],
  ] as const
) {
  Deno.test(`defineExperiment() names an unknown field: ${message.split(" is")[0]}`, () => {
    assert.equal(refusal(declaration), `experiment "tiny": ${message}`);
  });
}

for (
  const [declaration, message] of [
    [{ ...D, title: 3 }, "title: Invalid input: expected string, received number"],
    [{ ...D, arms: { Narrow: narrow } }, "arms.Narrow: a name in kebab-case: dense-wide"],
    [withArm({ kind: "supervized" }), 'arms.narrow.kind: .*; did you mean "supervised"\\?'],
    [
      withArm({ data: "minst" }),
      'arms.narrow.data: .*"mnist"\\|"cifar10"; did you mean "mnist"\\?',
    ],
    [withArm({ batch: 2.5 }), "arms.narrow.batch: Invalid input: expected int, received number"],
    [withArm({ net: [] }), "arms.narrow.net: Too small: expected array to have >=1 items"],
    [
      withArm({ net: [{ layer: "flatten" }, { layer: "densse", units: 3 }] }),
      "arms.narrow.net\\[1\\].layer: .*'conv2d' \\| .* 'dense' .*; did you mean \"dense\"\\?",
    ],
    [
      withArm({ net: [{ layer: "dense", units: "3" }] }),
      "arms.narrow.net\\[0\\].units: Invalid input: expected number, received string",
    ],
    [
      withArm({ net: [{ layer: "conv2d", filters: 1, kernel: [3] }] }),
      "arms.narrow.net\\[0\\].kernel: a size, or \\[height, width\\]",
    ],
    [
      withArm({ net: [{ layer: "conv2d", filters: 1, kernel: 3, padding: "sane" }] }),
      'arms.narrow.net\\[0\\].padding: "valid", "same", or how many pixels on each side',
    ],
    [
      withArm({ optimiser: { optimiser: "adamw", learningRate: 1 } }),
      "arms.narrow.optimiser.optimiser: .*'adam' \\| 'rmsprop' \\| 'sgd'; did you mean \"adam\"\\?",
    ],
    [
      withArm({ optimiser: { optimiser: "sgd", learningRate: 0 } }),
      "arms.narrow.optimiser.learningRate: Too small: expected number to be >0",
    ],
    [
      { ...D, measures: { a: { measure: "acuracy", set: "test" } } },
      'measures.a.measure: .*; did you mean "accuracy"\\?',
    ],
    [
      { ...D, measures: { a: { measure: "loss", set: "tests" } } },
      'measures.a.set: .*"test"\\|"validation"; did you mean "test"\\?',
    ],
    [
      withPart({ compare: "bellow" }),
      'claims\\[0\\].parts\\[0\\].compare: .*"above"\\|"below".*; did you mean "below"\\?',
    ],
    [
      withPart({ pairing: { arm: "narrow", minus: { bestof: ["linear"] } } }),
      "claims\\[0\\].parts\\[0\\].pairing.minus: an opponent is the name of an arm, or { bestOf: ",
    ],
    [
      { ...D, sweeps: { batches: { arms: ["narrow"], over: { batch: [] } } } },
      "sweeps.batches.over.batch: Too small: expected array to have >=1 items",
    ],
    [
      { ...D, presets: { quick: { seeds: 0 }, standard: { seeds: 1 }, lecture: { seeds: 1 } } },
      "presets.quick.seeds: Too small: expected number to be >=1",
    ],
  ] as const
) {
  Deno.test(`defineExperiment() names the place of a wrong value: ${message.split(":")[0]}`, () => {
    assert.match(refusal(declaration), new RegExp(`^experiment "tiny": ${message}`));
  });
}

Deno.test("defineExperiment() wants all three presets", () => {
  const { quick, standard } = D.presets;
  assert.match(
    refusal({ ...D, presets: { quick, standard } }),
    /^experiment "tiny": presets\.lecture: Invalid input: expected object, received undefined$/,
  );
});

Deno.test("defineExperiment() names all that is wrong, a line each", () => {
  const message = refusal({ ...withArm({ batch: 0, bach: 3 }) as object, title: "" });
  assert.equal(message.split("\n").length, 3);
  for (const place of ["title: ", "arms.narrow.batch: ", 'arms.narrow: "bach"']) {
    assert.ok(message.includes(place), message);
  }
});

for (
  const [what, declaration, message] of [
    [
      "arm of a claim",
      withPart({ pairing: { arm: "narow" } }),
      'claim tiny-fewer-parameters, part "parameters": there is no arm "narow"; did you mean ' +
      '"narrow"? There are: narrow, linear',
    ],
    [
      "opponent of a claim",
      withPart({ pairing: { arm: "narrow", over: "liner" } }),
      'claim tiny-fewer-parameters, part "parameters": there is no arm "liner"; did you mean ' +
      '"linear"? There are: narrow, linear',
    ],
    [
      "measure of a claim",
      withPart({ measure: "parametres" }),
      'claim tiny-fewer-parameters, part "parameters": there is no measure "parametres"; did you ' +
      'mean "parameters"? There are: test accuracy, parameters',
    ],
    [
      "measure that chooses an opponent",
      {
        ...D,
        arms: { ...D.arms, wide: narrow },
        claims: [{
          ...claim,
          parts: [{
            ...part,
            pairing: {
              arm: "linear",
              over: { bestOf: ["narrow", "wide"], by: "test acuracy", seed: 9 },
            },
          }],
        }],
      },
      'claim tiny-fewer-parameters, part "parameters": there is no measure "test acuracy"; did ' +
      'you mean "test accuracy"? There are: test accuracy, parameters',
    ],
    [
      "arm of a sweep",
      { ...D, sweeps: { batches: { arms: ["nrrow"], over: { batch: [8, 16] } } } },
      'sweep "batches": there is no arm "nrrow"; did you mean "narrow"? There are: narrow, linear',
    ],
    [
      "sweep of a preset",
      {
        ...D,
        sweeps: { batches: { arms: ["narrow"], over: { batch: [8, 16] } } },
        presets: { ...D.presets, quick: { seeds: 1, sweeps: ["baches"] } },
      },
      'presets.quick: there is no sweep "baches"; did you mean "batches"? There are: batches',
    ],
    [
      "measure where there is none",
      { ...D, measures: {} },
      'claim tiny-fewer-parameters, part "parameters": there is no measure "parameters", nor any ' +
      "other",
    ],
  ] as const
) {
  Deno.test(`defineExperiment() refuses an unknown ${what} with the nearest there is`, () => {
    assert.equal(refusal(declaration), `experiment "tiny": ${message}`);
  });
}

Deno.test("defineExperiment() leaves the measures of a computation open: they are its results", () => {
  const arms = { three: computation({ a: 3 }, (_lab, { a }) => ({ square: a * a })) };
  const parts = [{ ...part, measure: "square", pairing: { arm: "three" } }];
  const claims = [{ ...claim, parts }];
  assert.equal(defineExperiment({ ...D, arms, measures: {}, claims }).claims.length, 1);
});

Deno.test("defineExperiment() refuses the id of a claim that is taken", () => {
  assert.equal(
    refusal({ ...D, claims: [claim, D.claims[1], claim] }),
    'experiment "tiny": claims[2]: the id "tiny-fewer-parameters" is taken; every claim has its own',
  );
});

Deno.test("known() gives back a name that is known", () => {
  assert.equal(known("arm", "linear", ["narrow", "linear"]), "linear");
});
