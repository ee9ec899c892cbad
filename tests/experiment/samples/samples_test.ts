/** Sample images are read whole or refused, whoever wrote them. */
import assert from "node:assert/strict";
import { denoHost } from "../../../core/experiment/host.ts";
import { encodePng } from "../../../core/experiment/samples/picture.ts";
import {
  type Predictions,
  readPredictions,
  SAMPLES,
} from "../../../core/experiment/samples/samples.ts";
import { testInFolder } from "../tiny.ts";

/** Three grey images of 2 x 2 in rows of two. */
const PREDICTIONS: Predictions = {
  format: 1,
  set: "test",
  classes: ["zero", "one"],
  image: [2, 2, 1],
  columns: 2,
  images: [0, 1, 2].map((index) => ({ index, label: index % 2, probabilities: [0.25, 0.75] })),
};
const PNG = encodePng(new Uint8Array(16), 4, 4, 1);

async function write(folder: string, predictions: unknown, png: Uint8Array = PNG): Promise<void> {
  await Deno.mkdir(`${folder}/samples`, { recursive: true });
  await Deno.writeTextFile(`${folder}/${SAMPLES.predictions}`, JSON.stringify(predictions));
  await Deno.writeFile(`${folder}/${SAMPLES.pictures}`, png);
}

testInFolder("readPredictions() gives the images and their probabilities", async (folder) => {
  assert.equal(await readPredictions(denoHost, folder), undefined);
  await write(folder, PREDICTIONS);
  assert.deepEqual(await readPredictions(denoHost, folder), { predictions: PREDICTIONS, png: PNG });
});

testInFolder("readPredictions() refuses what does not belong together", async (folder) => {
  const first = PREDICTIONS.images[0]!;
  const wrong: [predictions: unknown, png: Uint8Array, words: RegExp][] = [
    [
      { ...PREDICTIONS, columns: 3 },
      PNG,
      /6 x 2 pixels, grey.* found a PNG of 4 x 4 pixels, grey;/,
    ],
    [PREDICTIONS, encodePng(new Uint8Array(48), 4, 4, 3), /grey.* found .* RGB;/],
    [PREDICTIONS, PNG.subarray(0, 30), /found no PNG;/],
    [PREDICTIONS, PNG.map((byte, i) => i === 1 ? 81 : byte), /found no PNG;/],
    [PREDICTIONS, new Uint8Array(4_000_001), /at most 4000000 bytes, found 4000001/],
    [{ ...PREDICTIONS, set: "x".repeat(4_000_001) }, PNG, /at most 4000000 bytes/],
    [{ ...PREDICTIONS, images: [{ ...first, label: 2 }] }, PNG, /images\.0: .* each of 2 classes/],
    [{ ...PREDICTIONS, images: [{ ...first, probabilities: [1] }] }, PNG, /images\.0: /],
    [{ ...PREDICTIONS, images: [{ ...first, probabilities: [0, 2] }] }, PNG, /probabilities\.1: /],
    [{ ...PREDICTIONS, image: [2, 2, 2] }, PNG, /image\.2: /],
    [{ ...PREDICTIONS, image: [2, 1e9, 1] }, PNG, /image\.1: /],
    [{ ...PREDICTIONS, format: 2 }, PNG, /format: /],
  ];
  for (const [predictions, png, words] of wrong) {
    await write(folder, predictions, png);
    await assert.rejects(readPredictions(denoHost, folder), (error: Error) => {
      assert.equal(error.name, "DeclarationError");
      assert.match(error.message, words);
      return true;
    });
  }
});

testInFolder("readPredictions() names a picture that is missing", async (folder) => {
  await write(folder, PREDICTIONS);
  await Deno.remove(`${folder}/${SAMPLES.pictures}`);
  await assert.rejects(readPredictions(denoHost, folder), /HostError: .*predictions\.png: cannot/);
});
