import assert from "node:assert/strict";
import type { Supervised } from "../../core/experiment/arm.ts";
import { type Measure, measureSchema, takeMeasure } from "../../core/experiment/measure.ts";
import cnn from "../../experiments/cnn/mod.ts";
import { tiny } from "./tiny.ts";

const reference = cnn.arms["reference"] as Supervised;
const dense = cnn.arms["dense"] as Supervised;
const evaluations = {
  test: { accuracy: 0.625, loss: 1.5 },
  validation: { accuracy: 0.5, loss: 2 },
};

function taken(measure: Measure, arm = reference): number | undefined {
  return takeMeasure(measure, arm, evaluations);
}

Deno.test("accuracy and loss are those of the last evaluation on their set", () => {
  assert.equal(taken({ measure: "accuracy", set: "test" }), 0.625);
  assert.equal(taken({ measure: "accuracy", set: "validation" }), 0.5);
  assert.equal(taken({ measure: "loss", set: "test" }), 1.5);
  assert.equal(taken({ measure: "loss", set: "validation" }), 2);
  assert.equal(takeMeasure({ measure: "loss", set: "test" }, reference, {}), undefined);
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
  ]
) {
  Deno.test(`a measure cannot be ${JSON.stringify(wrong)}`, () => {
    assert.ok(!measureSchema.safeParse(wrong).success);
  });
}
