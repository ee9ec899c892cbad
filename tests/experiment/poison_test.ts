import assert from "node:assert/strict";
import { poisoned } from "../../core/data/poison.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { stepsPerEpoch, type Supervised } from "../../core/experiment/arms/arm.ts";
import { seenInTraining, trainingImages } from "../../core/experiment/cells/supervised_cell.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { loadNet } from "../../core/experiment/cells/load_net.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { readingKey } from "../../core/experiment/measures/reading.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "./tiny.ts";

const { narrow, linear } = DECLARATION.arms;
const copies = { how: "near-copies", share: 0.5 } as const;
const flips = { how: "flipped labels", share: 0.25 } as const;

/** Of 64 training images the arms take 48. */
const experiment = defineExperiment({
  ...DECLARATION,
  arms: {
    narrow: { ...narrow, subset: 48, epochs: 6 },
    linear,
    copied: { ...narrow, subset: 48, epochs: 6, poison: copies },
    flipped: { ...narrow, subset: 48, epochs: 6, poison: flips },
  },
  measures: { ...DECLARATION.measures, "final gap": { measure: "finalGap" } },
});
const asked = { experiment, seeds: [3], arms: ["narrow", "copied", "flipped"] };

async function armsOf() {
  const cells = await planCells(experiment, { preset: "quick", ...asked });
  return cells.map(({ config }) => config as Supervised);
}

Deno.test("a poison reaches the training images of a cell and no others", async () => {
  const published = await mnistStandIn();
  const [plain, copied, flipped] = await armsOf();
  const images = [plain, copied, flipped].map((arm) => trainingImages(arm!, 3, published));
  assert.deepEqual(images.map(({ training }) => training.length), [48, 72, 48]);
  for (const { data, training, validation } of images) {
    assert.equal(data.test, published.test);
    assert.deepEqual(validation, images[0]!.validation);
    assert.deepEqual(training.subarray(0, 48), images[0]!.training);
    const bytes = published.train.pixels.length;
    assert.deepEqual(data.train.pixels.subarray(0, bytes), published.train.pixels);
  }
  const { training } = images[0]!;
  [copied, flipped].forEach((arm, i) => {
    const clean = { images: published.train, training };
    const own = poisoned(clean, arm!.poison!, { seed: 3, classes: 10 });
    const { labels } = images[i + 1]!.data.train;
    assert.ok(labels.every((label, at) => label === own.images.labels[at]), "by the cell's seed");
  });
  const wrong = images.map(({ data }) =>
    [...published.train.labels].flatMap((label, i) => data.train.labels[i] === label ? [] : [i])
  );
  assert.deepEqual(wrong.map(({ length }) => length), [0, 0, 12]);
  assert.ok(wrong[2]!.every((index) => images[0]!.training.includes(index)));
  assert.deepEqual([plain, copied, flipped].map((arm) => stepsPerEpoch(arm!)), [3, 4, 3]);
  assert.equal(seenInTraining(copied!, 3, published).count, 72);
});

testInFolder(
  "poisoned cells train on their poison, and resume to the same bits",
  async (folder) => {
    const whole = await runTiny(folder, asked);
    assert.deepEqual(whole.cells.map(({ progress }) => progress.step), [18, 24, 18]);
    const ends = whole.cells.map(({ progress }) => progress.chain.at(-1)![1]);
    assert.equal(new Set(ends).size, 3);
    for (const [arm, stopAfter] of [["copied", 5], ["flipped", 7]] as const) {
      const watch = new Watch(stopAfter);
      const stopped = await runTiny(folder, { ...asked, arms: [arm], watch });
      assert.ok(!stopped.complete);
      const resumed = await runTiny(folder, { resume: stopped.folder, experiment });
      const id = `${arm}-s3`;
      assert.deepEqual(await leftBehind(resumed.folder, id), await leftBehind(whole.folder, id));
    }
  },
);

testInFolder(
  "the final gap is training accuracy, under the labels that were told, minus test accuracy",
  async (folder) => {
    const { cells, folder: run } = await runTiny(folder, asked);
    const published = await mnistStandIn();
    for (const [i, arm] of (await armsOf()).entries()) {
      const { measures, readings, progress } = cells[i]!;
      const { pixels, labels, count } = seenInTraining(arm, 3, published);
      const net = await loadNet(`${run}/${asked.arms[i]}-s3`);
      let hits = 0;
      for (let i = 0; i < count; i++) {
        const answer = await net.predict(pixels.subarray(i * 784, (i + 1) * 784));
        hits += Number(answer.indexOf(Math.max(...answer)) === labels[i]);
      }
      net.close();
      assert.ok(hits > 0.2 * count && hits < count, `${hits} of ${count}`);
      assert.deepEqual(readings, {
        [readingKey({ reading: "training accuracy" })]: hits / count,
      });
      const test = progress.evaluations.findLast(({ set }) => set === "test")!;
      assert.equal(measures["final gap"], hits / count - test.accuracy!);
    }
  },
);

testInFolder("a poison that is none is refused in words", async (folder) => {
  const refused = (poison: object, message: RegExp) =>
    assert.throws(
      () =>
        defineExperiment({
          ...DECLARATION,
          arms: { narrow: { ...narrow, poison: poison as never }, linear },
        }),
      { name: "DeclarationError", message },
    );
  refused({ ...copies, share: 1.5 }, /arms\.narrow\.poison\.share: .*1/);
  refused({ ...flips, share: -0.5 }, /arms\.narrow\.poison\.share: .*0/);
  refused({ ...copies, levels: 256 }, /arms\.narrow\.poison\.levels: .*255/);
  refused({ ...copies, levels: 0 }, /arms\.narrow\.poison\.levels: .*1/);
  refused({ ...flips, levels: 3 }, /"levels" is no field/);
  refused({ how: "near copies", share: 0.1 }, /did you mean "near-copies"/);
  await assert.rejects(
    runTiny(folder, { ...asked, set: { poison: { how: "flipped labels", share: 2 } } }),
    { name: "DeclarationError", message: /poison\.share/ },
  );
});
