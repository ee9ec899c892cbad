import assert from "node:assert/strict";
import { hostOver } from "../../core/experiment/host.ts";
import { HostError } from "../../core/experiment/host_interface.ts";
import { allLeft, assertWhole, filesIn, MORTAL, runOf } from "./mortal.ts";
import { runTiny, testInFolder } from "./tiny.ts";
import { APPENDED, type Moment, watchedDisk, WRITTEN } from "./watched_disk.ts";

const asked = { experiment: MORTAL, arms: ["sum", "linear"], saveSeconds: 0 };

/** What is about to be done, by the path below the run's folder. */
function named(moment: Moment, path: string): string {
  return `${moment}: ${path.replace(/^.*\/runs\/mortal(\/[^/]+\/?)?/, "")}`;
}

testInFolder("a full disk loses nothing, wherever it stops a run", async (folder) => {
  const moments = new Set<string>();
  const watching = hostOver(watchedDisk((moment, path) => {
    // A folder that was made was made.
    if (moment !== "after making") moments.add(named(moment, path));
    return Promise.resolve();
  }));
  const { folder: whole } = await runTiny(`${folder}/whole`, { ...asked, host: watching });
  assert.ok(moments.size > 60, [...moments].join("\n"));

  const place = `${folder}/full`;
  let stopped = 0;
  for (const full of moments) {
    let isFull = false;
    let writing = "";
    let before: Uint8Array | undefined;
    const host = hostOver(watchedDisk(async (moment, path) => {
      if (!isFull && moment === "before opening") {
        before = await Deno.readFile(writing = path).catch(() => undefined);
      }
      isFull ||= named(moment, path) === full;
      if (isFull) throw Object.assign(new Error("os error 28"), { code: "ENOSPC" });
    }));
    const error = await runTiny(place, { ...asked, host, resume: await runOf(place) })
      .then(() => undefined, (error) => error);
    if (error) {
      stopped++;
      assert.ok(error instanceof HostError, `${full}: ${error.stack}`);
      assert.match(
        error.message,
        /^\S+: cannot be \w+: the disk is full\. Free some space [^\n]+$/,
      );
    }
    assert.ok(isFull, `never came to ${full}`);
    const found = await Deno.readFile(writing).catch(() => undefined);
    const [moment] = full.split(":") as [Moment];
    if (before && (APPENDED as readonly Moment[]).includes(moment)) {
      assert.deepEqual(found!.subarray(0, before.length), before, full);
    } else if ((WRITTEN.slice(0, 4) as readonly Moment[]).includes(moment)) {
      assert.deepEqual(found, before, full);
    }
    await assertWhole(place);
    const names = await filesIn(place).catch(() => []);
    assert.deepEqual(names.filter((name) => name.endsWith(".tmp")), [], full);
  }
  // Where the disk is full only once all is written, nobody needs to know.
  assert.ok(stopped >= moments.size - 2, `${stopped} of ${moments.size}`);
  const run = (await runOf(place))!;
  await runTiny(place, { ...asked, resume: run });
  assert.deepEqual(await allLeft(run), await allLeft(whole));
});
