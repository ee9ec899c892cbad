/** Times are their machine's own: a lock keeps them, and nothing that is compared looks at them. */
import assert from "node:assert/strict";
import { timing } from "../../core/experiment/arms/timing.ts";
import type { Claim } from "../../core/experiment/claims/claim.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun } from "../../core/experiment/records/read_run.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { divergeRecords } from "../../core/reproduce/diverge_records.ts";
import { judgeFresh } from "../../core/reproduce/fresh_seeds.ts";
import { readLock } from "../../core/reproduce/lock.ts";
import { reproduce, type ReproduceOptions } from "../../core/reproduce/reproduce.ts";
import { runTiny, testInFolder, Watch } from "../experiment/tiny.ts";
import { lockAs, otherDigestAt } from "./lock_as.ts";
import { lock, lockedIn } from "./lockable_run.ts";
import { LONG, optionsIn, runLong, SOURCES } from "./long_run.ts";

const time: Claim["parts"][number] = {
  part: "time",
  measure: "step of narrow over linear",
  compare: "above",
  value: 0,
  pairing: { arm: "times" },
  minSeeds: 3,
};
const learns: Claim["parts"][number] = {
  part: "accuracy",
  measure: "test accuracy",
  compare: "above",
  value: 0.1,
  pairing: { arm: "linear" },
  minSeeds: 3,
};
const claim = (id: string, parts: Claim["parts"]): Claim => (
  { id, lecture: "none", paraphrase: `It says ${id}.`, parts }
);

const experiment = defineExperiment({
  ...LONG,
  arms: { ...LONG.arms, times: timing({ arms: ["linear", "narrow"], rounds: 3 }) },
  claims: [claim("tiny-time", [time]), claim("tiny-both", [time, learns])],
  presets: { ...LONG.presets, standard: { seeds: 3, steps: 100 } },
});

/** Asks for a reproduction of records that are locked. */
async function again(
  folder: string,
  cells: readonly CellRecord[],
  options: Partial<ReproduceOptions> = {},
) {
  const experiments = await lockAs(folder, cells);
  const watch = new Watch();
  const source = { host: denoHost, experiment, experiments };
  const asked = { ...optionsIn(folder, watch), ...options };
  const result = await reproduce(source, asked, { run: watch, found() {}, compared() {} });
  return { ...result, watch };
}

/** As another machine would have timed it: of what was taken here nothing stays. */
function elsewhere(cells: readonly CellRecord[], time: (seed: number) => number): CellRecord[] {
  return structuredClone([...cells]).map((cell) =>
    cell.arm !== "times" ? cell : {
      ...cell,
      device: { ...cell.device, name: "Another Machine" },
      measures: { ...cell.measures, "step of narrow over linear": time(cell.seed) },
    }
  );
}

testInFolder(
  "times are neither compared nor taken again, and the rest is whole",
  async (folder) => {
    const cells = elsewhere(await runLong(folder, experiment), (seed) => -seed - 1e6);
    const { answer, target, watch, cells: compared } = await again(folder, cells);
    assert.deepEqual(answer, {
      tier: "A",
      whole: true,
      text: "A, whole: 100 of 100 steps, 6 of 6 cells",
      reasons: [],
    });
    assert.ok(compared.every(({ id }) => !id.startsWith("times")));
    assert.ok(watch.started.every(([id]) => !id.startsWith("times")));
    assert.deepEqual(target.notes, [
      "times are their machine's own, so not compared, nor taken again: times-s0 and 2 more cells",
    ]);

    // A claim that a time decides too is compared in its other part.
    for (const cell of cells.filter(({ arm }) => arm !== "times")) otherDigestAt(cell, 100);
    const b = await again(folder, cells);
    assert.equal(b.answer!.text, "B, whole: 100 of 100 steps, 6 of 6 cells");
    for (const { arm, seed, measures } of cells) {
      if (arm === "linear") measures["test accuracy"] = (seed - 1) * 0.9;
    }
    const failed = await again(folder, cells);
    assert.equal(failed.answer!.tier, "failed");
    assert.deepEqual(failed.answer!.reasons.slice(1), [
      "tiny-both is supported, locked inconclusive",
    ]);
  },
);

testInFolder("to ask for times alone is an error that says where to get them", async (folder) => {
  const cells = await runLong(folder, experiment);
  for (const asked of [{ arms: ["times"] }, { claim: "tiny-time" }]) {
    await assert.rejects(again(folder, cells, asked), {
      name: "DeclarationError",
      message:
        /^times-s0 and 2 more cells have times only, .*: deno task experiment tiny --preset standard --arms times$/,
    });
  }
  const { answer } = await again(folder, cells, { claim: "tiny-both" });
  assert.equal(answer!.text, "A: 100 of 100 steps, 3 of 6 cells");
  const other = cells.map((cell) =>
    cell.id === "times-s1"
      ? { ...cell, digests: { ...cell.digests, config: "0".repeat(64) } }
      : cell
  );
  await assert.rejects(again(folder, other), { name: "OutOfDateError", message: /times-s1: / });
});

testInFolder("on fresh seeds the locked times stand, and they are no finding", async (folder) => {
  // Real times of so short steps may find nothing on a busy machine.
  const cells = elsewhere(await runLong(folder, experiment), (seed) => seed + 1e6);
  const source = { host: denoHost, experiment, experiments: await lockAs(folder, cells) };
  const fresh = async (options: { claim?: string } = {}) => {
    const watch = new Watch();
    const asked = { ...optionsIn(folder, watch), ...options };
    return await judgeFresh(source, 3, asked, { run: watch, found() {} });
  };
  const { claims, run, judgements } = await fresh();
  assert.ok(run.cells.every(({ arm }) => arm !== "times"));
  assert.deepEqual(claims, [
    {
      id: "tiny-time",
      locked: "supported",
      answer: "not judged",
      why: "times are their machine's own",
    },
    { id: "tiny-both", locked: "supported", fresh: "supported", answer: "holds" },
  ]);
  const [both] = judgements;
  assert.deepEqual(both!.parts.map(({ seeds }) => seeds), [[0, 1, 2], [3, 4, 5]]);
  assert.deepEqual(both!.parts.map(({ machines }) => machines?.length), [1, undefined]);
  await assert.rejects(fresh({ claim: "tiny-time" }), {
    name: "DeclarationError",
    message:
      /^no claim could be judged on 3 fresh seeds: tiny-time: times are their machine's own$/,
  });
});

testInFolder("a run with times is locked, and read back with every round", async (folder) => {
  const { folder: at } = await runTiny(folder, {
    experiment,
    ...{ preset: "standard", download: SOURCES.download },
  });
  const run = await readRun(denoHost, at);
  const { cells } = await lock(folder, { run, experiment });
  assert.equal(cells, 9);
  const locked = await readLock(denoHost, lockedIn(folder));
  assert.deepEqual(locked.cells, run.cells);
  for (const { arm, progress: { timings } } of locked.cells) {
    if (arm === "times") assert.equal(timings!["narrow"]!.length, 3);
    else assert.equal(timings, undefined);
  }
});

testInFolder("two recorded times do not diverge, they are only two times", async (folder) => {
  const record = (await runLong(folder, experiment)).find(({ arm }) => arm === "times")!;
  const cell = { record, folder, locked: false };
  await assert.rejects(
    divergeRecords(denoHost, cell, cell, { dataDirectories: [], told() {} }),
    {
      name: "DeclarationError",
      message: /^cell times-s0 has times only, .* name a cell that trains/,
    },
  );
});
