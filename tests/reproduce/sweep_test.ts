/** A run with sweeps that is locked, reproduced, judged on fresh seeds and compared. */
import assert from "node:assert/strict";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { choicesOf } from "../../core/experiment/measures/choices.ts";
import { readRun, type StoredRun } from "../../core/experiment/records/read_run.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { compareCell } from "../../core/reproduce/compare.ts";
import { divergeRecords } from "../../core/reproduce/diverge_records.ts";
import { judgeFresh } from "../../core/reproduce/fresh_seeds.ts";
import { readLock } from "../../core/reproduce/lock.ts";
import { readLosses } from "../../core/reproduce/losses.ts";
import { lockedCell, readCell } from "../../core/reproduce/recorded_cell.ts";
import { reproduce } from "../../core/reproduce/reproduce.ts";
import { inFolder, runTiny, testInFolder, Watch } from "../experiment/tiny.ts";
import { SWEPT, swept } from "../experiment/tiny_sweep.ts";
import { lockAs, otherDigestAt } from "./lock_as.ts";
import { lock, lockedIn } from "./lockable_run.ts";

/** What stands for the published data here. */
const SOURCES = {
  dataDirectories: [],
  download: async () => ({ ...await mnistStandIn(), source: "published" as const }),
};

let made: StoredRun | undefined;
await inFolder(async (folder) => {
  const options = { experiment: swept, preset: "standard", ...SOURCES } as const;
  made = await readRun(denoHost, (await runTiny(folder, options)).folder);
})();
const steps = made!.cells.reduce((sum, { progress }) => sum + progress.step, 0);
const WHOLE = `A, whole: ${steps} of ${steps} steps in all, 18 of 18 cells`;
const cells = () => structuredClone([...made!.cells]);

function optionsIn(folder: string) {
  const { stop } = new Watch();
  const where = { runsFolder: `${folder}/runs`, stop };
  return { ...SOURCES, preset: "standard", device: "cpu", ...where } as const;
}

async function again(
  folder: string,
  locked: readonly CellRecord[],
  { experiment = swept, ...asked }: { experiment?: Experiment; claim?: string } = {},
) {
  const experiments = await lockAs(folder, locked);
  const source = { host: denoHost, experiment, experiments };
  const watcher = { run: new Watch(), found() {}, compared() {} };
  return await reproduce(source, { ...optionsIn(folder), ...asked }, watcher);
}

testInFolder("a run with diverged cells is locked, with what it chose", async (folder) => {
  const run = await runTiny(folder, { experiment: swept, preset: "standard", ...SOURCES });
  await lock(folder, { run: await readRun(denoHost, run.folder), experiment: swept });
  const { cells } = await readLock(denoHost, lockedIn(folder));
  assert.equal(cells.filter(({ status }) => status === "diverged").length, 6);
  assert.deepEqual(choicesOf(swept, cells), choicesOf(swept, run.cells));
  const losses = await readLosses(denoHost, `${lockedIn(folder)}/losses.csv`);
  const main = ["narrow-s0", "linear-s0", "narrow-s1", "linear-s1"];
  assert.deepEqual([...new Set(losses.map(({ cell }) => cell))].sort(), main.sort());
});

testInFolder(
  "all points are reproduced, those that diverge and those that only tune",
  async (folder) => {
    const { answer, cells: compared } = await again(folder, cells());
    assert.ok(compared.every(({ bits }) => bits === "same"));
    assert.equal(answer!.text, WHOLE);
  },
);

testInFolder("a claim is reproduced on the sweep that its measures need", async (folder) => {
  const { answer, cells: compared } = await again(folder, cells(), { claim: "tiny-rate" });
  assert.equal(answer!.tier, "A");
  assert.deepEqual(compared.map(({ id }) => id.replace("optimiser.learningRate", "rate")), [
    "linear-s0",
    "linear-s0-rate=0.01",
    "linear-s0-rate=1e_37",
    "linear-s1",
    "linear-s1-rate=0.01",
    "linear-s1-rate=1e_37",
  ]);
});

testInFolder("a diverged cell is compared by its chain and its last step", async (folder) => {
  const changed = cells();
  const diverged = changed.filter(({ status }) => status === "diverged");
  otherDigestAt(diverged[0]!, 0);
  Object.assign(diverged[1]!, { status: "finished" }).progress.step = 0;
  diverged[2]!.progress.step += 1;
  const { answer, cells: compared } = await again(folder, changed);
  const others = compared.filter(({ bits }) => bits === "other");
  assert.deepEqual(others.map(({ id }) => id), diverged.slice(0, 3).map(({ id }) => id));
  assert.deepEqual(others[0]!.weights, { step: 0 });
  assert.match(others[1]!.others[0]!, /^diverged \(the loss at step 2 .*\), locked finished$/);
  assert.match(others[2]!.others[0]!, /^diverged \(.*\), locked diverged \(/);
  assert.equal(answer!.tier, "failed");
  // Another end is unexpected, other bits of a cell that diverged again are not.
  assert.deepEqual(answer!.reasons.slice(1), [
    `${diverged[1]!.id} is diverged, locked finished`,
    // Of a cell that is finished but has no measure.
    "tiny-rate is supported, locked inconclusive",
  ]);
});

Deno.test("chains are compared up to where both diverged", () => {
  const [cell] = cells().filter(({ status }) => status === "diverged");
  const at = (digest: string): CellRecord => ({
    ...cell!,
    progress: { ...cell!.progress, step: 150, chain: [[0, "a".repeat(64)], [100, digest]] },
  });
  const [one, other] = ["b", "c"].map((letter) => at(letter.repeat(64)));
  assert.equal(compareCell(one!, one!, []).bits, "same");
  assert.deepEqual(compareCell(one!, other!, []).weights, { step: 100, sameAt: 0 });
});

testInFolder(
  "points that were added to a sweep leave the locked ones as they are",
  async (folder) => {
    const { rates } = SWEPT.sweeps;
    const over = { "optimiser.learningRate": [0.01, 0.1, 0.2, 1e37] };
    const experiment = defineExperiment({ ...SWEPT, sweeps: { rates: { ...rates, over } } });
    const { answer, target } = await again(folder, cells(), { experiment });
    assert.equal(answer!.text, WHOLE);
    assert.match(
      target.notes.join(),
      /not locked, so not reproduced: narrow-s0-.*=0\.2 and 5 more/,
    );
  },
);

testInFolder("fresh seeds sweep anew, and take the choice from the lock", async (folder) => {
  const experiments = await lockAs(folder, cells());
  const source = { host: denoHost, experiment: swept, experiments };
  const listener = { run: new Watch(), found() {} };
  const { run, seeds, claims } = await judgeFresh(source, 2, optionsIn(folder), listener);
  assert.deepEqual(seeds, [2, 3]);
  assert.equal(run.cells.length, 12);
  assert.ok(run.cells.every(({ tuning }) => !tuning));
  assert.deepEqual(claims!.map(({ id, answer }) => [id, answer]), [
    ["tiny-steps", "holds"],
    ["tiny-rate", "holds"],
  ]);
});

testInFolder("seeds that choose points are no fresh ones", async (folder) => {
  const measures = {
    ...SWEPT.measures,
    "steps at best": { ...SWEPT.measures["steps at best"], seed: 2 },
  };
  const experiment = defineExperiment({ ...SWEPT, measures });
  const options = { experiment, preset: "standard", ...SOURCES } as const;
  const experiments = await lockAs(folder, (await runTiny(folder, options)).cells);
  const source = { host: denoHost, experiment, experiments };
  const listener = { run: new Watch(), found() {} };
  const asked = { ...optionsIn(folder), claim: "tiny-rate" };
  assert.deepEqual((await judgeFresh(source, 1, asked, listener)).seeds, [3]);
});

testInFolder("a point of a sweep is held against the lock's by its records", async (folder) => {
  const experiments = await lockAs(folder, cells());
  const run = await runTiny(folder, { experiment: swept, preset: "standard", ...SOURCES });
  for (const { id } of run.cells.filter(({ point }) => Object.keys(point).length > 0).slice(0, 2)) {
    const own = await readCell(denoHost, `${run.folder}/${id}`);
    const locked = await lockedCell(denoHost, experiments, own);
    const none = { dataDirectories: [], told() {} };
    const { cell, result } = await divergeRecords(denoHost, own, locked, none);
    assert.equal(cell, id);
    assert.equal(result.outcome, "same");
  }
});
