import assert from "node:assert/strict";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun } from "../../core/experiment/records/read_run.ts";
import { type Lock, LOCK_FILES, readLock } from "../../core/reproduce/lock.ts";
import { bytesIn, copyFolder } from "../folders.ts";
import { copyRun, lock, lockedIn } from "../reproduce/lockable_run.ts";
import { allLeft, killAt, mortal, toTheEnd } from "./mortal.ts";
import { testInFolder } from "./tiny.ts";
import { APPENDED, CUT, MADE, type Moment, WRITTEN } from "./watched_disk.ts";

/** One kill: of a file by the end of its path, the `nth` time that a process comes to it. */
interface Kill {
  readonly moment: Moment;
  readonly path: string;
  readonly nth?: number;
}

function kills(moments: readonly Moment[], path: string, nth = 1): Kill[] {
  return moments.map((moment) => ({ moment, path, nth }));
}

/** After these the file is there, and what wrote it may not be done again. */
const KEPT = WRITTEN.slice(-1), NOT_KEPT = WRITTEN.slice(0, -1);

/** By what is written: the arms that are run, and the kills in the order of a run's life. */
const LIVES: Readonly<Record<string, { readonly arms: string[]; readonly kills: Kill[] }>> = {
  records: {
    arms: ["sum", "product"],
    kills: [
      ...kills(WRITTEN, "run.json"),
      ...kills(MADE, "sum-s0"),
      ...kills(WRITTEN, "sum-s0/cell.json"),
      ...kills(NOT_KEPT, "sum-s0/cell.json", 2),
      ...kills(KEPT, "product-s0/cell.json", 2),
    ],
  },
  training: {
    arms: ["linear"],
    kills: [
      ...kills(WRITTEN, "metrics.csv"),
      ...kills(APPENDED, "metrics.csv"),
      ...kills(NOT_KEPT, "checkpoint.safetensors"),
      ...kills(CUT, "metrics.csv"),
      ...kills(APPENDED, "metrics.csv", 2),
      ...kills(WRITTEN, "checkpoint.safetensors"),
    ],
  },
  looking: {
    arms: ["pair"],
    kills: [
      ...kills(MADE, "pair-s0/samples"),
      ...kills(WRITTEN, "samples/generated-000005.png"),
      // A checkpoint from beyond this look is not written before it.
      ...kills(NOT_KEPT, "samples/generated-000010.png"),
      ...kills(WRITTEN, "samples/interpolation.png"),
      ...kills(WRITTEN, "samples/nearest.png"),
      ...kills(NOT_KEPT, "samples/nearest.json"),
    ],
  },
  asking: {
    arms: ["linear", "narrow"],
    kills: [
      ...kills(MADE, "narrow-s0/samples"),
      ...kills(WRITTEN, "narrow-s0/samples/predictions.png"),
      ...kills(NOT_KEPT, "narrow-s0/samples/predictions.json"),
      ...kills(NOT_KEPT, "narrow-s0/cell.json"),
      ...kills(KEPT, "linear-s0/samples/predictions.json"),
      ...kills(KEPT, "linear-s0/cell.json"),
    ],
  },
};

testInFolder(
  "killed at every moment of every write, a run leaves the same bits",
  async (folder) => {
    await Promise.all(
      Object.entries(LIVES).map(async ([what, { arms, kills }]) => {
        const whole = await toTheEnd({ folder: `${folder}/${what}/whole`, arms });
        const order = { folder: `${folder}/${what}/killed`, arms };
        for (const kill of kills) await killAt(kill, order);
        assert.deepEqual(await allLeft(await toTheEnd(order)), await allLeft(whole), what);
      }),
    );
  },
);

testInFolder(
  "killed at any moment of writing a lock, it reads or is refused by name; again completes it",
  async (folder) => {
    const { folder: run } = await copyRun(folder);
    const at = lockedIn(folder);
    await lock(folder, { run: await readRun(denoHost, run) });
    const old = `${folder}/old`;
    await copyFolder(at, old);
    // Another loss and another picture's numbers, so that these files differ.
    await edit(
      `${run}/linear-s1/metrics.csv`,
      (text) => text.replace(/(?<=\n1,train,loss,\d\.\d)\d/, "0"),
    );
    await edit(`${run}/linear-s0/samples/predictions.json`, (text) => text.trimEnd());
    const next = { folder, lock: { run, commit: "2".repeat(40) } };
    assert.equal((await mortal(next)).stderr, "");
    const expected = await contents(at);
    for (const file of [...expected.keys()].filter((path) => !path.endsWith(".safetensors"))) {
      for (const moment of WRITTEN) {
        await Deno.remove(at, { recursive: true });
        await copyFolder(old, at);
        const until = { moment, path: file, nth: 1 };
        const { killed } = await mortal({ ...next, until }, {
          when: (line) => line === "held",
          after: () => Promise.resolve(),
        });
        assert.ok(killed, `${file}: ${moment}`);
        const read: Lock | Error = await readLock(denoHost, at).catch((error) => error);
        if (read instanceof Error) assert.match(read.message, /expected the file with SHA-256/);
        else assert.match(read.commit, file === LOCK_FILES.lock ? /^(1+|2+)$/ : /^1+$/);
        assert.equal((await mortal(next)).stderr, "");
        assert.deepEqual(await contents(at), expected, `${file}: ${moment}`);
      }
    }
  },
);

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const text = await Deno.readTextFile(path);
  assert.notEqual(change(text), text);
  await Deno.writeTextFile(path, change(text));
}

/** All files of a lock by their paths, temporary ones too, but for the claims on its folders. */
async function contents(folder: string): Promise<Map<string, Uint8Array>> {
  return new Map((await bytesIn(folder)).filter(([path]) => !path.endsWith(".lock")));
}
