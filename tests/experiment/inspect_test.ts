import assert from "node:assert/strict";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { type CellRecord, cellRecordSchema } from "../../core/experiment/records/record.ts";
import { inspectionRecord } from "../../core/experiment/cells/inspect.ts";
import type { Inspection } from "../../core/train/inspector.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, tiny, Watch } from "./tiny.ts";

const INSPECT = {
  every: 5,
  landscape: [0.1, 1],
  histograms: { layers: "relu", from: 0, to: 1, bins: 4 },
};

/** The narrow arm, inspected. */
function inspecting(changes: object = {}) {
  return defineExperiment({
    ...DECLARATION,
    arms: {
      ...DECLARATION.arms,
      narrow: { ...DECLARATION.arms.narrow, inspect: INSPECT, ...changes },
    },
    measures: {
      ...DECLARATION.measures,
      "first gradient": { measure: "gradientNorm", layer: "dense1" },
      "gradient change": { measure: "gradientChange", arms: ["narrow"] },
    },
  });
}
const experiment = inspecting();
const asked = { seeds: [0], arms: ["narrow"] };

testInFolder(
  "an inspected cell has its looks, and the weights of one that is not",
  async (folder) => {
    const { cells: [plain] } = await runTiny(folder, { ...asked, experiment: tiny });
    const { cells: [cell] } = await runTiny(folder, { ...asked, experiment });
    assert.deepEqual(cell!.progress.chain, plain!.progress.chain);
    assert.deepEqual(cell!.progress.evaluations, plain!.progress.evaluations);
    assert.notEqual(cell!.digests.config, plain!.digests.config);
    assert.equal(plain!.progress.inspections, undefined);

    const { layers, trained, looks } = cell!.progress.inspections!;
    assert.deepEqual(layers, ["flatten1", "dense1", "relu1", "dense2"]);
    assert.deepEqual(trained, ["dense1", "dense2"]);
    assert.deepEqual(looks.map(({ step }) => step), [0, 5, 10, 12]);
    for (const look of looks) {
      assert.equal(look.landscape!.losses.length, 2);
      const counts = look.histograms!["relu1"]!;
      assert.deepEqual([counts.length, counts.reduce((a, b) => a + b)], [6, 16 * 8]);
      for (const value of [look.gradients, look.updates, look.mean, look.drift].flat()) {
        assert.equal(value, Number(value!.toPrecision(5)));
      }
    }
    // A look before a step has the loss that the step has.
    const metrics = await Deno.readTextFile(`${await only(folder, "narrow-s0")}/metrics.csv`);
    for (const { step, loss } of looks.slice(0, -1)) {
      const [, of] = metrics.match(new RegExp(`^${step + 1},train,loss,(.*)$`, "m"))!;
      assert.equal(loss, Number(Number(of).toPrecision(5)));
    }

    const gradients = looks.map((look) => look.gradients[0]!);
    const geometric = gradients.reduce((product, g) => product * g ** (1 / gradients.length), 1);
    assert.ok(Math.abs(cell!.measures["first gradient"] as number / geometric - 1) < 1e-12);
    assert.ok(cell!.measures["gradient change"] as number > 0);
  },
);

/** The folder of the only run's cell. */
async function only(folder: string, cell: string): Promise<string> {
  const runs = `${folder}/runs/tiny`;
  for await (const { name } of Deno.readDir(runs)) {
    const record = JSON.parse(await Deno.readTextFile(`${runs}/${name}/${cell}/cell.json`));
    if (record.progress.inspections) return `${runs}/${name}/${cell}`;
  }
  return assert.fail("no cell was inspected");
}

testInFolder("a run that was stopped takes no look twice and leaves none out", async (folder) => {
  const whole = await runTiny(folder, { ...asked, experiment });
  const expected = await leftBehind(whole.folder, "narrow-s0");
  for (const stopAfter of [1, 5, 7, 12]) {
    const stopped = await runTiny(folder, { ...asked, experiment, watch: new Watch(stopAfter) });
    const resumed = await runTiny(folder, { resume: stopped.folder, experiment });
    assert.ok(resumed.complete);
    assert.deepEqual(await leftBehind(resumed.folder, "narrow-s0"), expected);
  }

  // Stopped after its first look and before its first step.
  let asks = 0;
  const atOnce = await runTiny(folder, { ...asked, experiment, stop: () => asks++ > 0 });
  const { progress } = atOnce.cells[0]!;
  assert.deepEqual(progress.inspections!.looks.map(({ step }) => step), [0]);
  await runTiny(folder, { resume: atOnce.folder, experiment });
  assert.deepEqual(await leftBehind(atOnce.folder, "narrow-s0"), expected);
});

testInFolder("a run that was killed between two looks comes to the same record", async (folder) => {
  const whole = await runTiny(folder, { ...asked, experiment });
  const expected = await leftBehind(whole.folder, "narrow-s0");
  // What a kill leaves: the checkpoint of a boundary, and the record of the beginning.
  const stopped = await runTiny(folder, { ...asked, experiment, watch: new Watch(7) });
  const path = `${stopped.folder}/narrow-s0`;
  const record = JSON.parse(await Deno.readTextFile(`${path}/cell.json`)) as CellRecord;
  record.progress = { step: 0, chain: [], evaluations: [], metricsBytes: 0, seconds: 0 };
  await Deno.writeTextFile(`${path}/cell.json`, JSON.stringify(record));
  await Deno.writeTextFile(`${path}/metrics.csv`, "half a li", { append: true });
  await runTiny(folder, { resume: stopped.folder, experiment });
  assert.deepEqual(await leftBehind(stopped.folder, "narrow-s0"), expected);
});

testInFolder("a level that ends a training is looked at, too", async (folder) => {
  const ending = inspecting({
    ...{ evaluations: "at the end", level: { trainAccuracy: 0.2, stop: true } },
    inspect: { every: 1_000, landscape: [0.1] },
  });
  const { cells: [cell] } = await runTiny(folder, { ...asked, experiment: ending, steps: 400 });
  const { step, inspections } = cell!.progress;
  assert.ok(step < 400);
  assert.deepEqual(inspections!.looks.map((look) => look.step), [0, step]);
});

testInFolder("a cell that diverges keeps the looks that it had", async (folder) => {
  const wild = inspecting({
    optimiser: { optimiser: "sgd", learningRate: 1e18 },
    inspect: { every: 1, landscape: [1e38] },
  });
  const { cells: [cell] } = await runTiny(folder, { ...asked, experiment: wild });
  assert.equal(cell!.status, "diverged");
  const { looks } = cell!.progress.inspections!;
  assert.ok(looks.length >= 1 && looks.length <= cell!.progress.step + 1);
  assert.deepEqual(looks.map(({ step }) => step), looks.map((_, i) => i));
  // So far along the gradient there is no loss.
  assert.deepEqual(looks[0]!.landscape, { losses: [null], changes: [null] });
  const path = `${await only(folder, "narrow-s0")}/cell.json`;
  cellRecordSchema.parse(JSON.parse(await Deno.readTextFile(path)));
});

testInFolder("more looks than a checkpoint can carry are refused before a run", async (folder) => {
  const often = inspecting({ inspect: { every: 1, landscape: [1] }, steps: 20_000 });
  await assert.rejects(runTiny(folder, { ...asked, experiment: often }), {
    name: "DeclarationError",
    message:
      'arm "narrow": inspect: 20001 looks would keep 560028 numbers, and at most 400000 are ' +
      "kept of a cell; look less often",
  });
});

Deno.test("what is asked to be looked at is checked of the cells that are inspected, as they are run", async () => {
  const plan = (experiment: Experiment, set: Record<string, unknown>) =>
    planCells(experiment, { ...asked, preset: "quick", set });
  await assert.rejects(plan(experiment, { "inspect.histograms.layers": "sigmoid" }), {
    name: "DeclarationError",
    message:
      'arm "narrow": inspect.histograms: the net has no layers "sigmoid"; its layers are of ' +
      "the kinds flatten, dense, relu",
  });
  const sweeps = { lengths: { arms: ["narrow"], over: { steps: [12, 20_000] } } };
  const cells = await plan(defineExperiment({ ...experiment, sweeps }), { "inspect.every": 1 });
  const inspected = cells.map(({ config }) =>
    config.kind === "supervised" && config.inspect?.every
  );
  assert.deepEqual(inspected, [1, undefined]);
});

const LOOK: Inspection = {
  loss: 1 / 3,
  mean: [-0, 123456.7],
  variance: [1e-9, 2],
  dead: [2 / 3, 0],
  drift: [NaN, 1e-7 / 3],
  gradients: [1e-20 / 3],
  updates: [0],
};

Deno.test("a look is recorded with five digits, and null where there is no number", () => {
  assert.deepEqual(inspectionRecord(3, { ...LOOK, landscape: { losses: [NaN], changes: [2] } }), {
    step: 3,
    loss: 0.33333,
    mean: [0, 123460],
    variance: [1e-9, 2],
    dead: [0.66667, 0],
    drift: [null, 3.3333e-8],
    gradients: [3.3333e-21],
    updates: [0],
    landscape: { losses: [null], changes: [2] },
  });
  assert.equal(inspectionRecord(0, { ...LOOK, loss: Infinity })!.loss, null);
  for (const field of ["mean", "variance", "gradients", "updates"] as const) {
    assert.equal(inspectionRecord(0, { ...LOOK, [field]: [NaN, 1] }), undefined);
  }
});

testInFolder("a record whose looks do not fit its layers is refused", async (folder) => {
  const { cells: [cell] } = await runTiny(folder, { ...asked, experiment });
  for (const field of ["mean", "gradients"] as const) {
    const record = structuredClone(cell!);
    record.progress.inspections!.looks[1]![field].pop();
    const { error } = cellRecordSchema.safeParse(record);
    assert.match(error!.message, /every look must have one number for each layer/);
  }
});
