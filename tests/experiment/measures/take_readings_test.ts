import assert from "node:assert/strict";
import { changeImages } from "../../../core/data/change.ts";
import { firstImages } from "../../../core/data/dataset.ts";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { supervised } from "../../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../../core/experiment/define.ts";
import { edgeFilterShare } from "../../../core/experiment/measures/edge_filters.ts";
import { loadNet } from "../../../core/experiment/cells/load_net.ts";
import { readingKey } from "../../../core/experiment/measures/reading.ts";
import { openCpu } from "../../../core/device/cpu.ts";
import { logitsOf } from "../../../core/train/logits.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "../tiny.ts";

const change = { change: "shift", right: 3, down: -1 } as const;
const asked = { seeds: [0], arms: ["linear"] };

const shifted = defineExperiment({
  ...DECLARATION,
  measures: {
    ...DECLARATION.measures,
    shifted: { measure: "accuracyUnder", changes: [change], images: 25 },
    retained: { measure: "retention", changes: [change], images: 25 },
    elsewhere: { measure: "accuracyUnder", changes: [change], images: 7, arms: ["narrow"] },
  },
});

/** Accuracy by asking the net image by image. */
async function byHand(folder: string, count: number, changed: boolean): Promise<number> {
  const net = await loadNet(folder);
  const { test, shape } = await mnistStandIn();
  const plain = firstImages(test, count);
  const { pixels, labels } = changed ? changeImages(plain, shape, change) : plain;
  let hits = 0;
  for (let i = 0; i < count; i++) {
    const probabilities = await net.predict(pixels.subarray(i * 784, (i + 1) * 784));
    hits += Number(probabilities.indexOf(Math.max(...probabilities)) === labels[i]);
  }
  net.close();
  return hits / count;
}

testInFolder("a net is asked about changed images, and the answers are kept", async (folder) => {
  const { cells: [cell], folder: run } = await runTiny(folder, { ...asked, experiment: shifted });
  const [plain, under] = [
    await byHand(`${run}/linear-s0`, 25, false),
    await byHand(`${run}/linear-s0`, 25, true),
  ];
  assert.notEqual(plain, under);
  assert.equal(cell!.measures["shifted"], under);
  assert.equal(cell!.measures["retained"], (under - 0.1) / (plain - 0.1));
  assert.deepEqual(cell!.readings, {
    [readingKey({ reading: "accuracy", change: null, images: 25 })]: plain,
    [readingKey({ reading: "accuracy", change, images: 25 })]: under,
  });
  assert.ok(!("elsewhere" in cell!.measures), "only for the arms it names");
});

testInFolder(
  "a reading that is asked for later needs no training, and none twice",
  async (folder) => {
    const before = await runTiny(folder, asked);
    assert.deepEqual(before.cells[0]!.readings, {});
    const watch = new Watch();
    const after = await runTiny(folder, { resume: before.folder, experiment: shifted, watch });
    assert.equal(watch.steps, 0);
    const { record } = await leftBehind(after.folder, "linear-s0");
    const { shifted: under } = record.measures;
    assert.equal(under, await byHand(`${after.folder}/linear-s0`, 25, true));

    // Known answers are taken as they stand: the checkpoint is not read again.
    await Deno.remove(`${after.folder}/linear-s0/checkpoint.safetensors`);
    const again = await runTiny(folder, { resume: after.folder, experiment: shifted });
    assert.equal(again.cells[0]!.measures["shifted"], under);
  },
);

testInFolder(
  "a stop between two readings keeps what was read, and a resume goes on",
  async (folder) => {
    const watch = new Watch(Infinity, 1);
    const stopped = await runTiny(folder, { ...asked, experiment: shifted, watch });
    assert.ok(!stopped.complete);
    const [cell] = stopped.cells;
    assert.deepEqual([cell!.status, Object.keys(cell!.readings).length], ["finished", 1]);

    const second = new Watch();
    const resumed = await runTiny(folder, {
      resume: stopped.folder,
      experiment: shifted,
      watch: second,
    });
    assert.ok(resumed.complete);
    assert.deepEqual([second.steps, second.readings], [0, 1]);
    const whole = await runTiny(folder, { ...asked, experiment: shifted });
    assert.deepEqual(resumed.cells[0]!.measures, whole.cells[0]!.measures);
    assert.deepEqual(resumed.cells[0]!.readings, whole.cells[0]!.readings);
  },
);

testInFolder("a cell that only tunes is asked for what opponents are chosen by", async (folder) => {
  const experiment = defineExperiment({
    ...DECLARATION,
    measures: {
      ...DECLARATION.measures,
      shifted: { measure: "accuracyUnder", changes: [change], images: 25 },
      chosen: { measure: "accuracyUnder", changes: [{ ...change, right: 0 }], images: 5 },
    },
    claims: [{
      ...DECLARATION.claims[1]!,
      parts: [{
        ...DECLARATION.claims[1]!.parts[0]!,
        pairing: {
          arm: "linear",
          minus: { bestOf: ["narrow", "third"], by: "chosen", seed: 7 },
        },
      }],
    }],
    arms: { ...DECLARATION.arms, third: { ...DECLARATION.arms.narrow, batch: 8 } },
  });
  const { cells } = await runTiny(folder, { experiment, seeds: [0], steps: 2 });
  const tuning = cells.filter(({ tuning }) => tuning);
  assert.deepEqual(tuning.map(({ id }) => id), ["narrow-s7", "third-s7"]);
  for (const { measures, readings } of tuning) {
    assert.deepEqual([Object.keys(measures), Object.keys(readings).length], [["chosen"], 1]);
  }
  assert.ok("shifted" in cells[0]!.measures);
});

testInFolder(
  "a measure that means something else later leaves its claims undecided",
  async (folder) => {
    const claim = {
      ...DECLARATION.claims[0]!,
      parts: [{ ...DECLARATION.claims[0]!.parts[0]!, measure: "shifted", value: -1 }],
    };
    const declare = (images: number, arms?: string[]) =>
      defineExperiment({
        ...DECLARATION,
        claims: [claim],
        measures: {
          ...DECLARATION.measures,
          shifted: { measure: "accuracyUnder", changes: [change], images, ...(arms && { arms }) },
        },
      });
    const before = await runTiny(folder, { experiment: declare(25), seeds: [0] });
    assert.equal(before.judgements[0]!.verdict, "supported");
    const other = await runTiny(folder, { experiment: declare(24), resume: before.folder });
    assert.equal(other.judgements[0]!.verdict, "inconclusive");
    assert.match(other.judgements[0]!.reason!, /2 cells were run under other criteria/);
    // The first meaning is the one that counts, and an arm more or less is no other meaning.
    const again = await runTiny(folder, {
      experiment: declare(25, ["narrow", "linear"]),
      resume: before.folder,
    });
    assert.equal(again.judgements[0]!.verdict, "supported");
  },
);

testInFolder("no more images are asked about than the arm is tested on", async (folder) => {
  const all = defineExperiment({
    ...DECLARATION,
    measures: {
      ...DECLARATION.measures,
      all: { measure: "accuracyUnder", changes: [change], images: 9999 },
    },
  });
  const { cells, folder: run } = await runTiny(folder, { ...asked, experiment: all });
  assert.equal(cells[0]!.measures["all"], await byHand(`${run}/linear-s0`, 30, true));
});

const FILTERS = {
  ...DECLARATION,
  arms: {
    ...DECLARATION.arms,
    filters: supervised({
      ...DECLARATION.arms.linear,
      net: [
        { layer: "conv2d", filters: 40, kernel: 3, stride: 4 },
        { layer: "flatten" },
        { layer: "dense", units: 10 },
      ],
    }),
  },
  measures: {
    ...DECLARATION.measures,
    edges: { measure: "edgeFilters", layer: "conv2d1" },
    "edges at the start": { measure: "edgeFilters", layer: "conv2d1", at: "start" },
  },
} satisfies Parameters<typeof defineExperiment>[0];

testInFolder("edge filters are counted before and after training", async (folder) => {
  const experiment = defineExperiment(FILTERS);
  const arms = ["filters", "linear"];
  const run = await runTiny(folder, { experiment, seeds: [0], arms, steps: 60 });
  const shareIn = async (folder: string) => {
    const weights = (await leftBehind(folder, "filters-s0")).tensors.get("conv2d1/weights")!;
    return edgeFilterShare(weights.data as Float32Array, weights.shape);
  };
  const [linear, filters] = run.cells;
  assert.equal(filters!.measures["edges"], await shareIn(run.folder));
  assert.ok(!("edges" in linear!.measures), "a net without the layer has none");

  // After one step at a rate of nearly nothing the weights are those of the start.
  const set = { "optimiser.learningRate": 1e-30 };
  const still = await runTiny(folder, { experiment, seeds: [0], arms: ["filters"], steps: 1, set });
  assert.equal(filters!.measures["edges at the start"], await shareIn(still.folder));
  assert.equal(still.cells[0]!.measures["edges"], still.cells[0]!.measures["edges at the start"]);
});

testInFolder(
  "a folded net says nearly the same, and the difference is measured",
  async (folder) => {
    const { linear, narrow } = DECLARATION.arms;
    const [flatten, hidden, ...rest] = narrow.net;
    const normalised = supervised({
      ...narrow,
      net: [flatten!, hidden!, { layer: "batchNorm" }, ...rest],
    });
    const first = supervised({ ...linear, net: [{ layer: "batchNorm" }, ...linear.net] });
    const declare = (images: number) =>
      defineExperiment({
        ...DECLARATION,
        arms: { linear, normalised, first },
        measures: { folding: { measure: "foldingDifference", images } },
        claims: [],
      });
    const before = await runTiny(folder, { experiment: declare(25), seeds: [0] });
    const [unnormalised, folded, input] = before.cells;
    assert.deepEqual([unnormalised!.measures, input!.measures], [{}, {}], "nothing can be folded");
    const { folding } = folded!.measures;
    assert.ok(Number(folding) > 0 && Number(folding) < 1e-5, `${folding}`);
    assert.deepEqual(folded!.readings, {
      [readingKey({ reading: "folding", images: 25 })]: folding,
    });

    // All 30 test images, of a finished net: at least as far, and in other batches than of 16.
    const watch = new Watch();
    const all = await runTiny(folder, { experiment: declare(999), resume: before.folder, watch });
    assert.equal(watch.steps, 0);
    assert.ok(all.cells[1]!.measures["folding"]! >= folding!);

    // By hand, in batches of 7; the logits are those that the net predicts by.
    const cell = `${before.folder}/normalised-s0`;
    const { test } = await mnistStandIn();
    const images = firstImages(test, 25);
    const store = { name: "test", count: 25, image: [28, 28, 1] };
    const device = openCpu("test");
    const [a, b] = await Promise.all([false, true].map(async (folded) => {
      const net = await loadNet(cell, { folded });
      const logits = await logitsOf(device, net, { store, images, pixels: "unit", batch: 7 });
      const exponentials = Array.from(logits.subarray(240), Math.exp);
      const sum = exponentials.reduce((sum, x) => sum + x);
      const probabilities = await net.predict(images.pixels.subarray(24 * 784));
      probabilities.forEach((p, k) => assert.ok(Math.abs(p - exponentials[k]! / sum) < 1e-6));
      net.close();
      return [...logits];
    }));
    assert.equal(a!.length, 250);
    const differences = a!.map((x, i) => Math.abs(x - b![i]!));
    const magnitudes = [...a!, ...b!].map(Math.abs);
    assert.equal(folding, Math.max(...differences) / Math.max(...magnitudes));
    device.close();
  },
);

testInFolder("a damaged checkpoint is refused by its file's name", async (folder) => {
  const before = await runTiny(folder, asked);
  const path = `${before.folder}/linear-s0/checkpoint.safetensors`;
  await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, 100));
  await assert.rejects(runTiny(folder, { resume: before.folder, experiment: shifted }), {
    name: "CheckpointError",
    message: /linear-s0\/checkpoint\.safetensors: expected /,
  });
});

testInFolder(
  "an answer that is no finite number is kept as none, and not asked for again",
  async (folder) => {
    const net = [
      { layer: "flatten" },
      { layer: "dense", units: 8, bias: false },
      { layer: "batchNorm" },
      { layer: "relu" },
      { layer: "dense", units: 10 },
    ] as const;
    const optimiser = { optimiser: "sgd", learningRate: 1e18 } as const;
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: { narrow: { ...DECLARATION.arms.narrow, net: [...net], optimiser, steps: 1 } },
      measures: { folding: { measure: "foldingDifference", images: 20 } },
      claims: [],
    });
    const { cells: [cell], folder: run } = await runTiny(folder, { seeds: [0], experiment });
    assert.equal(cell!.status, "finished");
    assert.deepEqual(cell!.readings, {
      [readingKey({ reading: "folding", images: 20 })]: null,
    });
    assert.deepEqual(cell!.measures, {});
    const watch = new Watch();
    const again = await runTiny(folder, { experiment, resume: run, watch });
    assert.ok(again.complete);
    assert.deepEqual(again.cells, [cell]);
    assert.equal(watch.readings, 0);
  },
);
