import assert from "node:assert/strict";
import { computation } from "../../core/experiment/arms/arm.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { judgeFresh } from "../../core/reproduce/fresh_seeds.ts";
import type { ReproduceOptions } from "../../core/reproduce/reproduce.ts";
import { DECLARATION, testInFolder, Watch } from "../experiment/tiny.ts";
import { lockAs } from "./lock_as.ts";
import { leftByLong, LONG, long, optionsIn, runLong } from "./long_run.ts";

async function fresh(
  folder: string,
  cells: readonly CellRecord[],
  n: number,
  { experiment = long, watch = new Watch(), ...options }:
    & Partial<ReproduceOptions>
    & { experiment?: Experiment; watch?: Watch } = {},
) {
  const experiments = await lockAs(folder, cells);
  const source = { host: denoHost, experiment, experiments };
  return await judgeFresh(source, n, {
    ...optionsIn(folder, watch),
    ...options,
  }, { run: watch, found() {} });
}

testInFolder("claims that hold on fresh seeds, and what is not judged", async (folder) => {
  const result = await fresh(folder, leftByLong(), 2);
  assert.deepEqual(result.seeds, [3, 4]);
  assert.deepEqual(result.run.cells.map(({ id }) => id), [
    "narrow-s3",
    "linear-s3",
    "narrow-s4",
    "linear-s4",
  ]);
  assert.deepEqual(result.claims, [
    { id: "tiny-fewer-parameters", locked: "supported", fresh: "supported", answer: "holds" },
    { id: "tiny-learns", locked: "supported", fresh: "supported", answer: "holds" },
    {
      id: "tiny-seeds",
      locked: "supported",
      answer: "not judged",
      why: "needs 3 seeds, got 2",
    },
  ]);
  assert.deepEqual(result.judgements.map(({ id }) => id), ["tiny-fewer-parameters", "tiny-learns"]);
  assert.deepEqual(result.judgements[1]!.parts[0]!.seeds, [3, 4]);

  // The run goes on with one seed more, and the claim that needs three can be judged.
  const watch = new Watch();
  const more = await fresh(folder, leftByLong(), 3, { resume: result.run.folder, watch });
  assert.deepEqual(more.seeds, [3, 4, 5]);
  assert.deepEqual(watch.started.map(([id]) => id), ["narrow-s5", "linear-s5"]);
  assert.deepEqual(more.claims?.map(({ answer }) => answer), ["holds", "holds", "holds"]);
});

testInFolder("a claim that comes out otherwise does not hold", async (folder) => {
  const cells = leftByLong();
  for (const cell of cells.filter(({ arm }) => arm === "linear")) {
    cell.measures["test accuracy"] = 0.01 + cell.seed / 1000;
  }
  const { claims, run } = await fresh(folder, cells, 2, { claim: "tiny-learns" });
  assert.deepEqual(run.cells.map(({ arm }) => arm), ["linear", "linear"]);
  assert.deepEqual(claims, [
    { id: "tiny-learns", locked: "refuted", fresh: "supported", answer: "does not hold" },
  ]);
});

testInFolder("a lock that found nothing leaves nothing to hold", async (folder) => {
  const cells = leftByLong();
  for (const { digests } of cells) digests.claims["tiny-learns"] = "0".repeat(64);
  await assert.rejects(fresh(folder, cells, 1, { claim: "tiny-learns" }), {
    name: "DeclarationError",
    message:
      /^no claim could be judged on 1 fresh seed: tiny-learns: the lock found nothing \(inconclusive: 3 cells were run under other criteria/,
  });
  await assert.rejects(fresh(folder, cells, 2, { claim: "tiny-seeds" }), {
    message: /tiny-seeds: needs 3 seeds, got 2$/,
  });
});

testInFolder("a run on fresh seeds can be stopped and goes on", async (folder) => {
  const claim = "tiny-learns";
  const stopped = await fresh(folder, leftByLong(), 2, { claim, watch: new Watch(10) });
  assert.equal(stopped.claims, undefined);
  const { claims } = await fresh(folder, leftByLong(), 2, { resume: stopped.run.folder });
  assert.deepEqual(claims?.map(({ id, answer }) => [id, answer]), [[claim, "holds"]]);
});

testInFolder("a run on locked seeds is no run on fresh ones", async (folder) => {
  const [cell] = await runLong(
    folder,
    defineExperiment({
      ...LONG,
      presets: { ...LONG.presets, standard: { seeds: 1, steps: 1 } },
    }),
  );
  assert.equal(cell?.id, "narrow-s0");
  const [run] = await Array.fromAsync(Deno.readDir(`${folder}/runs/tiny`));
  const resume = `${folder}/runs/tiny/${run!.name}`;
  await assert.rejects(fresh(folder, leftByLong(), 2, { resume }), {
    name: "DeclarationError",
    message: /is no run on fresh seeds|out of date/,
  });
});

testInFolder(
  "what has no randomness, and what chooses opponents, comes from the lock",
  async (folder) => {
    const { narrow, linear } = DECLARATION.arms;
    const [claim] = DECLARATION.claims;
    const [part] = claim!.parts;
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: {
        narrow,
        wide: { ...narrow, batch: 8 },
        linear,
        nine: computation({ a: 3 }, (_, { a }) => ({ square: a * a })),
      },
      claims: [{
        ...claim!,
        id: "tiny-chosen",
        parts: [{
          ...part!,
          measure: "test accuracy",
          value: -2,
          pairing: {
            arm: "linear",
            // Seed 2 would be the next one.
            minus: { bestOf: ["narrow", "wide"], by: "test accuracy", seed: 2 },
          },
        }],
      }, {
        ...claim!,
        id: "tiny-nine",
        parts: [{
          part: "nine",
          measure: "square",
          compare: "exact",
          value: 9,
          pairing: { arm: "nine" },
          minSeeds: 1,
        }],
      }],
      presets: { ...DECLARATION.presets, standard: { seeds: 2, steps: 4 } },
    });
    const cells = await runLong(folder, experiment);
    assert.equal(cells.filter(({ tuning }) => tuning).length, 2);
    const { run, seeds, claims } = await fresh(folder, cells, 2, { experiment });
    assert.deepEqual(seeds, [3, 4]);
    assert.deepEqual(run.cells.map(({ id }) => id), [
      "narrow-s3",
      "wide-s3",
      "linear-s3",
      "narrow-s4",
      "wide-s4",
      "linear-s4",
    ]);
    assert.deepEqual(claims, [
      { id: "tiny-chosen", locked: "supported", fresh: "supported", answer: "holds" },
      { id: "tiny-nine", locked: "supported", answer: "not judged", why: "no seed changes it" },
    ]);
  },
);
