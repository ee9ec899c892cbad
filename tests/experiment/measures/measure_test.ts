import assert from "node:assert/strict";
import type { Supervised } from "../../../core/experiment/arms/arm.ts";
import type { Change } from "../../../core/data/change.ts";
import {
  type Facts,
  type Measure,
  measureSchema,
  readingsFor,
  takeMeasure,
} from "../../../core/experiment/measures/measure.ts";
import { readingKey } from "../../../core/experiment/measures/reading.ts";
import type { EvaluationRecord } from "../../../core/experiment/records/record.ts";
import cnn from "../../../experiments/cnn/mod.ts";
import { tiny } from "../tiny.ts";

const reference = cnn.arms["reference"] as Supervised;
const dense = cnn.arms["dense"] as Supervised;

/** Evaluations of one epoch a step; the sets that are not given are left out. */
function evaluated(
  step: number,
  sets: Readonly<Record<string, readonly [accuracy: number, loss: number]>>,
): EvaluationRecord[] {
  return Object.entries(sets).map(([set, [accuracy, loss]]) => (
    { step, set, accuracy, loss, count: 100 }
  ));
}

const FACTS: Facts = {
  evaluations: [
    ...evaluated(703, { validation: [0.25, 3], test: [0.125, 4] }),
    ...evaluated(1406, { validation: [0.5, 2], test: [0.625, 1.5] }),
  ],
  readings: {},
};

function taken(measure: Measure, arm = reference, facts = FACTS): number | undefined {
  return takeMeasure(measure, arm, facts);
}

Deno.test("accuracy and loss are those of the last evaluation on their set", () => {
  assert.equal(taken({ measure: "accuracy", set: "test" }), 0.625);
  assert.equal(taken({ measure: "accuracy", set: "validation" }), 0.5);
  assert.equal(taken({ measure: "loss", set: "test" }), 1.5);
  assert.equal(taken({ measure: "loss", set: "validation" }), 2);
  const none = { ...FACTS, evaluations: [] };
  assert.equal(taken({ measure: "loss", set: "test" }, reference, none), undefined);
});

Deno.test("steps to an accuracy end at the first evaluation that has it, or with the training", () => {
  const arm = { ...reference, steps: 2000 };
  const steps = (accuracy: number, averaged = 1, facts = FACTS) =>
    taken({ measure: "stepsTo", set: "validation", accuracy, averaged }, arm, facts);
  assert.equal(steps(0.25), 703);
  assert.equal(steps(0.5), 1406);
  assert.equal(steps(0.375, 2), 1406);
  assert.equal(steps(0.4, 2), 2000);
  assert.equal(steps(0.1, 3), 2000, "two evaluations are no three");
  const broken = evaluated(703, { validation: [0.25, 3] }).map((e) => ({ ...e, accuracy: null }));
  assert.equal(steps(0.1, 1, { ...FACTS, evaluations: broken }), 2000);
  assert.equal(steps(0.1, 1, { ...FACTS, evaluations: [] }), undefined);
});

Deno.test("the gap is taken where the training accuracy first reaches its level, in time", () => {
  const measure = { measure: "gap", trainAccuracy: 0.7, epochs: 2 } as const;
  const gap = (...accuracies: [number, number][]) =>
    taken(measure, reference, {
      evaluations: accuracies.flatMap(([training, test], epoch) =>
        evaluated((epoch + 1) * 703, { training: [training, 1], test: [test, 1] })
      ),
      readings: {},
    });
  assert.equal(gap([0.5, 0.4], [0.75, 0.5], [0.875, 0.25]), 0.25);
  assert.equal(gap([0.7, 0.7]), 0);
  assert.equal(gap([0.5, 0.4], [0.6999, 0.5]), undefined);
  assert.equal(gap([0.5, 0.4], [0.6, 0.5], [0.75, 0.5]), undefined, "in the third epoch of two");
});

Deno.test("the final gap is taken at the end, of both sets, and is no number without one", () => {
  const readings = { [readingKey({ reading: "training accuracy" })]: 0.75 };
  assert.equal(taken({ measure: "finalGap" }, reference, { ...FACTS, readings }), 0.125);
  assert.ok(Number.isNaN(taken({ measure: "finalGap" })));
  const untested = { evaluations: evaluated(703, { validation: [0.25, 3] }), readings };
  assert.ok(Number.isNaN(taken({ measure: "finalGap" }, reference, untested)));
  assert.deepEqual(readingsFor({ measure: "finalGap" }, reference), [
    { reading: "training accuracy" },
  ]);
});

const right: Change = { change: "shift", right: 4, down: 0 };
const left: Change = { change: "shift", right: -4, down: 0 };
const accuracyOf = (change: Change | null, images = 500) =>
  readingKey({ reading: "accuracy", change, images });
const folded = readingKey({ reading: "folding", images: 500 });
const READ: Facts = {
  evaluations: [],
  readings: {
    [folded]: 1e-7,
    [accuracyOf(null)]: 0.6,
    [accuracyOf(right)]: 0.5,
    [accuracyOf(left)]: 0.25,
  },
};
const under = { changes: [right, left], images: 500 };

Deno.test("accuracy under changes is their mean, the drop what is lost of the unchanged", () => {
  assert.equal(taken({ measure: "accuracyUnder", ...under }, reference, READ), 0.375);
  assert.equal(taken({ measure: "drop", ...under }, reference, READ), 0.6 - 0.375);
});

Deno.test("retention is what is left above chance", () => {
  const retention = taken({ measure: "retention", ...under }, reference, READ);
  assert.equal(retention, (0.375 - 0.1) / (0.6 - 0.1));
});

Deno.test("a measure without one of its readings is no number", () => {
  for (const measure of ["accuracyUnder", "drop", "retention"] as const) {
    const more = { measure, ...under, images: 501 };
    assert.ok(Number.isNaN(taken(more, reference, READ)), measure);
  }
  const edges = { measure: "edgeFilters", layer: "conv2d1", at: "end" } as const;
  assert.equal(taken(edges, reference, READ), undefined);
  const folding = { measure: "foldingDifference", images: 501 } as const;
  assert.equal(taken(folding, reference, READ), undefined);
  assert.equal(taken({ ...folding, images: 500 }, reference, READ), 1e-7);
});

const NORM = { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 } as const;

Deno.test("a measure names the readings it is made from", () => {
  const plain = { reading: "accuracy", change: null, images: 500 };
  const changed = [right, left].map((change) => ({ reading: "accuracy", change, images: 500 }));
  assert.deepEqual(readingsFor({ measure: "accuracyUnder", ...under }, reference), changed);
  assert.deepEqual(readingsFor({ measure: "drop", ...under }, reference), [plain, ...changed]);
  assert.deepEqual(readingsFor({ measure: "retention", ...under }, reference), [plain, ...changed]);
  assert.deepEqual(
    readingsFor({ measure: "edgeFilters", layer: "conv2d1", at: "start" }, reference),
    [
      { reading: "edge filters", layer: "conv2d1", at: "start" },
    ],
  );
  assert.deepEqual(readingsFor({ measure: "loss", set: "test" }, reference), []);
  const folding = { measure: "foldingDifference", images: 500 } as const;
  assert.deepEqual(readingsFor(folding, reference), [], "without a batch normalisation");
  const normalised = { ...reference, net: reference.net.toSpliced(1, 0, NORM) };
  assert.deepEqual(readingsFor(folding, normalised), [{ reading: "folding", images: 500 }]);
  const after = { ...reference, net: reference.net.toSpliced(2, 0, NORM) };
  assert.deepEqual(readingsFor(folding, after), [], "after an activation");
  // Only a 3x3 convolution has edge filters.
  for (const layer of ["relu1", "conv2d9"]) {
    assert.deepEqual(readingsFor({ measure: "edgeFilters", layer, at: "end" }, reference), []);
  }
  assert.deepEqual(readingsFor({ measure: "edgeFilters", layer: "conv2d1", at: "end" }, dense), []);
});

Deno.test("shapes on a canvas are those of the canvas", () => {
  const digits = cnn.arms["digits-reference"] as Supervised;
  assert.equal(taken({ measure: "parameters", layer: "dense1" }, digits), 10 * 10 * 64 * 64 + 64);
});

Deno.test("parameters are those of the net, or of one layer by its name", () => {
  assert.equal(taken({ measure: "parameters" }), 122_570);
  assert.equal(taken({ measure: "parameters" }, dense), 201_482);
  assert.equal(taken({ measure: "parameters", layer: "conv2d2" }), 18_496);
  assert.equal(taken({ measure: "parameters", layer: "maxPool1" }), 0);
  assert.equal(taken({ measure: "parameters", layer: "maxPool1" }, dense), undefined);
  assert.equal(taken({ measure: "parameters" }, tiny.arms["linear"] as Supervised), 7850);
});

Deno.test("shrinkage is a layer's output over its input, in elements", () => {
  assert.equal(taken({ measure: "shrinkage", layer: "maxPool1" }), 0.25);
  assert.equal(taken({ measure: "shrinkage", layer: "maxPool2" }), (6 * 6) / (13 * 13));
  assert.equal(taken({ measure: "shrinkage", layer: "flatten1" }), 1);
  assert.equal(taken({ measure: "shrinkage", layer: "maxPool3" }), undefined);
});

/**
 * What the backward pass of the reference arm reads, in numbers an image. A convolution's and a dense
 * layer's weight gradients read the layer's input; relu's gradient reads relu's output, which is the
 * next layer's input anyway; max-pooling's reads its input and output, both counted already; the loss
 * reads the logits. What a convolution gives before its relu is read by nothing.
 */
const REFERENCE = {
  batch: 32 * 32 * 3,
  relu1: 30 * 30 * 32,
  maxPool1: 15 * 15 * 32,
  relu2: 13 * 13 * 64,
  maxPool2: 6 * 6 * 64,
  relu3: 4 * 4 * 64,
  relu4: 64,
  logits: 10,
};
const DENSE = { batch: 32 * 32 * 3, relu1: 64, relu2: 64, logits: 10 };

function bytes(numbers: Readonly<Record<string, number>>, batch: number): number {
  return 4 * batch * Object.values(numbers).reduce((sum, n) => sum + n);
}

Deno.test("stored activation bytes are those that the backward pass reads, the batch included", () => {
  assert.equal(bytes(REFERENCE, 64), 13_642_240);
  for (const batch of [1, 64, 512]) {
    const measure = { measure: "storedActivationBytes", batch } as const;
    assert.equal(taken(measure), bytes(REFERENCE, batch));
    assert.equal(taken(measure, dense), bytes(DENSE, batch));
  }
});

Deno.test("activations per parameter are those bytes over the parameters' bytes", () => {
  for (const batch of [1, 64, 512]) {
    const measure = { measure: "activationsPerParameter", batch } as const;
    assert.equal(taken(measure), bytes(REFERENCE, batch) / (4 * 122_570));
    assert.equal(taken(measure, dense), bytes(DENSE, batch) / (4 * 201_482));
  }
});

for (
  const wrong of [
    { measure: "accuracy" },
    { measure: "accuracy", set: "train" },
    { measure: "shrinkage" },
    { measure: "storedActivationBytes" },
    { measure: "storedActivationBytes", batch: 0 },
    { measure: "parameters", set: "test" },
    { measure: "speed" },
    { measure: "gap", trainAccuracy: 0, epochs: 1 },
    { measure: "retention", changes: [], images: 1 },
    { measure: "retention", changes: [{ change: "shift", right: 0.5, down: 0 }], images: 1 },
    { measure: "edgeFilters", layer: "conv2d1", at: "middle" },
    { measure: "loss", set: "test", arms: [] },
  ]
) {
  Deno.test(`a measure cannot be ${JSON.stringify(wrong)}`, () => {
    assert.ok(!measureSchema.safeParse(wrong).success);
  });
}
