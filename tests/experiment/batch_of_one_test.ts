import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import type { LayerDeclaration } from "../../core/nn/layers.ts";
import { DECLARATION, runTiny, testInFolder } from "./tiny.ts";

const { narrow, linear } = DECLARATION.arms;
const asked = { arms: ["narrow"], seeds: [0] };

/** The narrow arm with other layers before its last one. */
function hidden(...layers: LayerDeclaration[]) {
  const net = [...layers, ...narrow.net.slice(-1)];
  return defineExperiment({ ...DECLARATION, arms: { narrow: { ...narrow, net }, linear } });
}

const dense = hidden({ layer: "flatten" }, { layer: "dense", units: 8 }, { layer: "batchNorm" });
const convolution = hidden(
  { layer: "conv2d", filters: 2, kernel: 5, stride: 4 },
  { layer: "batchNorm" },
  { layer: "relu" },
  { layer: "flatten" },
);

testInFolder(
  "a batch of one image before a batch normalisation of dense outputs is refused before anything runs",
  async (folder) => {
    for (const set of [{ batch: 1 }, { batch: 1, subset: 1 }, { batch: 1, trainImages: 1 }]) {
      await assert.rejects(runTiny(folder, { ...asked, experiment: dense, set }), {
        name: "ShapeError",
        message:
          'narrow-s0: layer "batchNorm1": the input [1, 8] has one number a channel, whose ' +
          "variance says nothing; train with a batch of at least 2",
      });
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), [], "it leaves nothing behind");
  },
);

testInFolder(
  "one image that is left over after whole batches is no batch: it is dropped from training, not from evaluation",
  async (folder) => {
    const set = { subset: 33, testImages: 17, validationImages: 1 };
    const { cells: [cell] } = await runTiny(folder, { ...asked, experiment: dense, set });
    assert.equal(cell!.status, "finished");
    // Two steps an epoch, so evaluations of 1 and of 17 images after every second one.
    const counts = cell!.progress.evaluations.map(({ step, count }) => [step, count]);
    assert.deepEqual(counts.slice(0, 4), [[2, 1], [2, 17], [4, 1], [4, 17]]);
  },
);

testInFolder(
  "a batch of one image can be trained on where a batch normalisation follows a convolution",
  async (folder) => {
    const set = { batch: 1 };
    const { cells: [cell] } = await runTiny(folder, { ...asked, experiment: convolution, set });
    assert.equal(cell!.status, "finished");
    assert.ok(Number.isFinite(cell!.measures["test accuracy"]));
  },
);
