import assert from "node:assert/strict";
import fc from "fast-check";
import { computation, type Supervised } from "../../core/experiment/arms/arm.ts";
import { digestOf } from "../../core/experiment/records/canonical.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { planCells, type PlanOptions } from "../../core/experiment/plan.ts";
import cnn from "../../experiments/cnn/mod.ts";
import { DECLARATION, tiny } from "./tiny.ts";

const quick = { preset: "quick" } as const;

async function ids(experiment: Experiment, options: Partial<PlanOptions> = {}): Promise<string[]> {
  return (await planCells(experiment, { ...quick, ...options })).map(({ id }) => id);
}

function refused(options: Partial<PlanOptions>, message: RegExp, experiment = tiny): Promise<void> {
  return assert.rejects(planCells(experiment, { ...quick, ...options }), {
    name: "DeclarationError",
    message,
  });
}

Deno.test("a plan has a cell for each arm and seed, seed by seed", async () => {
  assert.deepEqual(await ids(tiny), ["narrow-s0", "linear-s0", "narrow-s1", "linear-s1"]);
  assert.deepEqual(await ids(tiny, { seeds: [3, 7], arms: ["linear"] }), [
    "linear-s3",
    "linear-s7",
  ]);
  assert.equal((await ids(tiny, { preset: "lecture" })).length, 10);
});

Deno.test("a seed that is asked for twice is planned once", async () => {
  assert.deepEqual(await ids(tiny, { seeds: [1, 0, 1], arms: ["linear"] }), [
    "linear-s1",
    "linear-s0",
  ]);
});

Deno.test("a claim chooses the arms it needs, and the arms asked for narrow it further", async () => {
  const seeds = [0];
  assert.deepEqual(await ids(tiny, { seeds, claim: "tiny-learns" }), ["linear-s0"]);
  const claim = "tiny-fewer-parameters";
  assert.deepEqual(await ids(tiny, { seeds, claim }), ["narrow-s0", "linear-s0"]);
  assert.deepEqual(await ids(tiny, { seeds, claim, arms: ["narrow"] }), ["narrow-s0"]);
});

Deno.test("opponents are chosen on cells of a seed of their own, which come last", async () => {
  const cells = await planCells(cnn, { preset: "standard" });
  const choosing = ["dense-s1000", "dense-wide-s1000", "dense-5k-s1000", "dense-wide-5k-s1000"];
  assert.deepEqual(cells.filter(({ tuning }) => tuning).map(({ id }) => id), choosing);
  assert.ok(cells.slice(-choosing.length).every(({ tuning }) => tuning));
  assert.ok(
    (await planCells(cnn, quick)).every(({ tuning }) => !tuning),
    "one seed decides nothing",
  );
  assert.deepEqual(await ids(cnn, { claim: "cnn-memory" }), ["reference-s0", "dense-s0"]);
  assert.deepEqual(await ids(cnn, { arms: ["dense", "dense-wide"] }), [
    "dense-s0",
    "dense-wide-s0",
  ]);
  await refused({ seeds: [0, 1000] }, /seed 1000 is kept for choosing between opponents/, cnn);
});

Deno.test("a computation has one cell whatever the seeds", async () => {
  const arms = { three: computation({ a: 3 }, (_lab, { a }) => ({ a })) };
  const experiment = defineExperiment({ ...DECLARATION, arms, claims: [] });
  const [cell, ...others] = await planCells(experiment, { ...quick, seeds: [4, 5] });
  assert.deepEqual([cell!.id, cell!.steps, others], ["three-s0", 0, []]);
  assert.equal(cell!.digest, await digestOf({ arm: "three", inputs: { a: 3 } }));
});

const REFERENCE = "a6c98d08d0acf4dc2c21ba7c10e4ac01b26ee8e756133c4712970b0aa17d2f42";

Deno.test("the digest of the cnn reference at quick, seed 0, is what was written down", async () => {
  const [cell] = await planCells(cnn, { ...quick, arms: ["reference"] });
  assert.equal(cell!.digest, REFERENCE);
  // What it is the digest of: all that was declared, without what parsing puts back.
  assert.equal(
    await digestOf({
      seed: 0,
      arm: {
        kind: "supervised",
        data: "cifar10",
        net: [
          { layer: "conv2d", filters: 32, kernel: 3 },
          { layer: "relu" },
          { layer: "maxPool", size: 2 },
          { layer: "conv2d", filters: 64, kernel: 3 },
          { layer: "relu" },
          { layer: "maxPool", size: 2 },
          { layer: "conv2d", filters: 64, kernel: 3 },
          { layer: "relu" },
          { layer: "flatten" },
          { layer: "dense", units: 64 },
          { layer: "relu" },
          { layer: "dense", units: 10 },
        ],
        optimiser: { optimiser: "adam", learningRate: 0.001 },
        trainImages: 5000,
        validationImages: 500,
        testImages: 1000,
        steps: 100,
      },
    }),
    REFERENCE,
  );
});

async function referenceDigest(set: Record<string, unknown>, options: Partial<PlanOptions> = {}) {
  const [cell] = await planCells(cnn, { ...quick, arms: ["reference"], set, ...options });
  return cell!.digest;
}

Deno.test("adding an arm, a claim, a measure or a preset's seed leaves old digests as they are", async () => {
  const more = defineExperiment({
    ...cnn,
    arms: { narrow: DECLARATION.arms.narrow, ...cnn.arms },
    measures: { ...cnn.measures, "validation loss": { measure: "loss", set: "validation" } },
    claims: [{ ...cnn.claims[1]!, id: "cnn-memory-again" }, ...cnn.claims],
    presets: { ...cnn.presets, quick: { ...cnn.presets.quick, seeds: 3 } },
  });
  for (const preset of ["quick", "standard", "lecture"] as const) {
    const now = new Map((await planCells(more, { preset })).map(({ id, digest }) => [id, digest]));
    for (const { id, digest } of await planCells(cnn, { preset })) {
      assert.equal(now.get(id), digest, `${preset} ${id}`);
    }
  }
});

for (
  const [path, value] of [
    ["batch", 64],
    ["optimiser.beta1", 0.9],
    ["optimiser.beta2", 0.999],
    ["optimiser.epsilon", 1e-7],
    ["net.0.stride", 1],
    ["net.3.padding", "valid"],
    ["steps", 100],
    ["pixels", "unit"],
    ["evaluations", "every epoch"],
  ] as const
) {
  Deno.test(`${path} given as the default it has leaves the digest as it is`, async () => {
    assert.equal(await referenceDigest({ [path]: value }), REFERENCE);
  });
}

const CHANGES: Record<string, unknown> = {
  "batch": 32,
  "optimiser.learningRate": 2e-3,
  "optimiser.beta1": 0.8,
  "optimiser": { optimiser: "sgd", learningRate: 1e-3 },
  "net.0.filters": 33,
  "net.0.kernel": [3, 5],
  "net.3.padding": "same",
  "net.2.stride": 1,
  "net.1.layer": "sigmoid",
  "steps": 101,
  "trainImages": 4999,
  "validationImages": 499,
  "testImages": 999,
  "data": "mnist",
  "weights": { he: 1 },
  "net.9.weights": { he: 1 },
  "pixels": "standardised",
  "evaluations": { every: 78 },
  "loss": "hinge",
  "weightDecay": 1e-4,
};

Deno.test("any real change gives another digest, and no two changes the same", async () => {
  const changed = Object.entries(CHANGES).map(([path, value]) =>
    referenceDigest({ [path]: value })
  );
  const digests = [
    REFERENCE,
    ...await Promise.all(changed),
    await referenceDigest({}, { seeds: [1] }),
    await referenceDigest({}, { steps: 102 }),
  ];
  assert.equal(new Set(digests).size, digests.length);
});

Deno.test("any combination of changes gives a digest of its own", async () => {
  // "optimiser" would put back a field of itself that another path sets.
  const paths = Object.keys(CHANGES).filter((path) => path !== "optimiser");
  const seen = new Map<string, string>();
  await fc.assert(
    fc.asyncProperty(fc.subarray(paths), async (chosen) => {
      const set = Object.fromEntries(chosen.map((path) => [path, CHANGES[path]]));
      const digest = await referenceDigest(set);
      const key = chosen.join();
      assert.equal(seen.get(digest) ?? key, key);
      seen.set(digest, key);
    }),
    { numRuns: 50 },
  );
});

Deno.test("the order in which fields are declared is no part of a digest", async () => {
  const reversed = Object.fromEntries(Object.entries(cnn.arms["reference"]!).reverse());
  const experiment = defineExperiment({
    ...cnn,
    arms: { ...cnn.arms, reference: reversed } as never,
  });
  const [cell] = await planCells(experiment, { ...quick, arms: ["reference"] });
  assert.equal(cell!.digest, REFERENCE);
});

Deno.test("--set reaches nested fields and places in lists, in every supervised arm", async () => {
  const set = { "net.0.filters": 8, "net.3": { layer: "conv2d", filters: 4, kernel: [1, 2] } };
  const [cell] = await planCells(cnn, { ...quick, arms: ["reference"], set });
  const { net } = cell!.config as Supervised;
  assert.deepEqual(net[0], {
    layer: "conv2d",
    filters: 8,
    kernel: 3,
    stride: 1,
    padding: "valid",
  });
  assert.deepEqual(net[3], {
    layer: "conv2d",
    filters: 4,
    kernel: [1, 2],
    stride: 1,
    padding: "valid",
  });
  assert.equal(net.length, 12);
  const batches = (await planCells(tiny, { ...quick, set: { batch: 4 } }))
    .map(({ config }) => (config as Supervised).batch);
  assert.deepEqual(batches, [4, 4, 4, 4]);
  // The declaration itself stays as it was.
  assert.equal((tiny.arms["narrow"] as Supervised).batch, 16);
});

for (
  const [path, value, message] of [
    ["batch", "32", /^arm "narrow": batch: Invalid input: expected number, received string$/],
    ["net.1.units", 0, /^arm "narrow": net\[1\]\.units: Too small: expected number to be >=1$/],
    ["bacth", 32, /^there is no field "bacth"; did you mean "batch"\? There are: /],
    ["net.1.unit", 3, /^arm "narrow": net\[1\]: "unit" is no field here; did you mean "units"\?/],
    ["optimizer.learningRate", 1, /^there is no field "optimizer"; did you mean "optimiser"\?/],
    [
      "net.9.units",
      3,
      /^--set net\.9\.units: there is no field "9"; did you mean "\d"\? There are: 0, 1, 2, 3$/,
    ],
    ["net.4", { layer: "relu" }, /^--set net\.4: there is no field "4"/],
    ["net.-1", { layer: "relu" }, /^--set net\.-1: there is no field "-1"/],
    ["net.length", 1, /^--set net\.length: there is no field "length"/],
    [
      "weights",
      { hee: 1 },
      /^arm "narrow": weights: \{ normal: .* or \{ he: a factor \}, above 0$/,
    ],
    ["weights", { he: 0 }, /^arm "narrow": weights\.he: Too small: expected number to be >0$/],
    ["net.1.weights", { he: -1 }, /^arm "narrow": net\[1\]\.weights\.he: Too small/],
    ["pixels", "standardized", /^arm "narrow": pixels: .*; did you mean "standardised"\?/],
    [
      "evaluations",
      "often",
      /^arm "narrow": evaluations: "every epoch", "at the end", or \{ every/,
    ],
    ["evaluations", { every: 0 }, /^arm "narrow": evaluations\.every: Too small: .* >=1$/],
    ["batch.size", 3, /^--set batch\.size: batch has no fields of its own$/],
    ["__proto__.batch", 3, /^--set __proto__\.batch: there is no field "__proto__"/],
    ["net.0.layer", "flaten", /net\[0\]\.layer: .*; did you mean "flatten"\?/],
  ] as const
) {
  Deno.test(`--set ${path}=${JSON.stringify(value)} is refused with help`, async () => {
    await refused({ arms: ["narrow"], set: { [path]: value } }, message);
  });
}

Deno.test("an unknown arm or claim is refused with the nearest there is", async () => {
  await refused(
    { arms: ["narow"] },
    /no arm "narow"; did you mean "narrow"\? There are: narrow, l/,
  );
  await refused({ claim: "tiny-learn" }, /no claim "tiny-learn"; did you mean "tiny-learns"\?/);
});

/** The steps of the narrow arm with these fields, at a `quick` of these fields. */
async function steps(
  arm: Partial<Supervised>,
  preset: object,
  options: Partial<PlanOptions> = {},
): Promise<number> {
  const experiment = defineExperiment({
    ...DECLARATION,
    arms: { ...DECLARATION.arms, narrow: { ...DECLARATION.arms.narrow, ...arm } as never },
    presets: { ...DECLARATION.presets, quick: { seeds: 1, ...preset } },
  });
  const [cell] = await planCells(experiment, { ...quick, arms: ["narrow"], ...options });
  return cell!.steps;
}

Deno.test("training length: asked for, then the arm's own, then the preset's", async () => {
  assert.equal(await steps({}, { steps: 5 }), 5);
  assert.equal(await steps({}, { epochs: 3 }), 3 * 4);
  assert.equal(await steps({ epochs: 3 }, { steps: 5 }), 3 * 4);
  assert.equal(await steps({ steps: 7 }, { epochs: 2 }), 7);
  assert.equal(await steps({ steps: 7 }, { epochs: 2 }, { steps: 9 }), 9);
});

Deno.test("a preset's arms are planned, unless arms or a claim are asked for", async () => {
  const presets = { ...DECLARATION.presets, quick: { seeds: 1, steps: 1, arms: ["linear"] } };
  const experiment = defineExperiment({ ...DECLARATION, presets });
  assert.deepEqual(await ids(experiment), ["linear-s0"]);
  assert.deepEqual(await ids(experiment, { arms: ["narrow"] }), ["narrow-s0"]);
  const claim = "tiny-fewer-parameters";
  assert.deepEqual(await ids(experiment, { claim }), ["narrow-s0", "linear-s0"]);
});

Deno.test("an epoch is as many whole batches as the training images fill", async () => {
  assert.equal(await steps({}, { epochs: 2, trainImages: 79 }), 2 * 4);
  assert.equal(await steps({}, { epochs: 2 }, { set: { batch: 64 } }), 2);
  assert.equal(await steps({ subset: 33 }, { epochs: 2 }), 2 * 2);
});

Deno.test("a training length that is missing or given twice is refused", async () => {
  const refusal = (message: RegExp) => ({ name: "DeclarationError", message });
  await assert.rejects(
    steps({}, {}),
    refusal(/"narrow": neither it nor its preset gives steps or/),
  );
  const both = refusal(/^arm "narrow": give steps or epochs, not both$/);
  await assert.rejects(steps({ steps: 7, epochs: 1 }, {}), both);
  await assert.rejects(steps({}, { steps: 7, epochs: 1 }), both);
  await assert.rejects(steps({}, { steps: 7 }, { set: { epochs: 1 } }), both);
});

Deno.test("a batch larger than the training images is refused", async () => {
  await refused(
    { set: { batch: 65 } },
    /^arm "narrow": a batch of 65 is larger than its 64 training images; make the batch smaller$/,
  );
  await refused(
    { set: { subset: 15 } },
    /^arm "narrow": a batch of 16 is larger than its 15 training images; make the batch smaller$/,
  );
});

Deno.test("a canvas smaller than the images, or larger than any net needs, is refused", async () => {
  await refused(
    { set: { canvas: 27 } },
    /^arm "narrow": a canvas of 27 pixels a side is smaller than the images of mnist; make it at/,
  );
  await refused({ set: { canvas: 257 } }, /arm "narrow": canvas: .*<=256/);
});

Deno.test("a subset larger than the training images is refused", async () => {
  await refused(
    { set: { subset: 65 } },
    /^arm "narrow": a subset of 65 images cannot be drawn from 64 training images; make the subset/,
  );
});
