import assert from "node:assert/strict";
import type { Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { CellRecord } from "../../core/experiment/record.ts";
import type { Comparison } from "../../core/reproduce/compare.ts";
import { reproduce, type ReproduceOptions } from "../../core/reproduce/reproduce.ts";
import type { Target } from "../../core/reproduce/target.ts";
import { testInFolder, Watch } from "../experiment/tiny.ts";
import { leftByLong, lockAs, long, otherDigestAt, SOURCES } from "./locked.ts";

/** Locks records in `folder` and reproduces them there. */
async function reproduceTiny(
  folder: string,
  cells: readonly CellRecord[],
  { experiment = long, watch = new Watch(), ...options }:
    & Partial<ReproduceOptions>
    & { experiment?: Experiment; watch?: Watch } = {},
) {
  const experiments = await lockAs(folder, cells);
  const found: Target[] = [];
  const compared: Comparison[] = [];
  const source = { host: denoHost, experiment, experiments };
  const result = await reproduce(source, {
    ...SOURCES,
    preset: "standard",
    device: "cpu",
    runsFolder: `${folder}/runs`,
    stop: watch.stop,
    ...options,
  }, {
    run: watch,
    found: (target) => void found.push(target),
    compared: (comparison) => void compared.push(comparison),
  });
  assert.equal(found.length, 1);
  assert.deepEqual(compared, result.cells);
  return result;
}

testInFolder("every cell with the same bits is tier A, whole", async (folder) => {
  const { answer, cells, target, run } = await reproduceTiny(folder, leftByLong());
  assert.deepEqual(answer, {
    tier: "A",
    whole: true,
    text: "A, whole: 250 of 250 steps, 6 of 6 cells",
    reasons: [],
  });
  assert.ok(cells.every(({ bits, steps }) => bits === "same" && steps === 250));
  assert.deepEqual(target.notes, []);
  assert.match(run.folder, /\/runs\/tiny\//);
});

testInFolder("some cells with the same bits are tier A, but not whole", async (folder) => {
  const asked = { arms: ["linear"], seeds: [1] };
  const { answer, cells } = await reproduceTiny(folder, leftByLong(), asked);
  assert.deepEqual(cells.map(({ id }) => id), ["linear-s1"]);
  assert.equal(answer?.tier, "A");
  assert.equal(answer.whole, false);
  assert.equal(answer.text, "A: 250 of 250 steps, 1 of 6 cells");
});
