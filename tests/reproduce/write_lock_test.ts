import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { type Host, HostError } from "../../core/experiment/host_interface.ts";
import { dependenciesDigest } from "../../core/experiment/records/provenance.ts";
import { type Lock, lockedRun, readLock } from "../../core/reproduce/lock.ts";
import { decodeSafetensors, encodeSafetensors } from "../../core/train/checkpoint.ts";
import { testInFolder } from "../experiment/tiny.ts";
import { filesBelow } from "../folders.ts";
import {
  copyRun,
  lock,
  LOCKABLE,
  lockable,
  lockedIn,
  standardRun,
  TREE,
  withCell,
} from "./lockable_run.ts";

const SHOWN = [
  "linear-s0/samples/predictions.json",
  "linear-s0/samples/predictions.png",
  "narrow-s0/checkpoint.safetensors",
];

testInFolder(
  "a lock has the records of all cells, and says what it was made at",
  async (folder) => {
    const run = await standardRun();
    const locked = await lock(folder);
    const at = lockedIn(folder);
    const read = await readLock(denoHost, at);
    assert.deepEqual(lockedRun(at, read), {
      folder: at,
      run: { ...run.run, options: {} },
      cells: run.cells,
    });
    assert.deepEqual(
      [read.experiment, read.preset, read.created, read.commit, read.deno, read.dependencies],
      [
        "tiny",
        "standard",
        run.run.created,
        TREE.commit,
        Deno.version.deno,
        await dependenciesDigest(denoHost),
      ],
    );
    const files = await filesBelow(at);
    const names = [...SHOWN, "lock.json", "losses.csv"].sort();
    assert.deepEqual(Object.keys(files).sort(), names);
    assert.deepEqual([...locked.files].sort(), names);
    assert.deepEqual(
      { ...locked, files: [], bytes: 0 },
      { folder: at, preset: "standard", commit: TREE.commit, cells: 4, files: [], bytes: 0 },
    );
    assert.equal(locked.bytes, Object.values(files).reduce((sum, { length }) => sum + length, 0));
  },
);

testInFolder("lock.json is sorted, and has a line for each point of a chain", async (folder) => {
  await lock(folder);
  const text = await Deno.readTextFile(`${lockedIn(folder)}/lock.json`);
  assert.ok(text.endsWith("}\n"));
  JSON.parse(text, (_, value) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      assert.deepEqual(Object.keys(value), Object.keys(value).sort());
    }
    return value;
  });
  const points = (await standardRun()).cells.flatMap(({ progress }) => progress.chain);
  assert.equal(points.length, 4 * 3);
  const lines = text.split("\n").map((line) => line.trim().replace(/,$/, ""));
  for (const [step, digest] of points) assert.ok(lines.includes(`[${step},"${digest}"]`));
});

testInFolder("losses.csv has the mean training loss of each hundred steps", async (folder) => {
  await lock(folder);
  const text = await Deno.readTextFile(`${lockedIn(folder)}/losses.csv`);
  const run = await standardRun();
  const expected = ["cell,step,mean training loss"];
  for (const { id } of run.cells) {
    const losses = (await Deno.readTextFile(`${run.folder}/${id}/metrics.csv`)).split("\n")
      .filter((line) => line.includes(",train,loss,")).map((line) => Number(line.split(",")[3]));
    assert.equal(losses.length, 104);
    for (const [from, to] of [[0, 100], [100, 104]] as const) {
      const mean = losses.slice(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from);
      expected.push(`${id},${to},${Number(mean.toPrecision(6))}`);
    }
  }
  assert.equal(text, `${expected.join("\n")}\n`);
});

testInFolder(
  "what figures show of the first seed is locked, checkpoints without moments",
  async (folder) => {
    await lock(folder);
    const files = await filesBelow(lockedIn(folder));
    const run = await standardRun();
    for (const path of SHOWN.slice(0, 2)) {
      assert.deepEqual(files[path], await Deno.readFile(`${run.folder}/${path}`));
    }
    const [path] = SHOWN.slice(2);
    const { tensors, metadata } = decodeSafetensors(files[path!]!, path!);
    const whole = decodeSafetensors(await Deno.readFile(`${run.folder}/${path}`), path!);
    const names = ["dense1/weights", "dense1/bias", "dense2/weights", "dense2/bias"];
    assert.deepEqual([...tensors.keys()], names);
    assert.equal(whole.tensors.size, 3 * names.length);
    for (const name of names) assert.deepEqual(tensors.get(name), whole.tensors.get(name));
    assert.deepEqual(metadata, { config: run.cells[0]!.digests.config });
  },
);

testInFolder(
  "locking again leaves the same bytes, and takes away what is not shown any more",
  async (folder) => {
    await lock(folder);
    const at = lockedIn(folder);
    const first = await filesBelow(at);
    // Somebody's own, and another preset's lock.
    await Deno.writeTextFile(`${at}/README.md`, "Why it was locked.");
    await Deno.mkdir(`${at}/lecture/linear-s0/samples`, { recursive: true });
    const other = `${at}/lecture/linear-s0/samples/predictions.json`;
    await Deno.writeTextFile(other, "{}");
    await lock(folder);
    const { "README.md": _, "lecture/linear-s0/samples/predictions.json": __, ...again } =
      await filesBelow(at);
    assert.deepEqual(again, first);
    await lock(folder, { experiment: { ...lockable, figures: [] } });
    assert.deepEqual(Object.keys(await filesBelow(at)).sort(), [
      "README.md",
      "lecture/linear-s0/samples/predictions.json",
      "lock.json",
      "losses.csv",
    ]);
  },
);

testInFolder("a cell that diverged is locked, and a figure shows the next seed", async (folder) => {
  const run = withCell(await standardRun(), 0, (cell) => (
    { ...cell, status: "diverged", reason: "the loss at step 105 is not finite" }
  ));
  assert.equal(run.cells[0]!.id, "narrow-s0");
  await lock(folder, { run });
  const read = await readLock(denoHost, lockedIn(folder));
  assert.equal(read.cells[0]!.status, "diverged");
  assert.deepEqual(Object.keys(read.files).sort(), [
    ...SHOWN.slice(0, 2),
    "losses.csv",
    "narrow-s1/checkpoint.safetensors",
  ]);
});

testInFolder("two processes do not lock one experiment at a time", async (folder) => {
  await lock(folder);
  const before = await filesBelow(lockedIn(folder));
  const release = await denoHost.lockFolder(lockedIn(folder));
  await assert.rejects(
    lock(folder, { tree: { ...TREE, commit: "2".repeat(40) } }),
    /locked: another process is writing there/,
  );
  release();
  assert.deepEqual(await filesBelow(lockedIn(folder)), before);
});

/** A host that ends before its n-th write or removal, and how many it did. */
function endsBefore(n: number): { host: Host; done: () => number } {
  let done = 0;
  const step = () => {
    if (done === n) throw new HostError("killed");
    done++;
  };
  const host: Host = {
    ...denoHost,
    async writeAtomic(path, content) {
      step();
      await denoHost.writeAtomic(path, content);
    },
    async remove(path) {
      step();
      await denoHost.remove(path);
    },
  };
  return { host, done: () => done };
}

testInFolder(
  "a kill anywhere leaves a lock that reads or is refused by name; again completes it",
  async (folder) => {
    const later = await copyRun(folder);
    // Another loss, so that every file differs.
    const path = `${later.folder}/linear-s1/metrics.csv`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(/(?<=\n1,train,loss,\d\.\d)\d/, "0"));
    const next = {
      run: later,
      tree: { ...TREE, commit: "2".repeat(40) },
      experiment: { ...lockable, figures: lockable.figures!.slice(0, 2) },
    };
    const at = lockedIn(folder);
    await lock(folder, next);
    const expected = await filesBelow(at);
    await Deno.remove(at, { recursive: true });
    await lock(folder);
    const total = endsBefore(Infinity);
    await lock(folder, { ...next, host: total.host });
    const outcomes: string[] = [];
    for (let n = 0; n < total.done(); n++) {
      await Deno.remove(at, { recursive: true });
      await lock(folder);
      await assert.rejects(lock(folder, { ...next, host: endsBefore(n).host }), /killed/);
      const read: Lock | Error = await readLock(denoHost, at).catch((error) => error);
      if (read instanceof Error) {
        assert.equal(read.name, "DeclarationError");
        assert.match(
          read.message,
          n < 3
            ? /locked\/losses\.csv: expected the file with SHA-256 [0-9a-f]{64}/
            : /predictions\.(json|png): lock\.json names no such file; remove it/,
        );
      }
      outcomes.push(read instanceof Error ? "refused" : read.commit[0]!);
      await lock(folder, next);
      assert.deepEqual(await filesBelow(at), expected);
      assert.equal((await readLock(denoHost, at)).commit, next.tree.commit);
    }
    // The checkpoint is the same in both; then the losses, then lock.json, then what is removed.
    assert.deepEqual(outcomes, ["1", "1", "refused", "refused", "refused"]);
  },
);

testInFolder("a lock that would be too large is refused with its numbers", async (folder) => {
  const samples = await copyRun(folder);
  const json = `${samples.folder}/linear-s0/samples/predictions.json`;
  await Deno.writeTextFile(json, await Deno.readTextFile(json) + " ".repeat(1_000_000));
  await assert.rejects(lock(folder, { run: samples }), {
    name: "DeclarationError",
    message:
      /the files besides checkpoints of tiny would take 1,\d{3},\d{3} bytes, at most 1,000,000 .*predictions\.json 1,0\d\d,\d{3}/,
  });
  const checkpoint = await copyRun(`${folder}/2`);
  await Deno.writeFile(
    `${checkpoint.folder}/narrow-s0/checkpoint.safetensors`,
    encodeSafetensors(
      [{ name: "dense1/weights", shape: [250_001], data: new Float32Array(250_001) }],
      {},
    ),
  );
  await assert.rejects(lock(folder, { run: checkpoint }), {
    name: "DeclarationError",
    message: /the checkpoints of tiny would take 1,000,\d{3} bytes/,
  });
  assert.equal(await denoHost.exists(lockedIn(folder)), false);
});

testInFolder(
  "metrics that are not those of the record are refused by their file's name",
  async (folder) => {
    const run = await copyRun(folder);
    const path = `${run.folder}/linear-s1/metrics.csv`;
    const text = await Deno.readTextFile(path);
    const wrong = [
      [text.slice(0, -1), /linear-s1\/metrics\.csv: expected \d+ bytes, as cell\.json says, found/],
      [
        text.replace("\n7,train,", "\n8,train,"),
        /expected a training loss of each step from 1 to 104/,
      ],
      [text.replace(/(?<=\n7,train,loss,)./, "x"), /expected a training loss of each step/],
    ] as const;
    for (const [content, message] of wrong) {
      await Deno.writeTextFile(path, content);
      await assert.rejects(lock(folder, { run }), { name: "DeclarationError", message });
    }
    await Deno.remove(path);
    await assert.rejects(lock(folder, { run }), /metrics\.csv: expected \d+ bytes, .* found 0/);
  },
);

testInFolder("an experiment that trains nothing has no losses to lock", async (folder) => {
  const { figures: _, ...declared } = LOCKABLE;
  const experiment = defineExperiment(declared);
  const trained = await standardRun();
  const untrained = {
    ...trained,
    cells: trained.cells.map((cell) => (
      { ...cell, progress: { ...cell.progress, step: 0, metricsBytes: 0 } }
    )),
  };
  const { files } = await lock(folder, { run: untrained, experiment });
  assert.deepEqual(files, ["lock.json"]);
});
