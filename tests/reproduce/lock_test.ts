/** A lock may come from anybody: what is read of it, and what is refused by name. */
import assert from "node:assert/strict";
import { supervised } from "../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { judgeRecords } from "../../core/experiment/claims/judge_records.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { findLock, type Lock, lockedRun, lockFolder, readLock } from "../../core/reproduce/lock.ts";
import { lockText } from "../../core/reproduce/lock_text.ts";
import { testInFolder } from "../experiment/tiny.ts";
import { copyFolder, filesBelow } from "../folders.ts";
import { lock, LOCKABLE, lockable, lockedIn } from "./lockable_run.ts";

/** Refused with this text after the path, and nothing is changed. */
async function refused(folder: string, file: string, message: RegExp): Promise<void> {
  const at = lockedIn(folder);
  const before = await filesBelow(at);
  await assert.rejects(readLock(denoHost, at), (error: Error) => {
    assert.equal(error.name, "DeclarationError");
    assert.ok(error.message.startsWith(`${at}/${file}`), error.message);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
  assert.deepEqual(await filesBelow(at), before);
}

testInFolder(
  "a file that was changed, is missing or too large is refused by its name",
  async (folder) => {
    await lock(folder);
    const { files } = await readLock(denoHost, lockedIn(folder));
    assert.equal(Object.keys(files).length, 4);
    for (const name of Object.keys(files)) {
      const path = `${lockedIn(folder)}/${name}`;
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.with(9, bytes[9]! ^ 1));
      await refused(
        folder,
        name,
        /expected the file with SHA-256 .*, found [0-9a-f]{64}; take both/,
      );
      await Deno.truncate(path, 5_000_000);
      await refused(folder, name, /found 5000000 bytes; take both from one commit, or lock/);
      await Deno.remove(path);
      await refused(folder, name, /found no file; take both from one commit, or lock/);
      await Deno.writeFile(path, bytes);
    }
    await readLock(denoHost, lockedIn(folder));
  },
);

testInFolder("a lock.json that is none is refused by its name", async (folder) => {
  await assert.rejects(readLock(denoHost, folder), {
    name: "DeclarationError",
    message: /lock\.json: nothing is locked there; deno task experiment NAME --preset standard/,
  });
  await lock(folder);
  const path = `${lockedIn(folder)}/lock.json`;
  const text = await Deno.readTextFile(path);
  const record: Lock = JSON.parse(text);
  const [first, ...others] = record.cells;
  const digest = "0".repeat(64);
  for (
    const [content, message] of [
      [text.slice(0, -9), / is not JSON; it is damaged/],
      [{ ...record, format: 2 }, / is no record of this version: format: /],
      [{ ...record, surprise: 1 }, /Unrecognized key: "surprise"/],
      [{ ...record, commit: "HEAD" }, /version: commit: /],
      [{ ...record, preset: "huge" }, /version: preset: /],
      [{ ...record, cells: [] }, /version: cells: /],
      [{ ...record, files: { "../../../mod.ts": digest } }, /: Invalid key in record$/],
      [{ ...record, files: { "/etc/passwd": digest } }, /: Invalid key in record$/],
      [{ ...record, files: { "a/../b": digest } }, /: Invalid key in record$/],
      [{ ...record, files: { "a//b": digest } }, /: Invalid key in record$/],
      [{ ...record, cells: [{ ...first, id: "../linear-s0" }, ...others] }, /cells\.0\.id: an id/],
      [{ ...record, cells: [first, first] }, /cells\.1: found cell narrow-s0 again/],
      [
        { ...record, cells: [...others, { ...first, experiment: "cnn" }] },
        /cells\.3: found a cell of "cnn"/,
      ],
      [
        { ...record, cells: [{ ...first, status: "running" }] },
        /cells\.0: found a cell that is not finished/,
      ],
      [
        { ...record, cells: ["@cell 9"] },
        /version: cells: "@cell 9" stands for nothing in "shared"/,
      ],
      [
        { ...record, cells: ["@cell 1"], shared: { "cell 1": ["@cell 1"] } },
        /version: cells: something lies over 50 levels deep/,
      ],
      [{ ...record, shared: 1 }, /version: shared: Invalid input: expected record/],
    ] as const
  ) {
    await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
    await refused(folder, "lock.json", message);
  }
  await Deno.writeTextFile(path, text);
  await Deno.truncate(path, 4_000_001);
  await refused(folder, "lock.json", /: expected at most 4000000 bytes, found 4000001; it is no/);
});

testInFolder(
  "locks whose cells are each written whole say the same in fewer bytes",
  async (folder) => {
    for (const name of ["cnn", "dcgan", "worked-examples"]) {
      const at = `${folder}/${name}`;
      await copyFolder(lockFolder("experiments", name, "standard"), at);
      const before = await readLock(denoHost, at);
      const text = lockText(before);
      const whole = JSON.stringify(before);
      assert.ok(text.length < 0.8 * whole.length, `${name}: ${text.length} of ${whole.length}`);
      for (const written of [whole, text]) {
        await Deno.writeTextFile(`${at}/lock.json`, written);
        const after = await readLock(denoHost, at);
        assert.deepEqual(after, before, name);
        assert.equal(lockText(after), text, name);
      }
    }
  },
);

testInFolder("an experiment is shown by its lock at standard, else by another", async (folder) => {
  const experiments = `${folder}/experiments`;
  assert.equal(await findLock(denoHost, experiments, "tiny"), undefined);
  await lock(folder);
  const at = lockedIn(folder);
  const path = `${at}/lecture/lock.json`;
  await copyFolder(at, `${folder}/copy`);
  await copyFolder(`${folder}/copy`, `${at}/lecture`);
  assert.equal((await findLock(denoHost, experiments, "tiny"))!.folder, at);
  await Deno.remove(`${at}/lock.json`);
  const standard =
    /lecture\/lock\.json: expected the lock of "tiny" at lecture, found .* standard; /;
  await assert.rejects(findLock(denoHost, experiments, "tiny"), standard);
  const record: Lock = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...record, preset: "lecture" }));
  const found = await findLock(denoHost, experiments, "tiny");
  assert.deepEqual([found!.folder, found!.lock.preset], [`${at}/lecture`, "lecture"]);
});

testInFolder(
  "a new arm, claim, measure or option leaves an old lock fitting the plan",
  async (folder) => {
    await lock(folder);
    const old = await readLock(denoHost, lockedIn(folder));
    const { narrow } = LOCKABLE.arms;
    const [, learns] = LOCKABLE.claims;
    const experiment = defineExperiment({
      ...LOCKABLE,
      arms: {
        ...LOCKABLE.arms,
        // An option that is spelt out at its default.
        narrow: supervised({ ...narrow, evaluations: "every epoch" }),
        broad: supervised({ ...narrow, batch: 8 }),
      },
      measures: { ...LOCKABLE.measures, "test loss": { measure: "loss", set: "test" } },
      claims: [
        ...LOCKABLE.claims,
        {
          ...learns!,
          id: "tiny-broad",
          parts: [{ ...learns!.parts[0]!, pairing: { arm: "broad" } }],
        },
      ],
    });
    const plan = await planCells(experiment, { preset: "standard" });
    for (const { id, digests } of old.cells) {
      assert.equal(plan.find((cell) => cell.id === id)?.digest, digests.config, id);
    }
    assert.deepEqual(
      plan.filter(({ id }) => !old.cells.some((cell) => cell.id === id)).map(({ arm }) => arm),
      ["broad", "broad"],
    );
    const verdicts = async (declared: typeof experiment) =>
      (await judgeRecords(declared, lockedRun(folder, old).cells)).map((
        { id, verdict },
      ) => [id, verdict]);
    assert.deepEqual(await verdicts(experiment), [
      ...await verdicts(lockable),
      ["tiny-broad", "not run"],
    ]);
  },
);
