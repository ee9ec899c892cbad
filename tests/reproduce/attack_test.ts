import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import type { Comparison } from "../../core/reproduce/compare.ts";
import { reproduce } from "../../core/reproduce/reproduce.ts";
import { testInFolder, Watch } from "../experiment/tiny.ts";
import { lockAs } from "./lock_as.ts";
import { LONG, optionsIn, runLong } from "./long_run.ts";

const attack = { attack: "pgd", epsilon: 0.2, stepSize: 0.05, steps: 5, restarts: 2 } as const;
const attacked = defineExperiment({
  ...LONG,
  arms: { linear: LONG.arms.linear },
  measures: {
    ...LONG.measures,
    lost: { measure: "accuracyLost", attack, images: 30 },
    sure: { measure: "attackConfidence", attack, of: "fooled", images: 30 },
  },
  claims: [{
    ...LONG.claims[0]!,
    parts: [{
      part: "lost",
      measure: "lost",
      compare: "above",
      value: 0.05,
      pairing: { arm: "linear" },
      minSeeds: 3,
    }],
  }],
});

testInFolder("attacks of a lock are carried out anew, to the same numbers", async (folder) => {
  const cells = structuredClone([...await runLong(folder, attacked)]);
  const again = async (cells: readonly CellRecord[]) => {
    const watch = new Watch();
    const experiments = await lockAs(folder, cells);
    const compared: Comparison[] = [];
    const { answer } = await reproduce(
      { host: denoHost, experiment: attacked, experiments },
      optionsIn(folder, watch),
      { run: watch, found: () => {}, compared: (one) => void compared.push(one) },
    );
    return { answer, compared };
  };
  assert.ok(cells.every(({ measures }) => Number(measures["lost"]) > 0.05 && measures["sure"]));
  const whole = await again(cells);
  assert.equal(whole.answer?.text, "A, whole: 250 of 250 steps, 3 of 3 cells");
  assert.deepEqual(whole.compared.flatMap(({ others }) => others), []);

  cells[0]!.measures["sure"] = Number(cells[0]!.measures["sure"]) / 2;
  const { compared } = await again(cells);
  assert.match(compared.flatMap(({ others }) => others).join(), /sure/);
});
