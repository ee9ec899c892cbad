import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { reportPage } from "../../reports/report.ts";
import { sweepsSection } from "../../reports/sweeps.ts";
import { cell, DECLARATION, textOf, tinyRun } from "./fixture.ts";

const declared = defineExperiment({
  ...DECLARATION,
  measures: {
    ...DECLARATION.measures,
    "range": { measure: "range", sweep: "batches", of: "test accuracy" },
    "steps at best": {
      measure: "stepsAtBest",
      sweep: "batches",
      by: "loss",
      seed: 9,
      share: 1,
      reference: "large",
      set: "test",
    },
  },
  sweeps: { batches: { arms: ["small", "large"], over: { batch: [8, 16] } } },
});

/** The batch of the arms themselves is 16. */
const config = { kind: "supervised", data: "mnist", batch: 16 };

async function records() {
  const cells = [];
  for (const arm of ["small", "large"]) {
    for (const seed of [0, 1, 9]) {
      const own = { ...await cell(arm, seed, { config }), tuning: seed === 9 };
      const swept = { ...own, id: `${own.id}-batch=8`, point: { batch: 8 } };
      const diverged = { ...swept, status: "diverged" as const, measures: {} };
      cells.push(own, arm === "large" || seed === 1 ? diverged : swept);
    }
  }
  return cells;
}

Deno.test("a sweep is a table of means, beside what was chosen of it", async () => {
  const section = sweepsSection(await tinyRun({ records: await records(), declared }));
  const text = textOf((section as { text: string }).text);
  assert.match(
    text,
    / batches: test accuracy by batch 8 16 small 60\.0 % \(1 of 2 diverged\) 60\.5 %/,
  );
  assert.match(text, / large diverged 81\.0 % /);
  assert.match(
    text,
    /Arms at their best .* small batch 8 1\.49 loss 9 2 of batches large batch 16 /,
  );
});

Deno.test("the arms of a report have their measures across cells, and no column for a point", async () => {
  const text = textOf(await reportPage(await tinyRun({ records: await records(), declared })));
  assert.match(text, /Arms Mean over n seeds, with the 95 % interval\. small large n 2 2 /);
  assert.match(text, / steps at best 8 8 /);
});

Deno.test("a run without sweeps has no section for them", async () => {
  assert.equal(sweepsSection(await tinyRun()), "");
});
