/** What a terminal shows of sweeps: grids and choices, never cell by cell. */
import assert from "node:assert/strict";
import { armsTable } from "../../core/cli/arms_table.ts";
import { choiceLines, sweepsTable } from "../../core/cli/sweeps_table.ts";
import { resultsFrom } from "../../core/experiment/claims/results.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { RATE, SWEPT, swept } from "../experiment/tiny_sweep.ts";
import { cell } from "../reports/fixture.ts";

/** A cell of an arm; null where it diverged. */
async function at(
  arm: string,
  seed: number,
  point: Record<string, number>,
  accuracy: number | null,
): Promise<CellRecord> {
  return {
    ...await cell(arm, seed),
    tuning: seed === 1000,
    point,
    config: { kind: "supervised", optimiser: { learningRate: 0.1 }, batch: 16 },
    ...(accuracy === null
      ? { status: "diverged", measures: {} }
      : { measures: { "validation accuracy": accuracy } }),
  };
}

const RECORDS = await Promise.all([
  ...[0, 1, 1000].flatMap((seed) => [
    at("narrow", seed, { [RATE]: 0.01 }, 0.25),
    at("narrow", seed, {}, 0.5 + (seed === 1 ? 0.1 : 0)),
    at("narrow", seed, { [RATE]: 1e37 }, seed === 1 ? 0.125 : null),
    at("linear", seed, { [RATE]: 0.01 }, seed === 1000 ? null : 0.75),
    at("linear", seed, {}, seed === 1000 ? null : 0.5),
    at("linear", seed, { [RATE]: 1e37 }, null),
  ]),
]);

Deno.test("a sweep is a grid of arms and values, seeds that tune left out", () => {
  assert.deepEqual(sweepsTable(swept, RECORDS, 80), [
    "",
    "Sweep rates: validation accuracy by optimiser.learningRate (mean over seeds)",
    "          0.01    0.1     1e+37",
    "  narrow  25.0 %  55.0 %  12.5 % (1 of 2 diverged)",
    "  linear  75.0 %  50.0 %  diverged",
  ]);
});

Deno.test("values that do not fit beside each other stand below each other", () => {
  assert.deepEqual(sweepsTable(swept, RECORDS, 30).slice(-8), [
    "          0.01    0.1",
    "  narrow  25.0 %  55.0 %",
    "  linear  75.0 %  50.0 %",
    "",
    "          1e+37",
    "  narrow  12.5 % (1 of 2",
    "          diverged)",
    "  linear  diverged",
  ]);
});

Deno.test("of two fields, one stands beside the arms", async () => {
  const { "validation accuracy": accuracy } = SWEPT.measures;
  const experiment = defineExperiment({
    ...SWEPT,
    measures: { "validation accuracy": accuracy },
    claims: [],
    sweeps: { grid: { arms: ["linear"], over: { batch: [8, 16], [RATE]: [0.1, 1] } } },
  });
  const records = await Promise.all([
    at("linear", 0, {}, 0.5),
    at("linear", 0, { batch: 8, [RATE]: 0.1 }, 0.25),
    at("linear", 0, { batch: 16, [RATE]: 1 }, null),
  ]);
  assert.deepEqual(sweepsTable(experiment, records, 90), [
    "",
    "Sweep grid: validation accuracy by optimiser.learningRate and batch (mean over seeds)",
    "                    0.1     1",
    "  linear, batch 8   25.0 %  -",
    "  linear, batch 16  50.0 %  diverged",
  ]);
  assert.deepEqual(sweepsTable(experiment, records.slice(0, 1), 80), [], "nothing was swept");
});

Deno.test("choices are told in a line each", () => {
  assert.deepEqual(choiceLines(swept, RECORDS, 100), [
    "Chosen",
    "  narrow at its best: optimiser.learningRate 0.1 (validation accuracy 50.0 %, seed 1000, of 3",
    "  points)",
    "  linear diverged at all 3 points (seed 1000)",
  ]);
  assert.deepEqual(choiceLines(swept, RECORDS.filter(({ tuning }) => !tuning), 100), []);
});

Deno.test("the table of arms has measures across cells, and no point of a sweep", () => {
  const results = resultsFrom(swept, RECORDS).filter(({ arm }) => arm === "linear");
  assert.deepEqual(armsTable(swept, results, 80), [
    "",
    "Arms (mean over n seeds, 95 % interval)",
    "                       linear",
    "  n                    2",
    "  validation accuracy  50.0 %",
    "  largest rate         0.1",
  ]);
});
