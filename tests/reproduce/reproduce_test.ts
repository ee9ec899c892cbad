import assert from "node:assert/strict";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { runExperiment } from "../../core/experiment/run.ts";
import { judgeRecords } from "../../core/experiment/claims/judge_records.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { compareCell, type Comparison } from "../../core/reproduce/compare.ts";
import { reproduce, type ReproduceOptions } from "../../core/reproduce/reproduce.ts";
import type { Lock } from "../../core/reproduce/lock.ts";
import type { Target } from "../../core/reproduce/target.ts";
import { testInFolder, Watch } from "../experiment/tiny.ts";
import { lockAs, otherDigestAt } from "./lock_as.ts";
import { leftByLong, LONG, long, optionsIn, SOURCES } from "./long_run.ts";

/** Locks records in `folder` and reproduces them there. */
async function reproduceTiny(
  folder: string,
  cells: readonly CellRecord[],
  { experiment = long, watch = new Watch(), changes, ...options }:
    & Partial<ReproduceOptions>
    & { experiment?: Experiment; watch?: Watch; changes?: Partial<Lock> } = {},
) {
  const experiments = await lockAs(folder, cells, changes);
  const found: Target[] = [];
  const compared: Comparison[] = [];
  const source = { host: denoHost, experiment, experiments };
  const result = await reproduce(source, {
    ...optionsIn(folder, watch),
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

testInFolder("a digest that differs is named by the last step before it", async (folder) => {
  const cells = leftByLong();
  const linear = cells.find(({ id }) => id === "linear-s0")!;
  otherDigestAt(linear, 200);
  // As if the locked seeds had learned much more.
  for (const { arm, seed, measures } of cells) {
    if (arm === "linear") measures["test accuracy"] = 7 + seed / 100;
  }
  const { answer, cells: compared } = await reproduceTiny(folder, cells, { arms: ["linear"] });
  assert.equal(answer?.tier, "failed");
  assert.equal(answer.text, "failed: 250 of 250 steps, 3 of 6 cells");
  const [where, ...why] = answer.reasons;
  assert.equal(
    where,
    "linear-s0: other weights at step 200; the same at step 100; and 2 more cells",
  );
  assert.deepEqual(
    why.map((reason) => reason.slice(0, 29)),
    [0, 1, 2].map((seed) => `test accuracy of linear-s${seed} is`),
  );
  assert.match(
    why[0]!,
    / is 0\.\d+, more than 3 standard deviations \(0\.0\d+\) from the mean of 3 /,
  );
  assert.deepEqual(compared.map(({ weights }) => weights?.step), [200, undefined, undefined]);
});

testInFolder("other bits with the metrics of the locked seeds are tier B", async (folder) => {
  const cells = leftByLong();
  for (const cell of cells) otherDigestAt(cell, 100);
  const { answer } = await reproduceTiny(folder, cells);
  assert.equal(answer?.text, "B, whole: 250 of 250 steps, 6 of 6 cells");
  assert.equal(answer.tier, "B");
  assert.deepEqual(answer.reasons, [
    "narrow-s0: other weights at step 100; the same at step 0; and 5 more cells",
  ]);
});

testInFolder("from fewer than three locked seeds nothing is to be expected", async (folder) => {
  const cells = leftByLong().filter(({ seed }) => seed < 2);
  for (const cell of cells) otherDigestAt(cell, 250);
  const experiment = defineExperiment({
    ...LONG,
    presets: { ...LONG.presets, standard: { seeds: 2, steps: 250 } },
  });
  const { answer } = await reproduceTiny(folder, cells, { experiment, arms: ["linear"] });
  assert.equal(answer?.tier, "failed");
  assert.deepEqual(answer.reasons, [
    "linear-s0: other weights at step 250; the same at step 200; and 1 more cell",
    "linear has 2 locked seeds, and it takes 3 to say what is to be expected",
  ]);
});

testInFolder("another verdict is no tier B, where all seeds were rerun", async (folder) => {
  const cells = leftByLong();
  const linear = cells.filter(({ arm }) => arm === "linear");
  // So far apart that every accuracy is to be expected, and that they decide nothing.
  linear.forEach((cell, i) => cell.measures["test accuracy"] = i / 2);
  otherDigestAt(linear[0]!, 250);
  const [, learns] = await judgeRecords(long, cells);
  assert.equal(learns!.verdict, "inconclusive");

  const { answer, run } = await reproduceTiny(folder, cells, { arms: ["linear"] });
  assert.equal(answer?.tier, "failed");
  assert.equal(answer.reasons.at(-1), "tiny-learns is supported, locked inconclusive");

  const { answer: fewer } = await reproduceTiny(folder, cells, { arms: ["linear"], seeds: [0, 1] });
  assert.equal(fewer?.tier, "B");

  // A claim that was changed since cannot be compared.
  const claims = LONG.claims.map((claim) => ({
    ...claim,
    parts: claim.parts.map((part) => ({ ...part, minSeeds: 2 })),
  }));
  const experiment = defineExperiment({ ...LONG, claims });
  const resume = { experiment, resume: run.folder };
  assert.equal((await reproduceTiny(folder, cells, resume)).answer?.tier, "B");
});

testInFolder("bits of an adapter of its own are never compared", async (folder) => {
  const cells = leftByLong();
  for (const cell of cells) cell.device.spelling = "none";
  const { answer, cells: compared } = await reproduceTiny(folder, cells, { arms: ["linear"] });
  assert.ok(compared.every(({ bits }) => bits === "not compared"));
  assert.equal(answer?.text, "B: 250 of 250 steps, 3 of 6 cells");
  assert.match(answer.reasons[0]!, /^linear-s0: bits not compared: no spelling /);
});

testInFolder("an evaluation or a measure that differs is not the same bits", async (folder) => {
  const cells = leftByLong();
  const [first, second, third] = cells.filter(({ arm }) => arm === "linear");
  first!.progress.evaluations.at(-1)!.accuracy = 0.123;
  second!.measures["parameters"] = 1;
  // What only one side has decides nothing.
  third!.progress.evaluations.pop();
  const { cells: compared, run } = await reproduceTiny(folder, cells, { arms: ["linear"] });
  assert.deepEqual(compared.map(({ others }) => others), [
    ["the evaluation on test images at step 250"],
    ["parameters: 7850, locked 1"],
    [],
  ]);
  assert.deepEqual(compared.map(({ bits }) => bits), ["other", "other", "same"]);

  // A measure that means something else today is not held against it.
  second!.digests.measures["parameters"] = "0".repeat(64);
  const again = await reproduceTiny(folder, cells, { resume: run.folder });
  assert.deepEqual(again.cells.map(({ bits }) => bits), ["other", "same", "same"]);
});

testInFolder(
  "a reproduction that was stopped goes on, and one that ended is only compared",
  async (folder) => {
    const arms = ["linear"];
    const first = new Watch(300);
    const stopped = await reproduceTiny(folder, leftByLong(), { arms, watch: first });
    assert.equal(stopped.answer, undefined);
    assert.ok(!stopped.run.complete);
    assert.deepEqual(stopped.cells.map(({ id }) => id), ["linear-s0"]);

    const resume = stopped.run.folder;
    const rest = new Watch();
    const { answer } = await reproduceTiny(folder, leftByLong(), { resume, watch: rest });
    assert.equal(answer?.text, "A: 250 of 250 steps, 3 of 6 cells");
    assert.equal(rest.steps, 750 - first.steps);

    const none = new Watch();
    const again = await reproduceTiny(folder, leftByLong(), { resume, watch: none });
    assert.equal(none.steps, 0);
    assert.deepEqual(again.answer, answer);

    // What is only compared must be a reproduction.
    const { created } = JSON.parse(await Deno.readTextFile(`${resume}/run.json`));
    await assert.rejects(reproduceTiny(folder, leftByLong(), { resume, changes: { created } }), {
      name: "DeclarationError",
      message: `${resume} is the run that was locked; leave --resume out to run its cells again`,
    });
  },
);

testInFolder("a run that was made shorter is no reproduction", async (folder) => {
  const watch = new Watch();
  const { folder: resume } = await runExperiment(denoHost, long, {
    ...SOURCES,
    ...{ preset: "standard", device: "cpu", runsFolder: `${folder}/runs`, profile: false },
    ...{ steps: 1, arms: ["linear"], seeds: [0], stop: watch.stop },
  }, watch);
  await assert.rejects(reproduceTiny(folder, leftByLong(), { resume }), {
    name: "DeclarationError",
    message:
      `${resume} was run with --steps 1, so its cells are not those that are locked; leave ` +
      "--resume out",
  });
});

testInFolder("without a measure in common other bits are no tier B", async (folder) => {
  const cells = leftByLong();
  for (const cell of cells) {
    otherDigestAt(cell, 100);
    for (const name of Object.keys(cell.measures)) cell.digests.measures[name] = "0".repeat(64);
  }
  const { answer } = await reproduceTiny(folder, cells, { arms: ["linear"] });
  assert.equal(answer?.tier, "failed");
  assert.equal(
    answer.reasons[1],
    "linear-s0 has no measure in common with what was locked of it",
  );
});

Deno.test("a cell that diverged at another step is not the same", () => {
  const [cell] = leftByLong();
  const diverged = (step: number) => ({
    ...cell!,
    status: "diverged" as const,
    reason: `the loss at step ${step + 1} is not finite`,
    progress: { ...cell!.progress, step },
  });
  assert.equal(compareCell(diverged(251), diverged(251), []).bits, "same");
  const { bits, others } = compareCell(diverged(251), diverged(260), []);
  assert.equal(bits, "other");
  assert.deepEqual(others, [
    "diverged (the loss at step 252 is not finite), locked diverged (the loss at step 261 is not " +
    "finite)",
  ]);
});
