import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { compareCell } from "../../core/reproduce/compare.ts";
import { DECLARATION, runTiny, testInFolder } from "../experiment/tiny.ts";

testInFolder("an inspection that differs is named by its step", async (folder) => {
  const narrow = { ...DECLARATION.arms.narrow, inspect: { every: 6 } };
  const experiment = defineExperiment({
    ...DECLARATION,
    arms: { ...DECLARATION.arms, narrow },
  });
  const { cells: [cell] } = await runTiny(folder, { experiment, seeds: [0], arms: ["narrow"] });
  const locked = structuredClone(cell!);
  assert.equal(compareCell(cell!, locked, []).bits, "same");

  const { looks } = locked.progress.inspections!;
  assert.deepEqual(looks.map(({ step }) => step), [0, 6, 12]);
  looks[1]!.gradients[0]! *= 1.0001;
  const { bits, others } = compareCell(cell!, locked, []);
  assert.deepEqual([bits, others], ["other", ["the inspection at step 6"]]);
  // One that was not taken then decides nothing.
  looks.splice(1, 1);
  assert.equal(compareCell(cell!, locked, []).bits, "same");
  delete locked.progress.inspections;
  assert.equal(compareCell(cell!, locked, []).bits, "same");
});
