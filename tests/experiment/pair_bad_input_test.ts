import assert from "node:assert/strict";
import { type Adversarial, adversarialSchema } from "../../core/experiment/arms/adversarial.ts";
import { lookCount, lookImages } from "../../core/experiment/cells/adversarial_cell.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { planCells } from "../../core/experiment/plan.ts";
import type { CheckpointTensor } from "../../core/train/checkpoint.ts";
import { filesIn } from "../folders.ts";
import { runTiny, testInFolder } from "./tiny.ts";
import {
  DECLARATION,
  digestOfTensors,
  lockYardstick,
  tinyPairs,
  WEIGHTS,
  YARDSTICK,
} from "./tiny_pair.ts";

const { arms } = DECLARATION;
type Arm = typeof arms.judged;

/** The experiment with another arm in the place of the judged pair. */
function declared(judged: Arm) {
  return defineExperiment({ ...DECLARATION, arms: { ...arms, judged } });
}

/** What a run of the judged pair says, and whether it left a step or a picture behind. */
async function refusal(
  folder: string,
  judged: Arm,
  tensors: readonly CheckpointTensor[] | undefined = WEIGHTS,
): Promise<Error> {
  const experiments = tensors.length > 0
    ? await lockYardstick(folder, tensors)
    : `${folder}/experiments`;
  const run = runTiny(folder, { experiment: declared(judged), experiments, arms: ["judged"] });
  const error = await run.then(() => assert.fail("it ran"), (error: Error) => error);
  const left = await filesIn(`${folder}/runs`).catch(() => []);
  assert.deepEqual(left.filter((path) => /metrics|samples|checkpoint/.test(path)), []);
  assert.ok(!error.message.includes("\n"), error.message);
  return error;
}

function withGenerator(net: Arm["generator"]["net"]): Arm {
  return { ...arms.judged, generator: { ...arms.judged.generator, net } };
}

testInFolder("a generator that makes no images is refused before a step", async (folder) => {
  const { net } = arms.judged.generator;
  const error = await refusal(folder, withGenerator(net.toSpliced(-1)));
  assert.equal(error.name, "ShapeError");
  assert.match(error.message, /generator's output is \[16, 784\], .* input is \[16, 28, 28, 1\]/);
});

testInFolder("a discriminator of two logits is refused before a step", async (folder) => {
  const { discriminator } = arms.judged;
  const net = [...discriminator.net.slice(0, -1), { layer: "dense", units: 2 } as const];
  const error = await refusal(folder, {
    ...arms.judged,
    discriminator: { ...discriminator, net },
  });
  assert.equal(error.name, "ShapeError");
  assert.match(error.message, /discriminator's output is \[16, 2\], .* needs 16 logits/);
});

testInFolder("a layer that does not fit is named with its net", async (folder) => {
  const flat = withGenerator(arms.judged.generator.net.toSpliced(-1, 1, {
    layer: "reshape",
    shape: [28, 27, 1],
  }));
  const error = await refusal(folder, flat);
  assert.equal(error.name, "ShapeError");
  assert.match(error.message, /^judged-s0: layer "generator\/reshape1": .*784.*\[28, 27, 1\]/);
});

testInFolder("a batch larger than the data is refused", async (folder) => {
  const error = await refusal(folder, { ...arms.judged, batch: 65 });
  assert.equal(error.name, "DeclarationError");
  assert.equal(
    error.message,
    'arm "judged": a batch of 65 is larger than its 64 training images; make the batch smaller',
  );
});

testInFolder(
  "more training images than there are, and none held out, are refused",
  async (folder) => {
    const { train } = await mnistStandIn();
    const many = await refusal(folder, { ...arms.judged, trainImages: train.count + 1 });
    assert.equal(many.name, "DeclarationError");
    assert.match(many.message, /training images were asked for, but .* has \d+; set trainImages/);
    for (const left of [0, 1]) {
      const none = await refusal(folder, { ...arms.judged, trainImages: train.count - left });
      assert.equal(none.name, "DeclarationError");
      assert.match(
        none.message,
        new RegExp(`training images leave ${left} held out, .* at least 2; set trainImages lower`),
      );
    }
  },
);

testInFolder("a yardstick that is not there says how to make it", async (folder) => {
  const error = await refusal(folder, arms.judged, []);
  assert.equal(error.name, "DeclarationError");
  assert.match(
    error.message,
    /\/judge\/locked\/yardstick-s0\/checkpoint\.safetensors: the yardstick's weights are not there; .* deno task experiment judge --preset standard --lock/,
  );
});

testInFolder("a yardstick of another digest is refused with both digests", async (folder) => {
  const tensors = WEIGHTS.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
  tensors[2]!.data[5]! += 1;
  const error = await refusal(folder, arms.judged, tensors);
  assert.equal(error.name, "DeclarationError");
  const [declared, found] = [YARDSTICK.weights, await digestOfTensors(tensors)];
  assert.ok(error.message.includes(`digest ${declared.slice(0, 12)}, found ${found.slice(0, 12)}`));
});

testInFolder("a yardstick without the named layer is refused with those it has", async (folder) => {
  const error = await refusal(folder, {
    ...arms.judged,
    yardstick: { ...YARDSTICK, features: "relu2" },
  });
  assert.equal(error.name, "ShapeError");
  assert.equal(
    error.message,
    'the yardstick has no layer "relu2"; it has flatten1, dense1, relu1, dense2',
  );
});

testInFolder(
  "a yardstick whose weights have other shapes is refused by the tensor",
  async (folder) => {
    // The same numbers, so the same digest.
    const tensors = WEIGHTS.map((tensor) =>
      tensor.name === "dense2/weights" ? { ...tensor, shape: [10, 6] } : tensor
    );
    const error = await refusal(folder, arms.judged, tensors);
    assert.match(
      error.message,
      /judge\/.*: .*"dense2\/weights" must be f32 \[6, 10\], not f32 \[10, 6\]/,
    );
    assert.equal(error.name, "CheckpointError");
  },
);

testInFolder("a yardstick for images of another shape is refused", async (folder) => {
  const yardstick = {
    ...YARDSTICK,
    net: [{ layer: "conv2d", filters: 2, kernel: 29 } as const, ...YARDSTICK.net],
  };
  const error = await refusal(folder, { ...arms.judged, yardstick });
  assert.equal(error.name, "ShapeError");
  assert.match(error.message, /^layer "conv2d1"/);
});

Deno.test("a look takes test images, then as many that were held out of training", async () => {
  const data = await mnistStandIn();
  const some = { trainImages: 64, samples: 20 };
  const images = lookImages(some, data);
  assert.deepEqual([images.count, lookCount(some, data)], [40, 20]);
  assert.deepEqual(images.pixels.slice(0, 20 * 784), data.test.pixels.slice(0, 20 * 784));
  const most = { trainImages: data.train.count - 7, samples: 10_000 };
  assert.equal(lookCount(most, data), 7);
});

Deno.test("measures, claims and presets of a pair that name what is not there are refused", () => {
  const refused = (changes: object, message: RegExp) =>
    assert.throws(() => defineExperiment({ ...DECLARATION, ...changes }), {
      name: "DeclarationError",
      message,
    });
  refused(
    { claims: [], measures: { distance: { measure: "frechetDistance", arms: ["judge"] } } },
    /measure "distance": there is no arm "judge"; did you mean "judged"/,
  );
  refused({ measures: { distance: { measure: "frechetDistanc" } } }, /measures\.distance/);
  refused(
    { measures: { told: { measure: "labelled", half: "both", label: "real" } } },
    /measures\.told\.half/,
  );
  const measures = {
    ...DECLARATION.measures,
    "Frechet distance": { measure: "frechetDistance", arms: ["plain"] },
  };
  refused({ measures }, /claim pair-generates, part "distance": there is no measure "Frechet/);
  refused(
    { figures: [{ figure: "scatter", x: "parameters", y: "reversl", arms: ["judged"] }] },
    /figures\[0\] \(scatter\): there is no measure "reversl"; did you mean "reversal"/,
  );
  const presets = { ...DECLARATION.presets, quick: { seeds: 1, steps: 12, arms: ["pair"] } };
  refused({ presets }, /presets\.quick: there is no arm "pair"/);
  const { quick } = DECLARATION.presets;
  refused(
    { presets: { ...DECLARATION.presets, quick: { ...quick, look: 3 } } },
    /"look" is no field/,
  );
});

const at = (preset: "quick" | "standard" | "lecture", set?: Record<string, unknown>) =>
  planCells(tinyPairs, { preset, set, seeds: [0] });

Deno.test("presets and --set reach the kinds that have the field", async () => {
  const [judged, plain, net] = await at("quick", {
    "lookEvery": 7,
    "generator.optimiser.learningRate": 0.5,
    "discriminator.net.1.units": 9,
    "batch": 8,
  });
  for (const cell of [judged!, plain!]) {
    const arm = cell.config as Adversarial;
    assert.deepEqual([arm.lookEvery, arm.batch, cell.steps], [7, 8, 12]);
    assert.equal((arm.generator.optimiser as { learningRate: number }).learningRate, 0.5);
    assert.equal((arm.discriminator.optimiser as { learningRate: number }).learningRate, 1e-3);
    assert.deepEqual(arm.discriminator.net[1], { layer: "dense", units: 9 });
  }
  const { batch, optimiser } = net!.config as never as { batch: number; optimiser: object };
  assert.deepEqual([batch, optimiser], [8, { optimiser: "sgd", learningRate: 0.1 }]);
  assert.ok(!("lookEvery" in net!.config));
  const [standard, , single] = await at("standard");
  assert.equal((standard!.config as Adversarial).lookEvery, 52);
  assert.deepEqual([standard!.steps, single!.steps], [104, 104]);
  const [lecture] = await at("lecture");
  assert.equal((lecture!.config as Adversarial).samples, 30);
  assert.equal(lecture!.steps, 30 * 4);
  await assert.rejects(at("quick", { "generator.net.1.unit": 3 }), /"unit"/);
  await assert.rejects(at("quick", { "generator.nets.1": 3 }), /no field "nets"/);
  await assert.rejects(at("quick", { lookevery: 3 }), /no field "lookevery"; did you mean "lookEv/);
});

Deno.test("defaults are no part of a pair's digest, everything else is", async () => {
  const digest = async (arm: object) => {
    const plain = { ...arms.plain, ...arm };
    const experiment = defineExperiment({ ...DECLARATION, arms: { ...arms, plain } });
    return (await planCells(experiment, { preset: "quick", arms: ["plain"] }))[0]!.digest;
  };
  const own = await digest({});
  const { pixels, activations, displacements } = adversarialSchema.parse(arms.plain);
  assert.equal(await digest({ pixels, activations, displacements }), own);
  const changes = [
    { pixels: "0..1" },
    { activations: true },
    { displacements: true },
    { code: 4 },
    { lookEvery: 6 },
    { samples: 21 },
    { yardstick: YARDSTICK },
    { yardstick: { ...YARDSTICK, weights: "0".repeat(64) } },
    { generator: arms.plain.discriminator },
  ];
  const digests = await Promise.all(changes.map(digest));
  assert.equal(new Set([own, ...digests]).size, changes.length + 1);
});
