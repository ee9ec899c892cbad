/** On a stand-in, whose classes have names of their own, an attack aims by the published ones. */
import assert from "node:assert/strict";
import { DATASETS, firstImages } from "../../core/data/dataset.ts";
import { nearestBytes, unitPixels } from "../../core/data/pixels.ts";
import { cifar10StandIn } from "../../core/data/stand_in_cifar10.ts";
import { openCpu } from "../../core/device/cpu.ts";
import { transfer } from "../../core/experiment/arms/transfer.ts";
import { loadNet } from "../../core/experiment/cells/load_net.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readAttacked } from "../../core/experiment/samples/attacked_samples.ts";
import { answersOf } from "../../core/train/answers.ts";
import { attackSchema } from "../../core/train/attack.ts";
import { openAttacker } from "../../core/train/attacker.ts";
import { DECLARATION, runTiny, testInFolder } from "./tiny.ts";

const images = 30;
const { names } = DATASETS.cifar10;
const CAT = names.indexOf("cat");

function aimedAt(target: string) {
  const attack = { attack: "pgd", epsilon: 0.02, stepSize: 0.01, steps: 3, target } as const;
  const optimiser = { optimiser: "sgd", learningRate: 0.005 } as const;
  const linear = { ...DECLARATION.arms.linear, data: "cifar10", optimiser } as const;
  const figure = { figure: "attacked images", arm: "linear", attack, images: 4 } as const;
  return {
    attack,
    figure,
    experiment: {
      ...DECLARATION,
      arms: {
        linear,
        shown: transfer({
          ...{ data: "cifar10", sources: [{ arm: "linear" }], targets: ["linear"] },
          ...{ attack, images, fitted: 1 },
        }),
      },
      measures: { reached: { measure: "reached", attack, images } },
      figures: [figure],
      claims: [],
      presets: { ...DECLARATION.presets, quick: { seeds: 1, steps: 100 } },
    } satisfies Parameters<typeof defineExperiment>[0],
  };
}

testInFolder("on a stand-in an attack aims at a class by its published name", async (folder) => {
  const { test, shape, classes, source } = await cifar10StandIn();
  assert.equal(source, "stand-in");
  assert.ok(!classes.includes("cat"));
  const { attack, figure, experiment } = aimedAt("cat");
  const run = await runTiny(folder, { experiment: defineExperiment(experiment) });
  const [linear, shown] = run.cells.map(({ measures }) => measures);

  const first = firstImages(test, images);
  const net = await loadNet(`${run.folder}/linear-s0`);
  const device = openCpu("test");
  // By the stand-in's own names, the class in the same place.
  const attacker = await openAttacker(device, net, { image: shape, classes });
  const aimed = attackSchema.parse({ ...attack, target: classes[CAT] });
  const moved = await attacker.attack(aimed, first, 0);
  const answers = async (pixels: Float32Array) =>
    answersOf(await attacker.logits(pixels), classes.length).classes;
  const before = await answers(unitPixels(first));
  const after = await answers(moved);
  const bytes = await answers(unitPixels({ pixels: nearestBytes(moved) }));
  attacker.close();
  net.close();
  device.close();

  const all = [...first.labels.keys()];
  const others = all.filter((i) => first.labels[i] !== CAT);
  const reached = others.filter((i) => after[i] === CAT);
  assert.ok(reached.length > others.filter((i) => before[i] === CAT).length, "it has an effect");
  assert.equal(linear!["reached"], reached.length / others.length);
  assert.equal(
    shown!["accuracy of linear under linear"],
    all.filter((i) => bytes[i] === first.labels[i]).length / images,
  );
  const drawn = { ...figure, attack: attackSchema.parse(attack) };
  const { attacked } = (await readAttacked(denoHost, `${run.folder}/linear-s0`, drawn))!;
  assert.deepEqual(attacked.classes, classes, "a reader is told the names of what is shown");
  const turned = reached.filter((i) => before[i] === first.labels[i]).slice(0, figure.images);
  assert.ok(turned.length > 0);
  assert.deepEqual(attacked.images.map(({ index }) => index), turned);
  for (const { answers } of attacked.images) assert.equal(answers[1]!.class, CAT);
});

Deno.test("a class that only a stand-in has is none to aim at", async () => {
  const { classes } = await cifar10StandIn();
  assert.throws(() => defineExperiment(aimedAt(classes[CAT]!).experiment), {
    name: "DeclarationError",
    message: new RegExp(`there is no class "${classes[CAT]}".* airplane, automobile, bird, cat`),
  });
});
