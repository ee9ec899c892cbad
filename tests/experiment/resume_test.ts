import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun } from "../../core/experiment/records/read_run.ts";
import { readRecord, runRecordSchema } from "../../core/experiment/records/record.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "./tiny.ts";

/** The cells of these tests, in the order of running. */
const IDS = ["narrow-s0", "narrow-s1"];
const asked = { arms: ["narrow"] };

async function allLeftBehind(folder: string, ids = IDS) {
  return await Promise.all(ids.map((id) => leftBehind(folder, id)));
}

testInFolder(
  "a run that was stopped and resumed leaves what an uninterrupted one leaves",
  async (folder) => {
    const whole = await runTiny(folder, asked);
    const expected = await allLeftBehind(whole.folder);
    // After the first step; between two cells; in the second one.
    for (const stopAfter of [1, 12, 13]) {
      const first = new Watch(stopAfter);
      const stopped = await runTiny(folder, { ...asked, watch: first });
      assert.equal(first.steps, stopAfter);
      assert.ok(!stopped.complete);
      // A kill can leave metrics.csv ahead of the checkpoint; a resume cuts it back.
      const half = stopped.cells.find(({ status }) => status === "running");
      if (half) await denoHost.appendText(`${stopped.folder}/${half.id}/metrics.csv`, "14,tra");

      const second = new Watch();
      const { complete } = await runTiny(folder, { resume: stopped.folder, watch: second });
      assert.ok(complete);
      assert.equal(second.steps, 24 - stopAfter);
      const startedFrom = stopAfter < 12 ? [["narrow-s0", stopAfter], ["narrow-s1", 0]] : [
        ["narrow-s1", stopAfter - 12],
      ];
      assert.deepEqual(second.started, startedFrom);
      assert.deepEqual(await allLeftBehind(stopped.folder), expected, `stopped after ${stopAfter}`);
    }
  },
);

testInFolder(
  "a resume with more seeds adds cells and leaves the others untouched",
  async (folder) => {
    const before = await runTiny(folder, { ...asked, seeds: [0] });
    const path = `${before.folder}/narrow-s0`;
    const files = ["cell.json", "metrics.csv", "checkpoint.safetensors"];
    const states = () =>
      Promise.all(files.map(async (name) => {
        const { ino, mtime } = await Deno.stat(`${path}/${name}`);
        return { name, ino, mtime };
      }));
    const untouched = await states();

    const watch = new Watch();
    const after = await runTiny(folder, { resume: before.folder, seeds: [0, 1], watch });
    assert.deepEqual(after.cells.map(({ id }) => id), IDS);
    assert.deepEqual(watch.started, [["narrow-s1", 0]]);
    assert.deepEqual(await states(), untouched);
    const run = await readRecord(denoHost, `${before.folder}/run.json`, runRecordSchema);
    assert.deepEqual(run.cells.map(({ id }) => id), IDS);
    assert.deepEqual(run.options, { arms: ["narrow"], seeds: [0, 1] });

    // Asked for fewer, the run keeps the cells it has.
    await runTiny(folder, { resume: before.folder, seeds: [1] });
    const { cells } = await readRecord(denoHost, `${before.folder}/run.json`, runRecordSchema);
    assert.deepEqual(cells.map(({ id }) => id).sort(), IDS);
  },
);

testInFolder("a resume with arms adds them to the preset's", async (folder) => {
  const presets = { ...DECLARATION.presets, quick: { seeds: 1, steps: 4, arms: ["linear"] } };
  const experiment = defineExperiment({ ...DECLARATION, presets });
  const before = await runTiny(folder, { experiment });
  assert.deepEqual(before.cells.map(({ id }) => id), ["linear-s0"]);
  const after = await runTiny(folder, { experiment, resume: before.folder, arms: ["narrow"] });
  assert.deepEqual(after.cells.map(({ id }) => id), ["narrow-s0", "linear-s0"]);
  const again = await runTiny(folder, { experiment, resume: before.folder });
  assert.deepEqual(again.cells.map(({ id }) => id), ["narrow-s0", "linear-s0"]);
});

testInFolder(
  "a resume of a claim's run keeps arms that are outside the preset's",
  async (folder) => {
    const presets = { ...DECLARATION.presets, quick: { seeds: 1, steps: 4, arms: ["narrow"] } };
    const experiment = defineExperiment({ ...DECLARATION, presets });
    const claim = "tiny-fewer-parameters";
    const before = await runTiny(folder, { experiment, claim });
    assert.deepEqual(before.cells.map(({ id }) => id), ["narrow-s0", "linear-s0"]);
    const after = await runTiny(folder, { experiment, resume: before.folder, arms: ["narrow"] });
    assert.deepEqual(after.cells.map(({ id }) => id), ["narrow-s0", "linear-s0"]);
  },
);

testInFolder("a record in another cell's folder is refused", async (folder) => {
  const { folder: made } = await runTiny(folder, { seeds: [0] });
  await Deno.copyFile(`${made}/linear-s0/cell.json`, `${made}/narrow-s0/cell.json`);
  await assert.rejects(readRun(denoHost, made), {
    name: "DeclarationError",
    message: /narrow-s0\/cell\.json is the record of linear-s0; put its own back/,
  });
});

testInFolder("a resume under another declaration is refused by the cell's name", async (folder) => {
  const { folder: made } = await runTiny(folder, { ...asked, seeds: [0], watch: new Watch(1) });
  const text = await Deno.readTextFile(`${made}/run.json`);
  const { narrow } = DECLARATION.arms;
  const experiment = defineExperiment({
    ...DECLARATION,
    arms: { ...DECLARATION.arms, narrow: { ...narrow, batch: 8 } },
  });
  for (const changed of [{ experiment }, { steps: 13 }, { set: { "net.1.units": 9 } }]) {
    await assert.rejects(runTiny(folder, { resume: made, ...changed }), {
      name: "DeclarationError",
      message:
        /was made by another declaration: cell narrow-s0 had config digest [0-9a-f]{12}, now/,
    });
  }
  const other = defineExperiment({ ...DECLARATION, name: "other" });
  await assert.rejects(runTiny(folder, { resume: made, experiment: other }), {
    name: "DeclarationError",
    message: /is a run of "tiny", not of "other"; resume it with: deno task experiment tiny --res/,
  });
  assert.equal(await Deno.readTextFile(`${made}/run.json`), text);
});

testInFolder("a foreign record is refused by its file's name", async (folder) => {
  const { folder: made } = await runTiny(folder, { ...asked, seeds: [0], watch: new Watch(1) });
  for (const name of ["run.json", "narrow-s0/cell.json"]) {
    const path = `${made}/${name}`;
    const text = await Deno.readTextFile(path);
    const record = JSON.parse(text);
    for (
      const [content, found] of [
        [
          JSON.stringify({ ...record, surprise: 1 }),
          'is no record of this version: Unrecognized key: "surprise"',
        ],
        [JSON.stringify({ ...record, format: 2 }), "is no record of this version: format: "],
      ] as const
    ) {
      await Deno.writeTextFile(path, content);
      await assert.rejects(runTiny(folder, { resume: made }), (error: Error) => {
        assert.equal(error.name, "DeclarationError");
        assert.ok(error.message.startsWith(`${path} ${found}`), error.message);
        return true;
      });
    }
    await Deno.writeTextFile(path, text);
  }
  await assert.rejects(runTiny(folder, { resume: `${folder}/nowhere` }), {
    name: "HostError",
    message: /nowhere\/run.json: cannot be read/,
  });
});

testInFolder("a resume on other data is refused", async (folder) => {
  const { folder: made } = await runTiny(folder, { ...asked, seeds: [0], watch: new Watch(1) });
  const path = `${made}/narrow-s0/cell.json`;
  const record = JSON.parse(await Deno.readTextFile(path));
  record.digests.data = "0".repeat(64);
  await Deno.writeTextFile(path, JSON.stringify(record));
  await assert.rejects(runTiny(folder, { resume: made }), {
    name: "DeclarationError",
    message: /cell narrow-s0 was run on other data/,
  });
});

testInFolder("a record whose cell would lie outside its run is refused", async (folder) => {
  const { folder: run } = await runTiny(folder, { seeds: [0], arms: ["linear"], steps: 1 });
  const path = `${run}/run.json`;
  const record = await Deno.readTextFile(path);
  for (const id of ["../linear-s0", "/etc", ".."]) {
    await Deno.writeTextFile(path, record.replace("linear-s0", id));
    await assert.rejects(readRun(denoHost, run), /run\.json is no record of this version/);
  }
});

testInFolder("a checkpoint of another cell is refused, though its tensors fit", async (folder) => {
  const watch = new Watch(6);
  const { folder: run } = await runTiny(folder, { arms: ["narrow"], watch });
  const other = await runTiny(folder, { arms: ["narrow"], seeds: [1] });
  await Deno.copyFile(
    `${other.folder}/narrow-s1/checkpoint.safetensors`,
    `${run}/narrow-s0/checkpoint.safetensors`,
  );
  await assert.rejects(
    runTiny(folder, { resume: run }),
    /narrow-s0\/checkpoint\.safetensors is not of this cell: .* expected [0-9a-f]{12}/,
  );
});
