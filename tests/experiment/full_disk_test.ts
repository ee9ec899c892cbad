import assert from "node:assert/strict";
import { denoHost, hostOver } from "../../core/experiment/host.ts";
import { HostError } from "../../core/experiment/host_interface.ts";
import { filesIn } from "../folders.ts";
import { allLeft, assertWhole, MORTAL, runOf } from "./mortal.ts";
import { runTiny, testInFolder } from "./tiny.ts";
import { APPENDED, CUT, type Moment, watchedDisk, WRITTEN } from "./watched_disk.ts";

/** Then nothing is asked of the disk. */
const DONE: readonly Moment[] = [
  "after making",
  "after the folder's sync",
  "after the appended's sync",
  "after the cut's sync",
];

const asked = { experiment: MORTAL, arms: ["sum", "linear"], steps: 60, saveSeconds: 0 };

/** Names the moments of one process: `half appended: linear-s0/metrics.csv, time 2`. */
function naming(): (moment: Moment, path: string) => string {
  const times = new Map<string, number>();
  return (moment, path) => {
    const name = `${moment}: ${path.replace(/^.*\/runs\/mortal(\/[^/]+\/?)?/, "")}`;
    times.set(name, (times.get(name) ?? 0) + 1);
    return `${name}, time ${times.get(name)}`;
  };
}

/** Moments of a run at which a disk can turn out to be full, those of second writes of a file too. */
async function momentsOf(folder: string): Promise<string[]> {
  const names: string[] = [];
  const name = naming();
  const host = hostOver(watchedDisk((moment, path) => {
    const found = name(moment, path);
    const again = found.endsWith("time 2") && moment !== "after rename";
    if (!DONE.includes(moment) && (again || found.endsWith("time 1"))) names.push(found);
    return Promise.resolve();
  }));
  await runTiny(folder, { ...asked, host });
  // Only a resume cuts.
  const trained = names.findIndex((name) => name.startsWith("before making: linear-s0/samples"));
  const cut = CUT.slice(0, -1).map((moment) => `${moment}: linear-s0/metrics.csv, time 1`);
  return names.toSpliced(trained, 0, ...cut);
}

/** A host whose disk is full from a moment on, and what it was writing then as it was before. */
function fullFrom(full: string) {
  const name = naming();
  const found = { path: "", before: undefined as Uint8Array | undefined };
  let isFull = false;
  const host = hostOver(watchedDisk(async (moment, path) => {
    if (!isFull && moment === "before opening") {
      found.before = await contentOf(found.path = path);
    }
    isFull ||= name(moment, path) === full;
    if (isFull) throw Object.assign(new Error("os error 28"), { code: "ENOSPC" });
  }));
  return { host, found };
}

async function contentOf(path: string): Promise<Uint8Array | undefined> {
  return await denoHost.exists(path) ? await denoHost.files.read(path) : undefined;
}

testInFolder("a full disk loses nothing, wherever it stops a run", async (folder) => {
  const moments = await momentsOf(`${folder}/whole`);
  const place = `${folder}/full`;
  assert.ok(moments.length > 60, moments.join("\n"));
  for (const full of moments) {
    const { host, found } = fullFrom(full);
    const run = runTiny(place, { ...asked, host, resume: await runOf(place) });
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof HostError, `${full}: ${error}`);
      assert.match(error.message, /^\S+: cannot be \w+: the disk is full\. Free some [^\n]+$/);
      return true;
    }, `never came to ${full}`);
    const moment = full.split(":")[0] as Moment;
    const { path, before } = found;
    if (APPENDED.some((each) => each === moment)) {
      assert.deepEqual((await contentOf(path))!.subarray(0, before!.length), before, full);
    } else if (WRITTEN.slice(0, 4).some((each) => each === moment)) {
      assert.deepEqual(await contentOf(path), before, full);
    }
    await assertWhole(place);
    const names = await denoHost.exists(place) ? await filesIn(place) : [];
    assert.deepEqual(names.filter((name) => name.endsWith(".tmp")), [], full);
  }
  const run = (await runOf(place))!;
  await runTiny(place, { ...asked, resume: run });
  assert.deepEqual(await allLeft(run), await allLeft((await runOf(`${folder}/whole`))!));
});
