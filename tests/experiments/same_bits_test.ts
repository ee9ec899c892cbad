/**
 * The promise itself: every experiment that there is trains to the same bits on the adapter under
 * test and on the cpu device, step by step; CI runs this on lavapipe and on SwiftShader. Of what
 * trains nothing, the results are compared.
 */
import assert from "node:assert/strict";
import { experimentNames, EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import { isTrained } from "../../core/experiment/arms/arm.ts";
import { checkWgsl } from "../../core/experiment/wgsl_check.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import { dataOf, firstCell, mainArms } from "./cells.ts";
import { course } from "./course.ts";

/** Of every arm; if left out, few of the main arms. */
const ASKED = Number(Deno.env.get("SAMEBITS_TEST_STEPS") ?? 0);
const STEPS = ASKED || 10;
const BATCH = 16;

for (const name of await experimentNames(EXPERIMENTS)) {
  const experiment = await loadExperiment(EXPERIMENTS, name);
  const main = mainArms(experiment);
  for (const [arm, declared] of Object.entries(experiment.arms)) {
    if (!ASKED && !main.includes(arm) && declared.kind !== "computation") continue;
    const what = isTrained(declared) ? `${STEPS} steps of ${arm} at batch ${BATCH}` : arm;
    test(`${name}: the same bits on every device of ${what}`, async () => {
      const cell = await firstCell(experiment, arm, { steps: STEPS, batch: BATCH });
      const data = await dataOf(cell);
      if (isTrained(cell.config)) {
        const expected = await course(simd, cell.config, data!, STEPS);
        const { drawn, after: [first] } = expected;
        assert.deepEqual(await course(cpu, cell.config, data!, 1), { drawn, after: [first] });
        assert.deepEqual(await course(await webGpu(), cell.config, data!, STEPS), expected);
      } else {
        for (const other of [cpu, await webGpu()]) {
          const { same, text } = await checkWgsl(cell, data, simd, other);
          assert.ok(same, text);
        }
      }
    });
  }
}
