import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { estimateSeconds } from "../../core/experiment/estimate.ts";
import { planCells } from "../../core/experiment/plan.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { cpu } from "../ops/harness.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "./tiny.ts";

const { narrow, linear } = DECLARATION.arms;
const asked = { seeds: [0], arms: ["narrow"] };

/** The narrow arm, 4 steps an epoch, with these fields. */
function declaring(fields: object) {
  return defineExperiment({ ...DECLARATION, arms: { narrow: { ...narrow, ...fields }, linear } });
}

/** Steps at which a set was evaluated. */
function at({ progress }: CellRecord, set: string): number[] {
  return progress.evaluations.filter((found) => found.set === set).map(({ step }) => step);
}

testInFolder(
  "evaluations every so many steps are recorded there and at the end, and change no weight",
  async (folder) => {
    const cells: CellRecord[] = [];
    for (const evaluations of [{ every: 5 }, "every epoch", "at the end"]) {
      const run = await runTiny(folder, { ...asked, experiment: declaring({ evaluations }) });
      cells.push(run.cells[0]!);
    }
    assert.deepEqual(
      cells.map((cell) => [at(cell, "validation"), at(cell, "test")]),
      [[[5, 10, 12], [12]], [[4, 8, 12], [4, 8, 12]], [[12], [12]]],
    );
    for (const { progress } of cells) assert.deepEqual(progress.chain, cells[0]!.progress.chain);
  },
);

testInFolder("evaluations of images that none are left of are refused", async (folder) => {
  const { train } = await mnistStandIn();
  const all = (evaluations: unknown) =>
    runTiny(folder, {
      ...asked,
      experiment: declaring({ evaluations, steps: 2 }),
      set: { trainImages: train.count },
    });
  await assert.rejects(all({ every: 5 }), {
    name: "DeclarationError",
    message:
      "evaluations every 5 steps are on validation images, and all 6000 images are there to " +
      'train on; make trainImages fewer, or evaluations "every epoch"',
  });
  const { cells } = await all("every epoch");
  assert.deepEqual([at(cells[0]!, "validation"), at(cells[0]!, "test")], [[], [2]]);
});

testInFolder(
  "a cell that is evaluated every so many steps leaves the same record wherever it was stopped",
  async (folder) => {
    const level = { trainAccuracy: 0.7, stop: true };
    const experiment = declaring({ evaluations: { every: 3 }, level, steps: 60 });
    const whole = await runTiny(folder, { ...asked, experiment });
    const [cell] = whole.cells;
    const { step } = cell!.progress;
    assert.ok(step > 6 && step < 60 && step % 3 === 0, `ended at its level, step ${step}`);
    const every = Array.from({ length: step / 3 }, (_, i) => 3 * (i + 1));
    for (const set of ["training", "validation"]) assert.deepEqual(at(cell!, set), every);
    assert.deepEqual(at(cell!, "test"), [step]);

    const expected = await leftBehind(whole.folder, "narrow-s0");
    for (const stopAfter of [1, 3, 4]) {
      const stopped = await runTiny(folder, { ...asked, experiment, watch: new Watch(stopAfter) });
      assert.ok(!stopped.complete);
      const resumed = await runTiny(folder, { resume: stopped.folder, experiment });
      assert.deepEqual(await leftBehind(resumed.folder, "narrow-s0"), expected);
    }
  },
);

Deno.test("the estimate counts each evaluated image once, in steps of the same net", async () => {
  // 20 validation images, 30 test images, and where a level is watched for 64 training images.
  const images = [
    [{ evaluations: "at the end" }, 20 + 30],
    [{ evaluations: "every epoch" }, 3 * (20 + 30)],
    [{ evaluations: { every: 5 } }, 3 * 20 + 30],
    [{ evaluations: { every: 1 } }, 12 * 20 + 30],
    [{ evaluations: { every: 100 }, weights: { he: 2 } }, 20 + 30],
    [{ evaluations: "at the end", level: { trainAccuracy: 1 } }, 3 * 64 + 20 + 30],
    [{ evaluations: { every: 5 }, level: { trainAccuracy: 1 } }, 3 * (64 + 20) + 30],
  ] as const;
  const experiment = defineExperiment({
    ...DECLARATION,
    claims: [],
    arms: Object.fromEntries(images.map(([fields], i) => [`arm-${i}`, { ...narrow, ...fields }])),
  });
  const cells = await planCells(experiment, { preset: "quick", seeds: [0] });
  const datasets = new Map([["mnist", await mnistStandIn()]]);
  const seconds = await estimateSeconds(cpu, experiment, cells, datasets);
  // 16 of them are a batch, whose evaluation is a third of a step.
  const steps = images.map(([, count]) => 12 + count / 16 / 3);
  cells.forEach(({ id }, i) => {
    const ratio = seconds.get(id)! / seconds.get(cells[0]!.id)!;
    assert.ok(Math.abs(ratio / (steps[i]! / steps[0]!) - 1) < 1e-9, `${id}: ${ratio}`);
  });
});
