import assert from "node:assert/strict";
import { changeImages } from "../../core/data/change.ts";
import { firstImages } from "../../core/data/dataset.ts";
import { cifar10StandIn } from "../../core/data/stand_in_cifar10.ts";
import { supervised } from "../../core/experiment/arms/arm.ts";
import { trainingImages } from "../../core/experiment/cells/supervised_cell.ts";
import { type LoadedNet, loadNet } from "../../core/experiment/cells/load_net.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "./tiny.ts";

const CHANNELS = 3;
const PIXELS = 32 * 32;
const change = { change: "shift", right: 3, down: -1 } as const;

const coloured = supervised({
  ...DECLARATION.arms.narrow,
  data: "cifar10",
  subset: 48,
  net: [{ layer: "batchNorm" }, { layer: "flatten" }, { layer: "dense", units: 10 }],
});
const experiment = defineExperiment({
  ...DECLARATION,
  arms: {
    unit: coloured,
    raw: { ...coloured, pixels: "raw" },
    standardised: { ...coloured, pixels: "standardised" },
    // The arms of the claims.
    ...DECLARATION.arms,
  },
  measures: {
    ...DECLARATION.measures,
    shifted: { measure: "accuracyUnder", changes: [change], images: 25 },
  },
});
const arms = ["unit", "raw", "standardised"];
const asked = { experiment, arms, seeds: [0] };

/** Mean and standard deviation of each channel of the cell's own training images, in plain f64. */
async function byHand(cell: CellRecord) {
  const { train, ...data } = await cifar10StandIn();
  const { training } = trainingImages(cell.config as never, cell.seed, { train, ...data });
  assert.equal(training.length, 48);
  return Array.from({ length: CHANNELS }, (_, channel) => {
    const values = [...training].flatMap((image) =>
      Array.from(
        { length: PIXELS },
        (_, pixel) => train.pixels[(image * PIXELS + pixel) * CHANNELS + channel]! / 255,
      )
    );
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance) };
  });
}

async function accuracy(net: LoadedNet, pixels: Uint8Array, labels: Uint8Array, count: number) {
  let hits = 0;
  for (let i = 0; i < count; i++) {
    const bytes = PIXELS * CHANNELS;
    const probabilities = await net.predict(pixels.subarray(i * bytes, (i + 1) * bytes));
    hits += Number(probabilities.indexOf(Math.max(...probabilities)) === labels[i]);
  }
  return hits / count;
}

testInFolder(
  "a net predicts for a user's images and for changed ones as it was trained, however pixels reach it",
  async (folder) => {
    const run = await runTiny(folder, asked);
    const { test, shape } = await cifar10StandIn();
    const first = firstImages(test, 25);
    const changed = changeImages(first, shape, change);
    const digests = run.cells.map(({ progress }) => progress.chain.at(-1)![1]);
    assert.equal(new Set(digests).size, arms.length);
    // The weights start alike: how pixels reach the net is no part of their streams.
    assert.equal(new Set(run.cells.map(({ progress }) => progress.chain[0]![1])).size, 1);
    for (const cell of run.cells) {
      const net = await loadNet(`${run.folder}/${cell.id}`);
      assert.equal(
        await accuracy(net, test.pixels, test.labels, 30),
        cell.measures["test accuracy"],
        cell.id,
      );
      assert.equal(
        await accuracy(net, changed.pixels, changed.labels, 25),
        cell.measures["shifted"],
        cell.id,
      );
      const samples = await Deno.readTextFile(`${run.folder}/${cell.id}/samples/predictions.json`);
      assert.deepEqual(
        JSON.parse(samples).images[0].probabilities,
        await net.predict(test.pixels.subarray(0, PIXELS * CHANNELS)),
      );
      net.close();
    }
  },
);

testInFolder(
  "what images were standardised by is that of the cell's own training images, and in its checkpoint",
  async (folder) => {
    const { cells, folder: run } = await runTiny(folder, { ...asked, seeds: [0, 1] });
    const kept = new Set<string>();
    for (const cell of cells) {
      const { tensors } = await leftBehind(run, cell.id);
      const [mean, deviation] = ["mean", "deviation"].map((name) => tensors.get(`pixels/${name}`));
      if (cell.arm !== "standardised") {
        assert.deepEqual([mean, deviation], [undefined, undefined]);
        continue;
      }
      assert.deepEqual([mean!.shape, deviation!.shape], [[CHANNELS], [CHANNELS]]);
      (await byHand(cell)).forEach((expected, channel) => {
        assert.ok(Math.abs(mean!.data[channel]! - expected.mean) < 1e-6);
        assert.ok(Math.abs(deviation!.data[channel]! - expected.deviation) < 1e-6);
      });
      kept.add(mean!.data.join());
    }
    assert.equal(kept.size, 2, "two seeds draw two subsets");
  },
);

testInFolder(
  "a standardised cell that was stopped goes on to the same bits, checkpoint included",
  async (folder) => {
    const only = { ...asked, arms: ["standardised"] };
    const whole = await runTiny(folder, only);
    const expected = await leftBehind(whole.folder, "standardised-s0");
    const stopped = await runTiny(folder, { ...only, watch: new Watch(5) });
    assert.ok(!stopped.complete);
    const resumed = await runTiny(folder, { experiment, resume: stopped.folder });
    assert.deepEqual(await leftBehind(resumed.folder, "standardised-s0"), expected);
  },
);

testInFolder(
  "a checkpoint without the numbers that its images were standardised by is refused, by their name",
  async (folder) => {
    const run = await runTiny(folder, { ...asked, steps: 1 });
    const path = (id: string) => `${run.folder}/${id}/checkpoint.safetensors`;
    await Deno.copyFile(path("unit-s0"), path("standardised-s0"));
    await assert.rejects(loadNet(`${run.folder}/standardised-s0`), {
      name: "CheckpointError",
      message: `${path("standardised-s0")}: the images were standardised, and "pixels/mean" must ` +
        "be f32 [3], the means of their channels' pixels k/255",
    });
  },
);
