import assert from "node:assert/strict";
import type { Supervised } from "../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { normal, stream } from "../../core/random/streams.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, tiny } from "./tiny.ts";

const { narrow, linear } = DECLARATION.arms;
const experiment = defineExperiment({
  ...DECLARATION,
  arms: { narrow: { ...narrow, weights: { he: 1 } }, linear },
});
const asked = { preset: "quick", arms: ["narrow"], seeds: [0] } as const;

Deno.test("another factor of an arm's weights is another cell, and reaches no layer's declaration", async () => {
  const cells = await Promise.all([0.25, 1, 4].map(async (he) => {
    const [cell] = await planCells(experiment, { ...asked, set: { "weights.he": he } });
    const { weights, net } = cell!.config as Supervised;
    assert.deepEqual([weights, net], [{ he }, (tiny.arms["narrow"] as Supervised).net]);
    return cell!;
  }));
  assert.equal(new Set(cells.map(({ digest }) => digest)).size, 3);
});

Deno.test("weights that no layer would follow are refused, and those that one does are not", async () => {
  const own = { "net.1.weights": { normal: 0.1 } };
  assert.equal((await planCells(experiment, { ...asked, set: own })).length, 1);
  const set = { ...own, "net.3.weights": { he: 2 } };
  await assert.rejects(planCells(experiment, { ...asked, set }), {
    name: "DeclarationError",
    message: 'arm "narrow": weights: they change nothing, since every layer that has weights ' +
      "declares its own; drop the arm's, or those of the layers that it is meant for",
  });
});

testInFolder("a cell's weights start where its arm says, layer by layer", async (folder) => {
  // After one step at a rate of nearly nothing the weights are those of the start.
  const set = { "optimiser.learningRate": 1e-30, "net.3.weights": { normal: 0.5 } };
  const run = await runTiny(folder, { ...asked, experiment, steps: 1, set });
  const { tensors } = await leftBehind(run.folder, "narrow-s0");
  const deviations = { dense1: Math.sqrt(2 / 784), dense2: 0.5 };
  for (const [layer, deviation] of Object.entries(deviations)) {
    const source = stream(0, `initialise/${layer}/weights`);
    tensors.get(`${layer}/weights`)!.data.forEach((weight, i) => {
      assert.equal(weight, Math.fround(normal(source, 0, i) * Math.fround(deviation)), layer);
    });
  }
});
