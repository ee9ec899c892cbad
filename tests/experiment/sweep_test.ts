/** Which cells a sweep plans, and what a sweep may not be. */
import assert from "node:assert/strict";
import { computation, type Supervised } from "../../core/experiment/arms/arm.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { planCells, type PlanOptions } from "../../core/experiment/plan.ts";
import { DECLARATION } from "./tiny.ts";
import { RATE, SWEPT as TINY } from "./tiny_sweep.ts";

/** The linear arm, whose rate is 0.1 and whose batch is 16, over both; the rates of both arms. */
const SWEPT = {
  ...DECLARATION,
  measures: TINY.measures,
  claims: [...DECLARATION.claims, {
    id: "tiny-rate",
    lecture: "none",
    paraphrase: "A linear net takes larger rates.",
    parts: [{
      part: "rate",
      measure: "largest rate",
      compare: "above",
      value: 1,
      pairing: { arm: "linear", over: "narrow" },
      minSeeds: 2,
    }],
  }, {
    id: "tiny-faster",
    lecture: "none",
    paraphrase: "A linear net is as fast as a narrow one.",
    parts: [{
      part: "steps",
      measure: "steps at best",
      compare: "below",
      value: 1,
      pairing: { arm: "linear" },
      minSeeds: 2,
    }],
  }],
  sweeps: {
    grid: { arms: ["linear"], over: { batch: [8, 16], [RATE]: [0.1, 0.25] } },
    rates: { arms: ["linear", "narrow"], over: { [RATE]: [0.01, 0.1] } },
    more: { arms: ["linear"], over: { [RATE]: [0.01, 0.5] } },
  },
} satisfies Parameters<typeof defineExperiment>[0];

const swept = defineExperiment(SWEPT);

async function ids(experiment: Experiment, options: Partial<PlanOptions> = {}): Promise<string[]> {
  return (await planCells(experiment, { preset: "quick", ...options })).map(({ id }) => id);
}

Deno.test("a sweep adds a cell at every point but the one at which the arm stands itself", async () => {
  const cells = await planCells(swept, { preset: "quick", seeds: [0] });
  assert.deepEqual(cells.map(({ id }) => id), [
    "narrow-s0",
    // It stands at 0.01 itself.
    "narrow-s0-optimiser.learningRate=0.1",
    "linear-s0",
    "linear-s0-batch=8-optimiser.learningRate=0.1",
    "linear-s0-batch=8-optimiser.learningRate=0.25",
    "linear-s0-batch=16-optimiser.learningRate=0.25",
    "linear-s0-optimiser.learningRate=0.01",
    // 0.01 is a point of another sweep already.
    "linear-s0-optimiser.learningRate=0.5",
  ]);
  const { config, point } = cells[4]!;
  assert.deepEqual(point, { batch: 8, [RATE]: 0.25 });
  const { batch, optimiser } = config as Supervised;
  assert.deepEqual([batch, optimiser.learningRate], [8, 0.25]);
  assert.equal(new Set(cells.map(({ digest }) => digest)).size, cells.length);
});

Deno.test("a preset chooses sweeps, and a claim those that its measures need", async () => {
  const presets = { ...SWEPT.presets, quick: { ...SWEPT.presets.quick, sweeps: ["more"] } };
  const experiment = defineExperiment({ ...SWEPT, presets });
  const main = ["narrow-s0", "linear-s0"];
  const more = ["linear-s0-optimiser.learningRate=0.01", "linear-s0-optimiser.learningRate=0.5"];
  assert.deepEqual(await ids(experiment, { seeds: [0] }), [...main, ...more]);
  const none = { ...SWEPT.presets.quick, sweeps: [] };
  const without = defineExperiment({ ...SWEPT, presets: { ...SWEPT.presets, quick: none } });
  assert.deepEqual(await ids(without, { seeds: [0] }), main);
  assert.deepEqual(await ids(swept, { seeds: [0], claim: "tiny-learns" }), ["linear-s0"]);
  assert.deepEqual(await ids(without, { seeds: [0], claim: "tiny-rate" }), [
    "narrow-s0",
    "narrow-s0-optimiser.learningRate=0.1",
    "linear-s0",
    "linear-s0-optimiser.learningRate=0.01",
  ]);
});

Deno.test("best points are chosen on cells of a seed of their own, which come last", async () => {
  const tuning = [
    // The reference arm tunes too.
    "narrow-s1000",
    "narrow-s1000-optimiser.learningRate=0.1",
    "linear-s1000-optimiser.learningRate=0.01",
    "linear-s1000",
  ];
  for (const options of [{}, { claim: "tiny-faster" }]) {
    const cells = await planCells(swept, { preset: "quick", ...options });
    assert.deepEqual(cells.filter(({ tuning }) => tuning).map(({ id }) => id), tuning);
    assert.deepEqual(cells.slice(-tuning.length).map(({ id }) => id), tuning);
  }
  const tunes = async (options: Partial<PlanOptions>, experiment = swept) =>
    (await ids(experiment, options)).some((id) => id.includes("s1000"));
  assert.ok(!await tunes({ seeds: [0] }), "one seed decides nothing of two");
  assert.ok(!await tunes({ claim: "tiny-rate" }), "that chooses no point");
  assert.ok(!await tunes({ arms: ["linear"] }), "the reference arm is not run");
  const unclaimed = defineExperiment({ ...SWEPT, claims: [] });
  assert.ok(await tunes({ seeds: [0] }, unclaimed), "a table shows one seed");
  await assert.rejects(planCells(swept, { preset: "quick", seeds: [0, 1000] }), {
    name: "DeclarationError",
    message:
      'seed 1000 is kept for choosing between the points of sweep "rates"; ask for other seeds',
  });
});

Deno.test("what is swept cannot be set, and points cannot share a folder", async () => {
  const plan = (options: Partial<PlanOptions>, experiment = swept) =>
    planCells(experiment, { preset: "quick", seeds: [0], ...options });
  await assert.rejects(plan({ set: { batch: 32 } }), /^DeclarationError: --set batch: the experim/);
  const ofLinear = defineExperiment({
    ...DECLARATION,
    sweeps: { rates: { arms: ["linear"], over: { [RATE]: [0.01, 0.2] } } },
  });
  const none = { ...SWEPT.presets, quick: { ...SWEPT.presets.quick, sweeps: [] } };
  await plan({ set: { batch: 32 } }, defineExperiment({ ...SWEPT, presets: none }));
  await plan({ set: { [RATE]: 0.5 }, arms: ["narrow"] }, ofLinear);
  const lengths = { arms: ["linear"], over: { steps: [4, 8] } };
  const longer = defineExperiment({ ...DECLARATION, sweeps: { lengths } });
  await assert.rejects(
    plan({ steps: 2 }, longer),
    /--steps: the experiment sweeps over this field/,
  );
  const sgd = { optimiser: "sgd", learningRate: 0.5 };
  await assert.rejects(
    plan({ set: { optimiser: sgd } }, ofLinear),
    /--set optimiser: the experiment sweeps over this field/,
  );
  const rates = { arms: ["linear"], over: { [RATE]: [1e21, 1e-21] } };
  const colliding = defineExperiment({ ...DECLARATION, sweeps: { rates } });
  await assert.rejects(plan({}, colliding), /two sweep points would share the folder linear-s0-/);
});

Deno.test("a point that does not fit with the preset is refused by sweep, arm and point", async () => {
  const batches = { arms: ["linear"], over: { batch: [8, 65] } };
  const experiment = defineExperiment({ ...DECLARATION, sweeps: { batches } });
  await assert.rejects(planCells(experiment, { preset: "quick" }), {
    name: "DeclarationError",
    message: 'sweep "batches": arm "linear" at batch 65: a batch of 65 is larger than its 64 ' +
      "training images; make the batch smaller",
  });
});

Deno.test("a whole value that may be the arm's own or at its defaults is refused", async () => {
  const { linear } = DECLARATION.arms;
  const arms = {
    ...DECLARATION.arms,
    linear: {
      ...linear,
      optimiser: { optimiser: "adam", learningRate: 0.1, beta1: 0.5 } as const,
    },
  };
  const sweep = (...values: object[]) => {
    const optimisers = { arms: ["linear"], over: { optimiser: values as never[] } };
    const experiment = defineExperiment({ ...DECLARATION, arms, sweeps: { optimisers } });
    return ids(experiment, { seeds: [0], arms: ["linear"] });
  };
  const own = { optimiser: "adam", learningRate: 0.1 };
  await assert.rejects(
    sweep(own, { optimiser: "sgd", learningRate: 0.1 }),
    /^DeclarationError: sweep "optimisers": arm "linear" at optimiser \{.*\}: it is not said whether/,
  );
  assert.deepEqual(
    await sweep({ ...own, beta1: 0.5 }, { ...own, beta1: 0.9 }),
    ["linear-s0", "linear-s0-optimiser=_optimiser_adam_learningRate_0.1_beta1_0.9_"],
  );
});

for (
  const [over, message] of [
    [
      { bacth: [8, 16] },
      'arm "narrow" at bacth: there is no field "bacth"; did you mean "batch"? There are: kind, ',
    ],
    [
      { generator: [1, 2] },
      'arm "narrow" at generator: there is no field "generator"; did you mean',
    ],
    [
      { "optimizer.learningRate": [1, 2] },
      'arm "narrow" at optimizer.learningRate: there is no field "optimizer"; did you mean ' +
      '"optimiser"?',
    ],
    [
      { "optimiser.learnRate": [1, 2] },
      'arm "narrow" at optimiser.learnRate 1: optimiser: "learnRate" is no field here; did you ' +
      'mean "learningRate"?',
    ],
    [
      { [RATE]: [0.1, "0.2"] },
      'arm "narrow" at optimiser.learningRate 0.2: optimiser.learningRate: Invalid input: ' +
      "expected number, received string",
    ],
    [
      { [RATE]: [0.1, -1] },
      'arm "narrow" at optimiser.learningRate -1: optimiser.learningRate: Too',
    ],
    [
      { "net.4.units": [3, 4] },
      'arm "narrow" at net.4.units: there is no field "4"; did you mean',
    ],
    [
      { "net.4": [{ layer: "relu" }, { layer: "tanh" }] },
      'arm "narrow" at net.4: there is no field',
    ],
    [{ "batch.size": [3, 4] }, 'arm "narrow" at batch.size: batch has no fields of its own'],
    [{ batch: [8] }, "batch has only the value 8, so it changes nothing; give it two different"],
    [
      { batch: [8, 8.0] },
      "batch has only the value 8, so it changes nothing; give it two different",
    ],
    [
      { batch: [8, 16, 8] },
      'arm "narrow" is the same at batch 8 as at batch 8; drop one',
    ],
    [
      { "optimiser.beta1": [0.5, 0.9], batch: [8, 8, 4] },
      'arm "narrow" is the same at optimiser.beta1 0.5, batch 8 as at optimiser.beta1 0.5, batch 8; drop',
    ],
    [
      {
        optimiser: [
          { optimiser: "adam", learningRate: 1 },
          { optimiser: "adam", learningRate: 1, beta1: 0.9 },
        ],
      },
      'arm "narrow" is the same at optimiser {"optimiser":"adam","learningRate":1} as at ',
    ],
    ...[
      ["testImages", [10, 20]],
      ["validationImages", [10, 20]],
      ["evaluations", ["every epoch", "at the end"]],
      ["level", [{ trainAccuracy: 0.5 }, { trainAccuracy: 0.6 }]],
      ["level.trainAccuracy", [0.5, 0.6]],
      ["displacements", [true, false]],
    ].map(([path, values]) =>
      [
        { [path as string]: values },
        `${path} changes nothing: it only says how a training is watched, so the weights are the ` +
        "same at every value; sweep a field that reaches the training",
      ] as const
    ),
  ] as const
) {
  Deno.test(`a sweep over ${JSON.stringify(over)} is refused with help`, () => {
    const sweeps = { odd: { arms: ["narrow"], over: over as never } };
    assert.throws(() => defineExperiment({ ...DECLARATION, sweeps }), (error: Error) => {
      assert.equal(error.name, "DeclarationError");
      const start = `experiment "tiny": sweep "odd": ${message}`;
      assert.equal(error.message.slice(0, start.length), start);
      return true;
    });
  });
}

Deno.test("a sweep over no field, or of an arm that has none, is refused", () => {
  const define = (sweep: object) => () =>
    defineExperiment({
      ...DECLARATION,
      arms: { ...DECLARATION.arms, three: computation({ a: 3 }, (_lab, { a }) => ({ a })) },
      sweeps: { odd: sweep as never },
    });
  assert.throws(define({ arms: ["narrow"], over: {} }), /sweeps\.odd\.over: a sweep goes over at/);
  assert.throws(define({ arms: ["three"], over: { a: [3, 4] } }), {
    name: "DeclarationError",
    message:
      'experiment "tiny": sweep "odd": arm "three" is a computation, which has no fields to ' +
      "sweep",
  });
});
