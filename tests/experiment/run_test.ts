import assert from "node:assert/strict";
import { measureDigest } from "../../core/experiment/measures/measure_digest.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { claimDigest } from "../../core/experiment/claims/claim.ts";
import { DeclarationError } from "../../core/experiment/declaration_error.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { planCells } from "../../core/experiment/plan.ts";
import {
  cellRecordSchema,
  readRecord,
  recordText,
  runRecordSchema,
} from "../../core/experiment/records/record.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, tiny, Watch } from "./tiny.ts";

testInFolder(
  "a run leaves its plan, and a record of every cell with what it came to",
  async (folder) => {
    const watch = new Watch();
    const result = await runTiny(folder, { watch });
    const cells = await planCells(tiny, { preset: "quick" });
    const ids = ["narrow-s0", "linear-s0", "narrow-s1", "linear-s1"];
    assert.deepEqual(cells.map(({ id }) => id), ids);

    assert.ok(result.complete);
    assert.match(
      result.folder.slice(folder.length),
      /^\/runs\/tiny\/\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-[0-9a-f]{8}$/,
    );
    const run = await readRecord(denoHost, `${result.folder}/run.json`, runRecordSchema);
    assert.equal(run.experiment, "tiny");
    assert.equal(run.preset, "quick");
    assert.deepEqual(run.options, {});
    assert.deepEqual(run.cells, cells.map(({ id, digest }) => ({ id, digest })));

    const { digest } = await mnistStandIn();
    for (const [i, cell] of cells.entries()) {
      const path = `${result.folder}/${cell.id}/cell.json`;
      const record = await readRecord(denoHost, path, cellRecordSchema);
      assert.deepEqual(record, result.cells[i]);
      assert.equal(await Deno.readTextFile(path), recordText(record));
      assert.deepEqual(
        [record.experiment, record.id, record.arm, record.seed, record.tuning, record.point],
        ["tiny", cell.id, cell.arm, cell.seed, false, {}],
      );
      assert.deepEqual(record.config, JSON.parse(JSON.stringify(cell.config)));
      assert.equal(record.status, "finished");
      assert.equal(record.steps, 12);
      assert.equal(record.digests.config, cell.digest);
      assert.equal(record.digests.data, digest);
      assert.equal(record.standIn, true);
      assert.equal(record.versions["deno"], Deno.version.deno);
      assert.equal(record.device.kind, "cpu");
      const claims = tiny.claims.filter(({ id }) => cell.arm === "linear" || id !== "tiny-learns");
      assert.deepEqual(
        record.digests.claims,
        Object.fromEntries(
          await Promise.all(claims.map(async (claim) => [claim.id, await claimDigest(claim)])),
        ),
      );
      assert.deepEqual(record.progress.chain.map(([step]) => step), [0, 12]);
      assert.equal(new Set(record.progress.chain.map(([, weights]) => weights)).size, 2);
      assert.ok(record.memory!.all > record.memory!.besidesData);
      assert.equal(record.measures["parameters"], cell.arm === "narrow" ? 6370 : 7850);
    }
    assert.equal(watch.steps, 48);
    assert.deepEqual(watch.started, ids.map((id) => [id, 0]));
    assert.deepEqual(watch.ended.map(({ id }) => id), ids);
    assert.equal(watch.plan!.finished, 0);
    assert.equal(watch.plan!.steps, 48);
    assert.match(
      watch.plan!.data.join(),
      /^STAND-IN, NOT REAL DATA: .* \(digest [0-9a-f]{12}\); deno task data mnist fetches the real /,
    );
  },
);

testInFolder("metrics.csv has each step's loss and every evaluation, in order", async (folder) => {
  const result = await runTiny(folder, { arms: ["linear"], seeds: [0] });
  const [header, ...rows] = (await Deno.readTextFile(`${result.folder}/linear-s0/metrics.csv`))
    .trimEnd().split("\n");
  assert.equal(header, "step,set,metric,value");
  const expected: string[] = [];
  for (let step = 1; step <= 12; step++) {
    expected.push(`${step},train,loss`);
    if (step % 4 !== 0) continue;
    for (const set of ["validation", "test"]) {
      expected.push(`${step},${set},accuracy`, `${step},${set},loss`);
    }
  }
  assert.deepEqual(rows.map((row) => row.slice(0, row.lastIndexOf(","))), expected);
  const { progress, measures } = result.cells[0]!;
  assert.deepEqual(
    progress.evaluations.map(({ step, set, count }) => [step, set, count]),
    [4, 8, 12].flatMap((step) => [[step, "validation", 20], [step, "test", 30]]),
  );
  for (const { step, set, accuracy, loss } of progress.evaluations) {
    assert.ok(rows.includes(`${step},${set},accuracy,${accuracy}`));
    assert.ok(rows.includes(`${step},${set},loss,${loss}`));
  }
  assert.equal(measures["test accuracy"], progress.evaluations.at(-1)!.accuracy);
});

testInFolder(
  "a claim that needs no training is judged on stand-in data, others are not",
  async (folder) => {
    const { judgements } = await runTiny(folder);
    assert.deepEqual(
      judgements.map(({ id, verdict, reason }) => [id, verdict, reason]),
      [
        ["tiny-fewer-parameters", "supported", undefined],
        ["tiny-learns", "inconclusive", "stand-in data"],
      ],
    );
  },
);

testInFolder("a measure that is added later is taken without training", async (folder) => {
  const before = await runTiny(folder, { seeds: [0] });
  const more = defineExperiment({
    ...DECLARATION,
    measures: { ...DECLARATION.measures, "test loss": { measure: "loss", set: "test" } },
  });
  const watch = new Watch();
  const { cells, complete } = await runTiny(folder, {
    experiment: more,
    resume: before.folder,
    watch,
  });
  assert.ok(complete);
  assert.equal(watch.steps, 0);
  assert.deepEqual(watch.started, []);
  assert.equal(watch.plan!.finished, 2);
  for (const [i, cell] of cells.entries()) {
    const loss = cell.progress.evaluations.at(-1)!.loss;
    const { measures, digests } = before.cells[i]!;
    const meaning = await measureDigest({ measure: "loss", set: "test" });
    assert.deepEqual(cell, {
      ...before.cells[i],
      measures: { ...measures, "test loss": loss },
      digests: { ...digests, measures: { ...digests.measures, "test loss": meaning } },
    });
    const path = `${before.folder}/${cell.id}/cell.json`;
    assert.deepEqual(await readRecord(denoHost, path, cellRecordSchema), cell);
  }
});

testInFolder("a cell that diverges is a result, and the run goes on", async (folder) => {
  const { linear, narrow } = DECLARATION.arms;
  const wild = { ...narrow, optimiser: { optimiser: "sgd", learningRate: 1e30 } as const };
  const experiment = defineExperiment({ ...DECLARATION, arms: { narrow: wild, linear } });
  const result = await runTiny(folder, { experiment, seeds: [0] });
  assert.deepEqual(
    result.cells.map(({ id, status, reason }) => [id, status, reason]),
    [
      [
        "narrow-s0",
        "diverged",
        "the loss at step 2 is not finite; lower the learning rate",
      ],
      ["linear-s0", "finished", undefined],
    ],
  );
  assert.ok(result.complete);
  const { measures, progress } = result.cells[0]!;
  assert.deepEqual(measures, {});
  assert.equal(progress.step, 1);
  const metrics = await Deno.readTextFile(`${result.folder}/narrow-s0/metrics.csv`);
  assert.match(metrics, /^step,set,metric,value\n1,train,loss,[\d.]+\n$/);
  assert.equal(result.judgements[0]!.verdict, "inconclusive");

  const watch = new Watch();
  const again = await runTiny(folder, { experiment, resume: result.folder, watch });
  assert.equal(watch.steps, 0);
  assert.deepEqual(again.cells, result.cells);
});

testInFolder(
  "a computation is run once whatever the seeds, and its results are its measures",
  async (folder) => {
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: {
        sum: {
          kind: "computation",
          inputs: { numbers: [1, 2, 3] },
          compute: (_lab, { numbers }: { numbers: number[] }) => ({
            sum: numbers.reduce((a, b) => a + b),
            sorted: numbers,
          }),
        },
      },
      claims: [],
    });
    const { cells, complete } = await runTiny(folder, { experiment });
    assert.ok(complete);
    assert.deepEqual(cells.map(({ id, measures, steps }) => [id, measures, steps]), [
      ["sum-s0", { sum: 6, sorted: [1, 2, 3] }, 0],
    ]);
    assert.equal(cells[0]!.digests.data, null);
    assert.equal(cells[0]!.standIn, false);
  },
);

testInFolder("a profile leaves the bits as they were", async (folder) => {
  const plain = await runTiny(folder, { arms: ["narrow"], seeds: [0] });
  const watch = new Watch();
  const profiled = await runTiny(folder, { arms: ["narrow"], seeds: [0], profile: true, watch });
  assert.equal(watch.profiles, 1);
  assert.notEqual(profiled.folder, plain.folder);
  assert.deepEqual(
    await leftBehind(profiled.folder, "narrow-s0"),
    await leftBehind(plain.folder, "narrow-s0"),
  );
});

testInFolder(
  "a data folder that was given but lacks the data is an error, never the stand-in",
  async (folder) => {
    const path = `${folder}/empty`;
    await Deno.mkdir(path);
    const dataDirectories = [{ path, given: true, origin: "--data-dir" }];
    await assert.rejects(runTiny(folder, { dataDirectories }), /--data-dir .*expected MNIST there/);
    await assert.rejects(runTiny(folder, { preset: "standard" }), /expected the published files/);
    assert.deepEqual((await denoHost.list(folder)).folders, ["empty"]);
  },
);

testInFolder("standard and lecture download what is missing, quick never", async (folder) => {
  const asked: string[] = [];
  const published = { ...await mnistStandIn(), source: "published" } as const;
  const download = (name: string) => {
    asked.push(name);
    return Promise.resolve(published);
  };
  const options = { arms: ["linear"], seeds: [0], steps: 1, download };
  const { cells: [drawn] } = await runTiny(folder, options);
  assert.ok(drawn!.standIn);
  assert.deepEqual(asked, []);
  for (const preset of ["standard", "lecture"] as const) {
    const { cells: [cell] } = await runTiny(folder, { ...options, preset });
    assert.ok(!cell!.standIn);
    assert.deepEqual(asked.splice(0), ["mnist"]);
    const path = `${folder}/empty`;
    const dataDirectories = [{ path, given: true, origin: "SAMEBITS_DATA" }];
    await assert.rejects(runTiny(folder, { ...options, preset, dataDirectories }), {
      name: "DataError",
      message: /^SAMEBITS_DATA .*expected MNIST there/,
    });
    assert.deepEqual(asked, []);
  }
});

testInFolder("more training images than there are is refused by name", async (folder) => {
  await assert.rejects(runTiny(folder, { set: { trainImages: 6001 } }), (error) => {
    assert.ok(error instanceof DeclarationError);
    assert.match(error.message, /^6001 training images .* has 6000; set trainImages to at most/);
    return true;
  });
});
