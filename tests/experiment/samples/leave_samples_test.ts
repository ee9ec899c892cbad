import assert from "node:assert/strict";
import { decode } from "fast-png";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { loadNet } from "../../../core/experiment/cells/load_net.ts";
import { readPredictions, SAMPLES } from "../../../core/experiment/samples/samples.ts";
import { runTiny, testInFolder } from "../tiny.ts";

testInFolder(
  "a cell of seed 0 leaves its first test images and what its net says",
  async (folder) => {
    const run = await runTiny(folder, { arms: ["linear"] });
    const cell = `${run.folder}/linear-s0`;
    const { predictions, png } = (await readPredictions(denoHost, cell))!;
    const { test, classes } = await mnistStandIn();
    assert.deepEqual([predictions.image, predictions.classes], [[28, 28, 1], [...classes]]);
    assert.deepEqual(predictions.images.map(({ index }) => index), [...Array(24).keys()]);
    assert.deepEqual(predictions.images.map(({ label }) => label), [
      ...test.labels.subarray(0, 24),
    ]);

    const net = await loadNet(cell);
    const sheet = decode(png);
    assert.deepEqual([sheet.width, sheet.height], [8 * 28, 3 * 28]);
    for (const { index, probabilities } of predictions.images) {
      const image = test.pixels.subarray(index * 784, (index + 1) * 784);
      assert.deepEqual(probabilities, await net.predict(image));
      const left = index % 8 * 28, top = Math.floor(index / 8) * 28;
      const tile = Array.from(
        { length: 784 },
        (_, i) => sheet.data[(top + Math.floor(i / 28)) * sheet.width + left + i % 28],
      );
      assert.deepEqual(tile, [...image]);
    }
    net.close();
    assert.equal(await readPredictions(denoHost, `${run.folder}/linear-s1`), undefined);
  },
);

testInFolder("samples that were lost come back with a resume, others stay", async (folder) => {
  const { folder: run } = await runTiny(folder, { arms: ["linear"], seeds: [0] });
  const [numbers, pictures] = [SAMPLES.predictions, SAMPLES.pictures]
    .map((name) => `${run}/linear-s0/${name}`) as [string, string];
  const [text, png] = [await Deno.readTextFile(numbers), await Deno.readFile(pictures)];
  const { ino } = await Deno.stat(pictures);
  await runTiny(folder, { resume: run });
  assert.equal((await Deno.stat(pictures)).ino, ino);
  // As a kill leaves it: the picture is there, the numbers are not.
  await Deno.remove(numbers);
  await runTiny(folder, { resume: run });
  assert.deepEqual([await Deno.readTextFile(numbers), await Deno.readFile(pictures)], [text, png]);
});
