import assert from "node:assert/strict";
import { testInPlace } from "./process.ts";
import { assertRefused, FIXTURES, ids, names, type Result, result } from "./run_fixtures.ts";

testInPlace("Ctrl-C leaves a run that resumes to the same bits", async (place) => {
  const settings = ["--arms", "wide", "--steps", "3000", "--device", "cpu"];
  const child = place.start("experiment", ["tiny", ...settings, "--json"], FIXTURES);
  const [stdout, stderr] = await interrupted(child, "  folder", 1);
  assert.match(stderr, /\nStopping after this step; Ctrl-C again stops at once\.\n/);
  assert.match(stderr, /wide-s0 {2}stopped at step \d+ of 3000\n/);
  const stopped: Result = JSON.parse(stdout);
  assert.equal(stopped.complete, false);
  const next = `deno task experiment tiny --resume ${stopped.run} --device cpu\n`;
  assert.ok(stderr.endsWith(next), stderr);

  const { code, stdout: resumed } = await place.run(
    "experiment",
    ["tiny", "--resume", `${stopped.run}/`, "--json", "--device", "cpu"],
    FIXTURES,
  );
  assert.equal(code, 0);
  const whole = await result(place, "tiny", ...settings);
  assert.deepEqual(JSON.parse(resumed).cells, whole.cells);
});

testInPlace("a killed run resumes to the same bits", async (place) => {
  const settings = ["--arms", "narrow,wide", "--steps", "1000"];
  const child = place.start("experiment", ["tiny", ...settings, "--device", "cpu"], FIXTURES);
  let printed = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    // One cell is finished, the other has begun.
    if (/^ {2}wide-s0 +step /m.test(printed)) break;
  }
  child.kill("SIGKILL");
  await child.stderr.cancel();
  assert.equal((await child.status).signal, "SIGKILL", printed);
  const [name] = await names(`${place.folder}/runs/tiny`);
  const resumed = await result(place, "tiny", "--resume", `runs/tiny/${name}`);
  assert.deepEqual(resumed.cells, (await result(place, "tiny", ...settings)).cells);
});

testInPlace("a second Ctrl-C ends the process", async (place) => {
  const args = ["tiny", "--steps", "100000", "--device", "cpu"];
  await interrupted(place.start("experiment", args, FIXTURES), "  folder", 2);
});

/** Sends Ctrl-C `times` after `word` was printed; what was printed in the end. */
async function interrupted(
  child: Deno.ChildProcess,
  word: string,
  times: number,
): Promise<readonly [stdout: string, stderr: string]> {
  const printed = ["", ""] as [string, string];
  let sent = 0;
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>, i: 0 | 1) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      printed[i] += text;
      if (sent < times && printed[i].includes(sent === 0 ? word : "Stopping")) {
        child.kill("SIGINT");
        sent++;
      }
    }
  };
  const [{ code }] = await Promise.all([
    child.status,
    read(child.stdout, 0),
    read(child.stderr, 1),
  ]);
  assert.equal(code, 130, printed.join("\n"));
  return printed;
}

testInPlace(
  "--resume adds seeds and arms, and refuses what does not belong to it",
  async (place) => {
    const { run, cells } = await result(place, "tiny", "--arms", "narrow");
    const refused = async (args: readonly string[], words: string, code = 2) =>
      assertRefused(await place.run("experiment", args, FIXTURES), code, words);

    const more = await result(place, "tiny", "--resume", run, "--seeds", "2", "--arms", "wide");
    assert.equal(ids(more), "narrow-s0 wide-s0 narrow-s1 wide-s1");
    assert.deepEqual(more.cells[0], cells[0]);
    // One after the other, since each claims the run for itself.
    await refused(["tiny", "--resume", run, "--set", "batch=4"], "was made by another declaration");
    await refused(["tiny", "--resume", run, "--steps", "9"], "was made by another declaration");
    await refused(["counts", "--resume", run], `is a run of "tiny", not of "counts"`);
    await refused(["tiny", "--resume", run, "--preset", "lecture"], "cannot be used with");
    await refused(["tiny", "--resume", `${run}/narrow-s0`], "run.json: cannot be read", 5);
    await Deno.writeTextFile(`${place.folder}/${run}/run.json`, "{");
    await refused(["tiny", "--resume", run], "run.json is not JSON");
  },
);

const DATA = Deno.env.get("SAMEBITS_DATA");

testInPlace("a run on the stand-in does not go on with real data", async (place) => {
  if (!DATA) return;
  const { run } = await result(place, "tiny", "--arms", "narrow");
  const args = ["tiny", "--resume", run, "--data-dir", DATA];
  const ended = await place.run("experiment", args, FIXTURES);
  assertRefused(ended, 2, "cell narrow-s0 was run on other data (the stand-in) than MNIST");
});

testInPlace("a full disk loses nothing: the run goes on when there is room", async (place) => {
  const args = ["tiny", "--arms", "wide", "--device", "cpu"];
  const full = await place.run("experiment", args, "full_disk.ts");
  assert.equal(full.code, 5);
  assert.match(full.stderr, /^error: runs\/tiny\/.+: cannot be written: the disk is full\. .+\n$/);
  const [name] = await names(`${place.folder}/runs/tiny`);
  const resumed = await result(place, "tiny", "--resume", `runs/tiny/${name}`);
  assert.deepEqual(resumed.cells, (await result(place, ...args.slice(0, 3))).cells);
});
