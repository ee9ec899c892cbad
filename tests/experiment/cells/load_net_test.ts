import assert from "node:assert/strict";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { computation, supervised } from "../../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../../core/experiment/define.ts";
import { loadNet } from "../../../core/experiment/cells/load_net.ts";
import { foldBatchNorm } from "../../../core/nn/fold.ts";
import { DECLARATION, runTiny, testInFolder } from "../tiny.ts";

testInFolder("loadNet() predicts what the evaluation of its cell decided", async (folder) => {
  const { test } = await mnistStandIn();
  const { narrow, linear } = DECLARATION.arms;
  const [first, hidden, ...rest] = narrow.net;
  const normalised = supervised({
    ...narrow,
    net: [first!, hidden!, { layer: "batchNorm" }, ...rest],
  });
  const experiment = defineExperiment({ ...DECLARATION, arms: { narrow, linear, normalised } });
  const run = await runTiny(folder, { experiment, seeds: [0] });
  assert.equal(run.cells.length, 3);
  for (const { id, measures, progress } of run.cells) {
    const net = await loadNet(`${run.folder}/${id}`);
    assert.deepEqual(net.image, [28, 28, 1]);
    let hits = 0, loss = 0;
    for (let i = 0; i < 30; i++) {
      const probabilities = await net.predict(test.pixels.subarray(i * 784, (i + 1) * 784));
      assert.equal(probabilities.length, 10);
      assert.ok(probabilities.every((p) => p >= 0 && p <= 1));
      const sum = probabilities.reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 1) < 1e-6, `${sum}`);
      const label = test.labels[i]!;
      hits += Number(probabilities.indexOf(Math.max(...probabilities)) === label);
      loss -= Math.log(probabilities[label]!);
    }
    assert.equal(hits / 30, measures["test accuracy"]);
    assert.ok(Math.abs(loss / 30 - progress.evaluations.at(-1)!.loss!) < 1e-5);
    net.close();
  }
});

testInFolder("loadNet() predicts by the folded net where it is asked to", async (folder) => {
  const { narrow } = DECLARATION.arms;
  const [first, hidden, ...rest] = narrow.net;
  const normalised = supervised({
    ...narrow,
    net: [first!, hidden!, { layer: "batchNorm" }, ...rest],
  });
  const experiment = defineExperiment({ ...DECLARATION, arms: { normalised }, claims: [] });
  const cell = `${(await runTiny(folder, { experiment, seeds: [0] })).folder}/normalised-s0`;
  const [net, folded] = [await loadNet(cell), await loadNet(cell, { folded: true })];
  const dense = ["dense1/weights", "dense1/bias", "dense2/weights", "dense2/bias"];
  assert.deepEqual([...folded.tensors.keys()], dense);
  assert.deepEqual([...net.tensors.keys()].sort(), [
    ...["beta", "gamma", "running mean", "running variance"].map((role) => `batchNorm1/${role}`),
    ...dense.toSorted(),
  ]);
  const again = foldBatchNorm(net.layers, net.tensors);
  assert.deepEqual(again, { layers: folded.layers, tensors: folded.tensors });
  const image = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
  const [expected, found] = [await net.predict(image), await folded.predict(image)];
  assert.ok(Math.max(...expected.map((p, i) => Math.abs(p - found[i]!))) < 1e-5);
  assert.notDeepEqual(net.tensors.get("dense1/weights"), folded.tensors.get("dense1/weights"));
  net.close();
  folded.close();
});

testInFolder(
  "loadNet() predicts the same again, and refuses an image of another size",
  async (folder) => {
    const run = await runTiny(folder, { seeds: [0], arms: ["linear"], steps: 1 });
    const net = await loadNet(`${run.folder}/linear-s0`);
    const image = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
    const first = await net.predict(image);
    assert.notDeepEqual(await net.predict(new Uint8Array(784)), first);
    assert.deepEqual(await net.predict(image), first);
    await assert.rejects(net.predict(image.subarray(1)), {
      name: "RangeError",
      message: "an image of 28 x 28 x 1 has 784 bytes, not 783",
    });
  },
);

testInFolder(
  "loadNet() refuses a folder without a trained net, by its file's name",
  async (folder) => {
    await assert.rejects(loadNet(`${folder}/nothing`), { name: "HostError" });
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: { three: computation({ a: 3 }, (_lab, { a }) => ({ a })) },
      claims: [],
    });
    const run = await runTiny(folder, { experiment });
    await assert.rejects(loadNet(`${run.folder}/three-s0`), {
      name: "DeclarationError",
      message: /three-s0\/cell\.json: config: /,
    });
  },
);

testInFolder(
  "loadNet() refuses a checkpoint of another net, by the tensor's name",
  async (folder) => {
    const run = await runTiny(folder, { seeds: [0], steps: 1 });
    const path = (id: string) => `${run.folder}/${id}/checkpoint.safetensors`;
    await Deno.copyFile(path("linear-s0"), path("narrow-s0"));
    await assert.rejects(loadNet(`${run.folder}/narrow-s0`), {
      name: "CheckpointError",
      message: `${path("narrow-s0")}: the checkpoint does not fit the net: "dense1/weights" must ` +
        "be f32 [784, 8], not f32 [784, 10]",
    });
  },
);
