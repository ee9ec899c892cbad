import assert from "node:assert/strict";
import { breachOf } from "../../core/experiment/measures/guidelines.ts";
import { arms, BREAKING } from "../../experiments/dcgan/arms.ts";

/** The guideline that each arm breaks. */
const BROKEN: Readonly<Record<keyof typeof BREAKING, number>> = {
  "pooling": 1,
  "no-batch-norm": 2,
  "batch-norm-everywhere": 2,
  "dense-hidden": 3,
  "leaky-generator": 4,
  "sigmoid-output": 4,
  "relu-discriminator": 5,
};

const GUIDELINES = [1, 2, 3, 4, 5] as const;

function broken(arm: (typeof arms)["dcgan"]): number[] {
  const pair = { generator: arm.generator.net, discriminator: arm.discriminator.net };
  return GUIDELINES.filter((guideline) => breachOf(guideline, pair) !== undefined);
}

Deno.test("the main pair and the full-size one obey all five guidelines", () => {
  assert.deepEqual(broken(arms.dcgan), []);
  assert.deepEqual(broken(arms["full-size"]), []);
});

for (const [name, guideline] of Object.entries(BROKEN)) {
  Deno.test(`the arm ${name} breaks guideline ${guideline} and no other`, () => {
    assert.deepEqual(broken(BREAKING[name as keyof typeof BREAKING]), [guideline]);
  });
}
