/** What a finished cell leaves of attacks is what an attacker finds, and what figures draw. */
import assert from "node:assert/strict";
import { decode } from "fast-png";
import { firstImages } from "../../../core/data/dataset.ts";
import { nearestBytes, unitPixels } from "../../../core/data/pixels.ts";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../../core/device/cpu.ts";
import { readCheckpoint } from "../../../core/experiment/cells/checkpoint_file.ts";
import { defineExperiment, type Experiment } from "../../../core/experiment/define.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import {
  attackedFiles,
  type AttackFigure,
  readAttacked,
} from "../../../core/experiment/samples/attacked_samples.ts";
import { answersOf } from "../../../core/train/answers.ts";
import { attackSchema } from "../../../core/train/attack.ts";
import { openAttacker } from "../../../core/train/attacker.ts";
import { CheckpointError } from "../../../core/train/checkpoint.ts";
import { DECLARATION, runTiny, testInFolder } from "../tiny.ts";

const arm = "linear";
const IMAGES: AttackFigure = {
  figure: "attacked images",
  arm,
  attack: attackSchema.parse({ attack: "pgd", epsilon: 0.3, stepSize: 0.1, steps: 5 }),
  images: 3,
};
const STRIPS: AttackFigure = {
  figure: "epsilon strips",
  arm,
  attack: "fgsm",
  epsilons: [0.1, 0.5],
  images: 2,
};

/** Trained for longer, so that the linear net gets some images right. */
function attacked(...figures: AttackFigure[]): Experiment {
  const presets = { ...DECLARATION.presets, quick: { seeds: 2, steps: 60 } };
  return defineExperiment({ ...DECLARATION, presets, figures });
}

/** The tile of a picture in a row and column of digits. */
function tile(png: Uint8Array<ArrayBuffer>, row: number, column: number): number[] {
  const { data, width } = decode(png);
  const at = (i: number) => (28 * row + Math.floor(i / 28)) * width + 28 * column + i % 28;
  return Array.from({ length: 784 }, (_, i) => data[at(i)]!);
}

testInFolder(
  "a cell of seed 0 leaves images under attack, as an attacker makes them",
  async (folder) => {
    const { folder: run } = await runTiny(folder, {
      experiment: attacked(IMAGES, STRIPS),
      arms: [arm],
    });
    const cell = `${run}/${arm}-s0`;
    const { tensors } = await readCheckpoint(denoHost, `${cell}/checkpoint.safetensors`);
    const { test, classes } = await mnistStandIn();
    const images = firstImages(test, 30);
    const device = openCpu("test");
    const net = { layers: DECLARATION.arms.linear.net as never, tensors };
    const attacker = await openAttacker(device, net, { image: [28, 28, 1], classes, batch: 32 });
    try {
      const answers = async (pixels: Float32Array) =>
        answersOf(await attacker.logits(pixels), classes.length);
      const clean = unitPixels(images);
      const before = await answers(clean);
      const isRight = (i: number) => before.classes[i] === images.labels[i];
      const all = [...images.labels.keys()];

      const made = await attacker.attack(IMAGES.attack as never, images, 0);
      const after = await answers(made);
      const fooled = all.filter((i) => isRight(i) && after.classes[i] !== images.labels[i]).slice(
        0,
        3,
      );
      assert.equal(fooled.length, 3, "the net is fooled on some of the images");
      const { attacked, picture } = (await readAttacked(denoHost, cell, IMAGES))!;
      const said = (i: number, of: typeof before) => (
        { class: of.classes[i]!, confidence: of.confidences[i]! }
      );
      assert.deepEqual(attacked, {
        format: 1,
        classes: [...classes],
        image: [28, 28, 1],
        tried: 30,
        // A change of 0.3 around grey fits into the range once.
        amplified: 1,
        images: fooled.map((index) => ({
          index,
          label: images.labels[index]!,
          answers: [said(index, before), said(index, after)],
        })),
      });
      fooled.forEach((i, row) => {
        const [original, moved] = [clean, made].map((of) => of.subarray(784 * i, 784 * (i + 1)));
        assert.deepEqual(tile(picture!.png, row, 0), [
          ...images.pixels.subarray(784 * i, 784 * (i + 1)),
        ]);
        assert.deepEqual(tile(picture!.png, row, 2), [...nearestBytes(moved!)]);
        const change = moved!.map((x, k) => 0.5 + (x - original![k]!));
        assert.deepEqual(tile(picture!.png, row, 1), [...nearestBytes(change)]);
      });

      const strips = (await readAttacked(denoHost, cell, STRIPS))!;
      const right = all.filter(isRight).slice(0, 2);
      assert.deepEqual(strips.attacked.images.map(({ index }) => index), right);
      for (const [n, epsilon] of [0.1, 0.5].entries()) {
        const stage = await attacker.attack({ attack: "fgsm", epsilon }, images, 0);
        const answered = await answers(stage);
        right.forEach((i, row) => {
          assert.deepEqual(strips.attacked.images[row]!.answers[n + 1], said(i, answered));
          const pixels = stage.subarray(784 * i, 784 * (i + 1));
          assert.deepEqual(tile(strips.picture!.png, row, n + 1), [...nearestBytes(pixels)]);
        });
      }
    } finally {
      attacker.close();
      device.close();
    }
    assert.equal(await readAttacked(denoHost, `${run}/${arm}-s1`, IMAGES), undefined);
  },
);

testInFolder(
  "a figure that is added later is left by a resume; one that is there stays",
  async (folder) => {
    const { folder: run } = await runTiny(folder, { experiment: attacked(IMAGES), arms: [arm] });
    const cell = `${run}/${arm}-s0`;
    const [first, second] = await Promise.all([IMAGES, STRIPS].map(attackedFiles));
    const { ino } = await Deno.stat(`${cell}/${first!.picture}`);
    await assert.rejects(Deno.stat(`${cell}/${second!.numbers}`), Deno.errors.NotFound);
    const both = attacked(IMAGES, STRIPS);
    await runTiny(folder, { experiment: both, resume: run });
    const left = await Deno.readTextFile(`${cell}/${second!.numbers}`);
    const png = await Deno.readFile(`${cell}/${second!.picture}`);
    assert.equal((await Deno.stat(`${cell}/${first!.picture}`)).ino, ino);
    // As a kill leaves it: the picture is there, the numbers are not.
    await Deno.remove(`${cell}/${second!.numbers}`);
    await runTiny(folder, { experiment: both, resume: run });
    assert.equal(await Deno.readTextFile(`${cell}/${second!.numbers}`), left);
    assert.deepEqual(await Deno.readFile(`${cell}/${second!.picture}`), png);
  },
);

testInFolder(
  "an attack that fools a net on nothing leaves numbers without a picture",
  async (folder) => {
    const weak: AttackFigure = { ...IMAGES, attack: { attack: "noise", epsilon: 1e-6 } };
    const target: AttackFigure = {
      ...IMAGES,
      attack: { attack: "fgsm", epsilon: 0.5, target: "1" },
      images: 12,
      amplified: 20,
    };
    const { folder: run } = await runTiny(folder, {
      experiment: attacked(weak, target),
      arms: [arm],
    });
    const cell = `${run}/${arm}-s0`;
    const none = (await readAttacked(denoHost, cell, weak))!;
    assert.deepEqual([none.attacked.tried, none.attacked.images, none.picture], [
      30,
      [],
      undefined,
    ]);
    await assert.rejects(Deno.stat(`${cell}/${(await attackedFiles(weak)).picture}`));
    const { attacked: reached } = (await readAttacked(denoHost, cell, target))!;
    assert.ok(reached.images.length > 0 && reached.amplified === 20);
    for (const { label, answers: [before, after] } of reached.images) {
      assert.deepEqual([before!.class, after!.class], [label, 1]);
      assert.notEqual(label, 1);
    }
  },
);

testInFolder("a checkpoint that does not fit its net is named", async (folder) => {
  const { folder: run } = await runTiny(folder, { experiment: attacked(), arms: [arm] });
  const { folder: other } = await runTiny(folder, { experiment: attacked(), arms: ["narrow"] });
  await Deno.copyFile(
    `${other}/narrow-s0/checkpoint.safetensors`,
    `${run}/${arm}-s0/checkpoint.safetensors`,
  );
  const resumed = runTiny(folder, { experiment: attacked(IMAGES), resume: run });
  await assert.rejects(resumed, (error: Error) => {
    assert.ok(error instanceof CheckpointError);
    assert.match(error.message, /linear-s0\/checkpoint\.safetensors: /);
    return true;
  });
});
