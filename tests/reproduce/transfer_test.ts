/** A transfer is reproduced by running it anew, nets and all, and its measures are held as they are. */
import assert from "node:assert/strict";
import { transfer } from "../../core/experiment/arms/transfer.ts";
import type { Claim } from "../../core/experiment/claims/claim.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun } from "../../core/experiment/records/read_run.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { divergeRecords } from "../../core/reproduce/diverge_records.ts";
import { judgeFresh } from "../../core/reproduce/fresh_seeds.ts";
import { lockedRun, readLock } from "../../core/reproduce/lock.ts";
import { reproduce, type ReproduceOptions } from "../../core/reproduce/reproduce.ts";
import { figuresSection } from "../../reports/figures.ts";
import { reported } from "../../reports/reported.ts";
import { runTiny, testInFolder, Watch } from "../experiment/tiny.ts";
import { lockAs } from "./lock_as.ts";
import { lock, lockedIn } from "./lockable_run.ts";
import { LONG, optionsIn, runLong, SOURCES } from "./long_run.ts";

const LOST = "accuracy lost of narrow by linear of the next seed";
const claim: Claim = {
  id: "tiny-transfers",
  lecture: "none",
  paraphrase: "What fools a linear net fools a narrow one.",
  parts: [{
    part: "narrow",
    measure: LOST,
    compare: "above",
    value: 0,
    pairing: { arm: "shown" },
    minSeeds: 3,
  }],
};

const DECLARED = {
  ...LONG,
  arms: {
    ...LONG.arms,
    shown: transfer({
      data: "mnist",
      sources: [{ arm: "linear", seed: "next" }],
      targets: ["narrow", { classic: "naive Bayes" }],
      attack: { attack: "pgd", epsilon: 0.3, stepSize: 0.1, steps: 4 },
      images: 100,
      fitted: 300,
    }),
  },
  claims: [claim],
  figures: [{ figure: "transfer matrix" as const, arm: "shown" }],
  presets: { ...LONG.presets, standard: { seeds: 3, steps: 100 } },
};
const experiment = defineExperiment(DECLARED);

/** Asks for a reproduction of records that are locked. */
async function again(
  folder: string,
  cells: readonly CellRecord[],
  options: Partial<ReproduceOptions> = {},
) {
  const source = { host: denoHost, experiment, experiments: await lockAs(folder, cells) };
  const watch = new Watch();
  const asked = { ...optionsIn(folder, watch), ...options };
  const result = await reproduce(source, asked, { run: watch, found() {}, compared() {} });
  return { ...result, watch };
}

testInFolder(
  "a locked transfer is reproduced with the nets it needs, or beside them",
  async (folder) => {
    const cells = await runLong(folder, experiment);
    assert.deepEqual(cells.slice(-3).map(({ id }) => id), ["shown-s0", "shown-s1", "shown-s2"]);
    const whole = await again(folder, cells);
    assert.equal(whole.answer!.text, "A, whole: 100 of 100 steps, 9 of 9 cells");
    const alone = await again(folder, cells, { arms: ["shown"], seeds: [1] });
    assert.equal(alone.answer!.text, "A: 1 of 9 cells");
    assert.equal(alone.watch.steps, 2 * 100);

    // One image in a hundred more.
    const others = structuredClone([...cells]);
    const other = others.find(({ id }) => id === "shown-s1")!;
    other.measures[LOST] = Number(other.measures[LOST]) + 0.01;
    const found = await again(folder, others, { arms: ["shown"], seeds: [1] });
    assert.equal(found.cells[0]!.bits, "other");
    assert.match(found.cells[0]!.others[0]!, new RegExp(`^${LOST}: .*, locked `));
    // By the spread of the seeds, as what trains.
    assert.equal(found.answer!.tier, "B");
    other.measures[LOST] = 5;
    others.find(({ id }) => id === "shown-s0")!.measures[LOST] = 5.001;
    others.find(({ id }) => id === "shown-s2")!.measures[LOST] = 4.999;
    const failed = await again(folder, others, { arms: ["shown"], seeds: [1] });
    assert.equal(failed.answer!.tier, "failed");

    const changed = structuredClone([...cells]);
    (changed.at(-1)!.config["attack"] as { epsilon: number }).epsilon = 0.2;
    changed.at(-1)!.digests.config = "0".repeat(64);
    await assert.rejects(again(folder, changed, { arms: ["shown"] }), {
      name: "OutOfDateError",
      message: /shown-s2: attack\.epsilon is 0\.3 now, 0\.2 locked/,
    });
  },
);

testInFolder(
  "a claim on a transfer is judged on fresh seeds, with nets of their own",
  async (folder) => {
    const cells = await runLong(folder, experiment);
    const source = { host: denoHost, experiment, experiments: await lockAs(folder, cells) };
    const watch = new Watch();
    const asked = optionsIn(folder, watch);
    const { claims, run, seeds } = await judgeFresh(source, 3, asked, { run: watch, found() {} });
    assert.deepEqual(seeds, [3, 4, 5]);
    assert.ok(run.cells.some(({ id }) => id === "shown-s5"));
    assert.deepEqual(claims, [
      { id: "tiny-transfers", locked: "supported", fresh: "supported", answer: "holds" },
    ]);
    await assert.rejects(judgeFresh(source, 2, asked, { run: watch, found() {} }), {
      message: /tiny-transfers: needs 3 seeds, got 2/,
    });
  },
);

testInFolder(
  "a run with transfers is locked, and its matrix drawn from the lock",
  async (folder) => {
    const { folder: at } = await runTiny(folder, {
      experiment,
      ...{ preset: "standard", download: SOURCES.download },
    });
    const run = await readRun(denoHost, at);
    assert.equal((await lock(folder, { run, experiment })).cells, 9);
    const locked = await readLock(denoHost, lockedIn(folder));
    assert.deepEqual(locked.cells, run.cells);
    const page = await figuresSection(
      await reported(denoHost, experiment, lockedRun(lockedIn(folder), locked), locked),
    );
    assert.ok(page !== "");
    assert.match(
      page.text,
      /aria-label="[^"]*narrow by linear of the next seed [\d.]+ points; naive/,
    );
  },
);

testInFolder(
  "two records of a transfer are held against each other by their measures",
  async (folder) => {
    const record = (await runLong(folder, experiment)).at(-1)!;
    const a = { record, folder, locked: false };
    const b = { ...a, record: { ...record, measures: { ...record.measures, [LOST]: 2 } } };
    const { result } = await divergeRecords(denoHost, a, b, { dataDirectories: [], told() {} });
    assert.match(JSON.stringify(result), new RegExp(`${LOST}`));
  },
);

testInFolder("a transfer whose net diverged can be locked, and diverges again", async (folder) => {
  const odd = defineExperiment({
    ...DECLARED,
    claims: [],
    arms: {
      ...DECLARED.arms,
      narrow: { ...LONG.arms.narrow, optimiser: { optimiser: "adam", learningRate: 1e30 } },
    },
    presets: { ...LONG.presets, standard: { seeds: 1, steps: 100 } },
  });
  const { folder: at } = await runTiny(folder, {
    experiment: odd,
    ...{ preset: "standard", download: SOURCES.download },
  });
  const run = await readRun(denoHost, at);
  assert.deepEqual(run.cells.map(({ status }) => status), ["diverged", "finished", "diverged"]);
  await lock(folder, { run, experiment: odd });
  const watch = new Watch();
  const source = { host: denoHost, experiment: odd, experiments: `${folder}/experiments` };
  const events = { run: watch, found() {}, compared() {} };
  const { answer } = await reproduce(source, optionsIn(folder, watch), events);
  assert.equal(answer!.tier, "A");
});
