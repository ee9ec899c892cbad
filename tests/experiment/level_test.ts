import assert from "node:assert/strict";
import { type CellRecord } from "../../core/experiment/records/record.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "./tiny.ts";

/** The narrow arm on a subset, 2 steps an epoch, with a level to watch for. */
function watching(level: object | undefined) {
  return defineExperiment({
    ...DECLARATION,
    arms: {
      narrow: {
        ...DECLARATION.arms.narrow,
        ...{ subset: 32, epochs: 40, evaluations: "at the end", level } as object,
      },
      linear: DECLARATION.arms.linear,
    },
    measures: {
      ...DECLARATION.measures,
      gap: { measure: "gap", trainAccuracy: 0.7, epochs: 40, arms: ["narrow"] },
    },
  });
}
const asked = { seeds: [0], arms: ["narrow"] };

/** Steps at which a set was evaluated. */
function at({ progress }: CellRecord, set: string): number[] {
  return progress.evaluations.filter((found) => found.set === set).map(({ step }) => step);
}

testInFolder(
  "the training images are watched until the level is reached, where all sets are evaluated",
  async (folder) => {
    const experiment = watching({ trainAccuracy: 0.7 });
    const { cells: [cell] } = await runTiny(folder, { ...asked, experiment });
    const training = cell!.progress.evaluations.filter(({ set }) => set === "training");
    const reached = training.findIndex(({ accuracy }) => accuracy! >= 0.7);
    assert.ok(reached > 0 && reached < 39, "neither at once nor never");
    const watched = Array.from({ length: reached + 1 }, (_, epoch) => 2 * (epoch + 1));
    assert.deepEqual(at(cell!, "training"), [...watched, 80]);
    for (const set of ["validation", "test"]) {
      assert.deepEqual(at(cell!, set), [watched.at(-1), 80]);
    }
    assert.ok(training.every(({ count }) => count === 32));

    const test = cell!.progress.evaluations.find(({ set, step }) =>
      set === "test" && step === watched[reached]
    )!;
    assert.equal(cell!.measures["gap"], training[reached]!.accuracy! - test.accuracy!);
  },
);

testInFolder("without a level there is no evaluation but the last, and no gap", async (folder) => {
  const { cells: [cell] } = await runTiny(folder, { ...asked, experiment: watching(undefined) });
  assert.deepEqual([at(cell!, "training"), at(cell!, "test")], [[], [80]]);
  assert.ok(!("gap" in cell!.measures));
});

testInFolder(
  "a cell ends at its level, also after a resume, with the same bits",
  async (folder) => {
    const experiment = watching({ trainAccuracy: 0.7, stop: true });
    const whole = await runTiny(folder, { ...asked, experiment });
    const [cell] = whole.cells;
    assert.equal(cell!.status, "finished");
    const { step, chain } = cell!.progress;
    assert.ok(step < 80);
    assert.deepEqual(chain.map(([step]) => step), [0, step]);
    const expected = await leftBehind(whole.folder, "narrow-s0");

    for (const stopAfter of [1, step - 3]) {
      const stopped = await runTiny(folder, { ...asked, experiment, watch: new Watch(stopAfter) });
      assert.ok(!stopped.complete);
      const resumed = await runTiny(folder, { resume: stopped.folder, experiment });
      assert.ok(resumed.complete);
      assert.deepEqual(await leftBehind(resumed.folder, "narrow-s0"), expected);
    }

    // Killed between the last checkpoint and the record: the level is found in the checkpoint.
    const path = `${whole.folder}/narrow-s0/cell.json`;
    const record = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...record, status: "running", measures: {} }));
    const watch = new Watch();
    await runTiny(folder, { resume: whole.folder, experiment, watch });
    assert.equal(watch.steps, 0);
    assert.deepEqual(await leftBehind(whole.folder, "narrow-s0"), expected);
  },
);

testInFolder("two seeds train on two subsets, two arms of a seed on one", async (folder) => {
  const subset = { subset: 32 };
  const experiment = defineExperiment({
    ...DECLARATION,
    arms: {
      narrow: { ...DECLARATION.arms.narrow, ...subset },
      linear: { ...DECLARATION.arms.narrow, ...subset, validationImages: 19 },
    },
  });
  const { cells } = await runTiny(folder, { experiment });
  const ends = Object.fromEntries(cells.map(({ id, progress }) => [id, progress.chain.at(-1)![1]]));
  assert.equal(ends["narrow-s0"], ends["linear-s0"]);
  assert.notEqual(ends["narrow-s0"], ends["narrow-s1"]);
});
