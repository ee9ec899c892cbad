import assert from "node:assert/strict";
import { computation } from "../../core/experiment/arms/arm.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { PlanOptions } from "../../core/experiment/plan.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import type { Lock } from "../../core/reproduce/lock.ts";
import { reproduceSteps } from "../../core/reproduce/steps.ts";
import { findTarget, firstTarget, loadTargetData } from "../../core/reproduce/target.ts";
import { testInFolder } from "../experiment/tiny.ts";
import { lockAs } from "./lock_as.ts";
import { leftByLong, LONG, long, PUBLISHED, SOURCES } from "./long_run.ts";

/** What is found of an experiment when these records are locked. */
async function found(
  folder: string,
  cells: readonly CellRecord[],
  experiment: Experiment = long,
  asked: Partial<PlanOptions> = {},
  changes: Partial<Lock> = {},
) {
  const experiments = await lockAs(folder, cells, changes);
  const source = { host: denoHost, experiment, experiments };
  return { source, target: await findTarget(source, { preset: "standard", ...asked }) };
}

const OUT_OF_DATE = "OutOfDateError";

function declared(changes: Partial<Parameters<typeof defineExperiment>[0]>): Experiment {
  return defineExperiment({ ...LONG, ...changes });
}

const { narrow, linear } = LONG.arms;

testInFolder("a configuration that differs is refused with the fields that do", async (folder) => {
  const experiment = declared({
    arms: {
      narrow,
      linear: { ...linear, batch: 8, optimiser: { optimiser: "sgd", learningRate: 0.2 } },
    },
  });
  await assert.rejects(found(folder, leftByLong(), experiment), {
    name: OUT_OF_DATE,
    message: `${folder}/experiments/tiny/locked is out of date: linear-s0 and 2 more cells: ` +
      "optimiser.learningRate is 0.2 now, 0.1 locked, batch is 8 now, 16 locked; check out the " +
      "commit that was locked (0123456789ab), or lock a new run",
  });
  // Other arms are none of their business.
  await found(folder, leftByLong(), experiment, { arms: ["narrow"] });
});

testInFolder("a digest that no field explains is named itself", async (folder) => {
  const cells = leftByLong();
  cells[0]!.digests.config = "0".repeat(64);
  await assert.rejects(found(folder, cells), {
    name: OUT_OF_DATE,
    message: /narrow-s0: config digest [0-9a-f]{12} now, 0{12} locked, though no field differs/,
  });
});

testInFolder("other data are refused with both digests", async (folder) => {
  const cells = leftByLong();
  const other = "0".repeat(64);
  for (const { digests } of cells) digests.data = other;
  const { source, target } = await found(folder, cells);
  const message = `: narrow-s0 and 5 more cells: made-up digits: data digest ${PUBLISHED.digest} ` +
    `now, ${other} locked; check out`;
  const refused = (error: Error) => error.name === OUT_OF_DATE && error.message.includes(message);
  await assert.rejects(loadTargetData(source, target, SOURCES), refused);
  const options = { ...SOURCES, preset: "standard", device: "cpu" } as const;
  const watcher = { found() {}, chosen() {}, stepped() {} };
  await assert.rejects(reproduceSteps(source, options, 100, watcher), { name: OUT_OF_DATE });
});

testInFolder("without the published data there is nothing to reproduce on", async (folder) => {
  const { source, target } = await found(folder, leftByLong());
  await assert.rejects(loadTargetData(source, target, { dataDirectories: [] }), {
    name: "DataError",
    message: /expected the published files, found none/,
  });
});

testInFolder(
  "cells that are declared and not locked are named, and the reverse",
  async (folder) => {
    const cells = leftByLong();
    await assert.rejects(found(folder, cells.filter(({ id }) => id !== "narrow-s1")), {
      name: OUT_OF_DATE,
      message: /out of date: narrow-s1: declared, but not locked; check out/,
    });
    await assert.rejects(found(folder, cells, long, { seeds: [2, 3] }), {
      name: "DeclarationError",
      message: "seed 3 is not locked; 0, 1, 2 are. To judge the claims on others: --fresh-seeds N",
    });
    const fewer = declared({ arms: { linear }, claims: LONG.claims.slice(1, 2) });
    await assert.rejects(found(folder, cells, fewer), {
      name: OUT_OF_DATE,
      message: /: narrow-s0 and 2 more cells: locked, but no longer declared;/,
    });
    const { target } = await found(folder, cells, fewer, { arms: ["linear"] });
    assert.equal(target.pairs.length, 3);
  },
);

testInFolder("what was added since leaves an old lock as it is", async (folder) => {
  const cells = leftByLong();
  // An option that came since, at its default, is not in an old record.
  for (const { config } of cells) delete (config["optimiser"] as Record<string, unknown>)["beta1"];
  const [claim] = LONG.claims;
  const arms = { narrow, wide: { ...narrow, batch: 8 }, linear };
  const opponent = { bestOf: ["narrow", "wide"], by: "test accuracy", seed: 100 };
  const [part] = claim!.parts;
  const experiment = declared({
    arms,
    measures: { ...LONG.measures, "test loss": { measure: "loss", set: "test" } },
    claims: [...LONG.claims, {
      ...claim!,
      id: "tiny-added",
      parts: [{ ...part!, pairing: { arm: "linear", minus: opponent } }],
    }],
    presets: { ...LONG.presets, standard: { seeds: 3, steps: 250 } },
  });
  const { target } = await found(folder, cells, experiment);
  assert.deepEqual(
    target.pairs.map(({ cell }) => cell.id).sort(),
    cells.map(({ id }) => id).sort(),
  );
  assert.deepEqual(target.notes.filter((note) => note.startsWith("not locked")), [
    "not locked, so not reproduced: wide-s0 and 4 more cells",
  ]);
  // Asked for by name, they are missed.
  for (const asked of [{ arms: ["wide"] }, { claim: "tiny-added" }]) {
    await assert.rejects(found(folder, cells, experiment, asked), {
      name: OUT_OF_DATE,
      message: /wide-s0.*: declared, but not locked/,
    });
  }
});

testInFolder(
  "other code, shaders, packages and Deno are said and decide nothing",
  async (folder) => {
    const cells = leftByLong();
    assert.deepEqual((await found(folder, cells)).target.notes, []);
    for (const { digests } of cells) {
      digests.code = "a".repeat(64);
      digests.shaders = "b".repeat(64);
    }
    const changes = { deno: "2.0.0", dependencies: "c".repeat(64) };
    const { target } = await found(folder, cells, long, {}, changes);
    assert.equal(target.pairs.length, 6);
    const [code, shaders, packages, deno, ...none] = target.notes;
    assert.match(
      code!,
      /^code differs from what was locked: a{12} then, [0-9a-f]{12} now; the weight chain alone decides$/,
    );
    assert.match(shaders!, /^shaders differ from what was locked: b{12} then/);
    assert.match(packages!, /^deno\.lock differs from what was locked: c{12} then/);
    assert.match(deno!, /^Deno differs from what was locked: 2\.0\.0 and [\d.]+ then, [\d.]+ now/);
    assert.deepEqual(none, []);
  },
);

testInFolder("a lock that says too little to be compared with is refused", async (folder) => {
  const changed = async (change: (cell: CellRecord) => void, words: RegExp) => {
    const cells = leftByLong();
    change(cells[1]!);
    await assert.rejects(found(folder, cells), { name: "DeclarationError", message: words });
  };
  await changed((cell) => cell.progress.chain = [], /linear-s0 has no weight digest/);
  await changed(
    (cell) => cell.progress.chain.pop(),
    /linear-s0 has its last weight digest at step 200/,
  );
  await changed((cell) => cell.progress.chain.shift(), /must ascend from step 0/);
  await changed((cell) => {
    cell.config = { kind: "computation" };
    cell.measures = {};
  }, /linear-s0 has no result to compare with/);
});

testInFolder("a lock of another experiment or preset is refused", async (folder) => {
  const refused = {
    name: "DeclarationError",
    message: /locked is the lock of \w+ at \w+, expected that of tiny at standard/,
  };
  await assert.rejects(found(folder, leftByLong(), long, {}, { preset: "quick" }), refused);

  const others = leftByLong().map((cell) => ({ ...cell, experiment: "other" }));
  const experiments = await lockAs(`${folder}/moved`, others);
  await Deno.rename(`${experiments}/other`, `${experiments}/tiny`);
  const source = { host: denoHost, experiment: long, experiments };
  await assert.rejects(findTarget(source, { preset: "standard" }), refused);
});

testInFolder("only a trained arm has first steps", async (folder) => {
  const nothing = computation({ a: 3 }, (_, { a }) => ({ square: a * a }));
  const experiment = declared({ arms: { nothing, narrow, linear } });
  const cells = leftByLong();
  const locked = { ...cells[0]!, id: "nothing-s0", arm: "nothing", steps: 0, config: {} };
  const experiments = await lockAs(folder, [locked, ...cells]);
  const source = { host: denoHost, experiment, experiments };
  await assert.rejects(firstTarget(source, { preset: "standard" }), {
    name: "DeclarationError",
    message: /"nothing", the first arm of tiny, trains nothing, so it has no steps to check/,
  });
  const { pair } = await firstTarget(source, { preset: "standard", arms: ["linear"], seeds: [2] });
  assert.equal(pair.cell.id, "linear-s2");
});
