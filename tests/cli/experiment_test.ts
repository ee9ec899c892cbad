import assert from "node:assert/strict";
import { type Ended, type Place, taskWords, testInPlace } from "./process.ts";

const FIXTURES = "experiment.ts";
const ADAPTER = /WGSL checked on .+: same bits|no WebGPU adapter: WGSL not run/;

interface Result {
  readonly run: string;
  readonly complete: boolean;
  readonly cells: readonly {
    readonly id: string;
    readonly status: string;
    readonly steps: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly digest: string;
  }[];
  readonly verdicts: Readonly<Record<string, string>>;
}

/** Runs a fixture and reads the line of JSON. */
async function result(place: Place, ...args: string[]): Promise<Result> {
  const ended = await place.run("experiment", [...args, "--device", "cpu", "--json"], FIXTURES);
  assert.equal(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

function ids({ cells }: Result): string {
  return cells.map(({ id }) => id).join(" ");
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** One clear line on stderr, and nothing else. */
function assertRefused({ code, stdout, stderr }: Ended, expected: number, words: string): void {
  assert.equal(code, expected, stderr);
  assert.match(stderr, /^error: [^\n]+\n$/);
  assert.ok(stderr.includes(words), stderr);
  assert.equal(stdout, "");
}

testInPlace("--help names every option and every exit code", async ({ run }) => {
  const { code, stdout } = await run("experiment", ["--help"]);
  assert.equal(code, 0);
  const options = "list preset seed seeds arms claim steps set data-dir device resume profile json";
  for (const option of options.split(" ")) assert.match(stdout, new RegExp(`  --${option}\\b`));
  for (const exit of [0, 1, 2, 3, 4, 5, 6, 130]) assert.match(stdout, new RegExp(`  ${exit}  `));
  assert.ok(stdout.split("\n").every((line) => line.length <= 100));
});

testInPlace("--list names this project's experiments with arms and claims", async ({ run }) => {
  const { code, stdout } = await run("experiment", ["--list"]);
  assert.equal(code, 0);
  assert.match(stdout, /^cnn: CNN on CIFAR-10$/m);
  assert.match(stdout, /arms +reference, dense, dense-wide/);
  assert.match(stdout, /^worked-examples: /m);
});

testInPlace("worked-examples runs whole", async ({ run }) => {
  const { code, stdout, stderr } = await run("experiment", ["worked-examples"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}refuted +we-weight-sharing-factor/m);
});

testInPlace(
  "a run through a pipe prints plan, progress, tables and what is next",
  async (place) => {
    const { code, stdout, stderr } = await place.run("experiment", ["tiny"], FIXTURES);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.ok(!stdout.includes("\r") && !stdout.includes("\x1b"), "no live line in a pipe");
    const inOrder = [
      /^Tiny nets\n {2}preset +quick\n {2}cells +2: narrow, wide with seed 0\n {2}steps +8\n/,
      /\n {2}device +cpu: .+\n/,
      /\n {2}data +STAND-IN, NOT REAL DATA: /,
      /\n {2}time +\S.+\n {2}disk +about 149 kB\n {2}folder +runs\/tiny\//,
      /\n {2}narrow-s0 {2}step 4 {2}test accuracy \d+\.\d %, loss \d\.\d{3}\n/,
      /\n {2}wide-s0 {4}4 steps in /,
      /\nArms .+\n +narrow +wide\n {2}n +1 +1\n {2}test accuracy +\d+\.\d % +\d+\.\d %\n/,
      /\n {2}parameters +7,850 +3,190\n/,
      /\nClaims\n {2}inconclusive {2}tiny-accuracy +none, page 1\n/,
      /above 5\.0 points, at least 2 seeds\n {4}Because: stand-in data\n/,
      /\n {2}supported +tiny-parameters +none, page 2 \(by construction\)\n/,
      /exactly 7,850; measured 7,850\n/,
      ADAPTER,
      /\nrun +runs\/tiny\/\S+\nnext .+SAMEBITS_DATA.+\n +deno task experiment tiny --data-dir DIR\n$/,
    ];
    let from = 0;
    for (const pattern of inOrder) {
      const at = stdout.slice(from).search(pattern);
      assert.ok(at >= 0, `${pattern} in:\n${stdout.slice(from)}`);
      from += at;
    }
    assert.deepEqual(await names(place.folder), ["runs"]);
  },
);

testInPlace("--json leaves one line on stdout and the rest on stderr", async (place) => {
  const args = ["tiny", "--device", "cpu", "--json"];
  const { code, stdout, stderr } = await place.run("experiment", args, FIXTURES);
  assert.equal(code, 0);
  assert.match(stdout, /^\{.+\}\n$/);
  assert.match(stderr, /^Tiny nets\n[^]+\nClaims\n/);
  assert.ok(!/WGSL/.test(stderr), "no check where cpu was asked for");
  const { run, complete, cells, verdicts } = JSON.parse(stdout) as Result;
  assert.match(run, /^runs\/tiny\//);
  assert.equal(complete, true);
  assert.deepEqual(verdicts, {
    "tiny-accuracy": "inconclusive",
    "tiny-parameters": "supported",
  });
  for (const { id, status, steps, metrics, digest } of cells) {
    assert.equal(status, "finished");
    assert.equal(steps, 4);
    assert.ok(metrics["test accuracy"]! >= 0);
    const record = JSON.parse(await Deno.readTextFile(`${place.folder}/${run}/${id}/cell.json`));
    assert.deepEqual(record.progress.chain.at(-1), [4, digest]);
  }
  const again = await result(place, "tiny");
  assert.deepEqual(again.cells, cells);
});

testInPlace(
  "--arms, --seed, --seeds, --claim, --steps and --set choose the cells",
  async (place) => {
    const wide = await result(place, "tiny", "--arms", "wide", "--seed", "7", "--steps", "2");
    assert.equal(ids(wide), "wide-s7");
    assert.equal(wide.cells[0]!.steps, 2);
    const seeds = await result(place, "tiny", "--arms=narrow", "--seeds", "2", "--steps", "1");
    assert.equal(ids(seeds), "narrow-s0 narrow-s1");
    const range = await result(place, "tiny", "--arms=narrow", "--seeds", "4..5", "--steps", "1");
    assert.equal(ids(range), "narrow-s4 narrow-s5");
    const claim = await result(place, "tiny", "--claim", "tiny-parameters", "--steps", "1");
    assert.equal(ids(claim), "narrow-s0");
    const set = [
      "--set",
      "net.1.units=3",
      "--set",
      'optimiser={"optimiser":"adam","learningRate":0.01}',
    ];
    const changed = await result(place, "tiny", "--arms", "wide", "--steps", "1", ...set);
    assert.equal(changed.cells[0]!.metrics["parameters"], 784 * 3 + 3 + 3 * 10 + 10);
  },
);

const DATA = Deno.env.get("SAMEBITS_DATA");

testInPlace(
  "--data-dir names the data, and SAMEBITS_DATA does when it is left out",
  async (place) => {
    for (const origin of ["--data-dir", "SAMEBITS_DATA"]) {
      const given = origin === "--data-dir";
      const args = given ? ["tiny", "--data-dir", "nowhere"] : ["tiny"];
      const missing = await place.run("experiment", args, FIXTURES, given ? "" : "nowhere");
      assertRefused(missing, 3, `${origin} nowhere: expected MNIST there`);
      if (!DATA) continue;
      const found = given ? ["tiny", "--data-dir", DATA] : ["tiny"];
      const { code, stdout } = await place.run("experiment", found, FIXTURES, given ? "" : DATA);
      assert.equal(code, 0);
      assert.match(stdout, /\n {2}data +MNIST, 70,000 images /);
      assert.match(stdout, /\n {4}Because: .*seed/);
      const next = given ? ` --data-dir ${DATA}` : "";
      assert.ok(stdout.endsWith(`deno task experiment tiny --preset standard${next}\n`), stdout);
    }
  },
);

testInPlace("a run that trains nothing shows its results", async ({ run }) => {
  const { code, stdout } = await run("experiment", ["counts"], FIXTURES);
  assert.equal(code, 0);
  assert.match(stdout, /\nResults\n {2}three {2}square {2}9\n/);
  assert.match(stdout, /\n {2}supported {2}counts-nine +none\n {4}square, three: exactly 9;/);
  assert.match(
    stdout,
    /\n {2}refuted +counts-ten +none\n {4}square, three: exactly 10; measured 9/,
  );
  assert.match(stdout, /deno task claims counts\n$/);
});

testInPlace("--profile lists the dispatches of one step of each arm", async (place) => {
  const args = ["tiny", "--profile", "--device", "cpu", "--seeds", "2", "--steps", "1"];
  const { code, stdout } = await place.run("experiment", args, FIXTURES);
  assert.equal(code, 0);
  assert.equal(stdout.match(/^One step of (narrow|wide):$/gm)?.length, 2);
  assert.match(stdout, /^ +ms +share +dispatch +kernel$/m);
  assert.match(stdout, /^ +\d+\.\d{3} +\d+\.\d % +dense1\/matmul +matmul$/m);
  assert.match(stdout, /^ +\d+\.\d{3} +100\.0 % +all +\d+ dispatches$/m);
});

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
    await Promise.all([
      refused(["tiny", "--resume", run, "--set", "batch=4"], "was made by another declaration"),
      refused(["tiny", "--resume", run, "--steps", "9"], "was made by another declaration"),
      refused(["counts", "--resume", run], `is a run of "tiny", not of "counts"`),
      refused(["tiny", "--resume", run, "--preset", "lecture"], "cannot be used with"),
      refused(["tiny", "--resume", `${run}/narrow-s0`], "run.json: cannot be read", 5),
    ]);
    await Deno.writeTextFile(`${place.folder}/${run}/run.json`, "{");
    await refused(["tiny", "--resume", run], "run.json is not JSON");
  },
);

const WRONG: readonly (readonly [args: string, code: number, words: string])[] = [
  ["tinny", 2, `there is no experiment "tinny"; did you mean "tiny"?`],
  ["", 2, "name an experiment: counts, odd, tiny"],
  ["tiny counts", 2, "too many arguments"],
  ["nameless", 2, "its default export must be defineExperiment"],
  ["tiny --arms wid", 2, `there is no arm "wid"; did you mean "wide"?`],
  ["tiny --claim tiny-parameter", 2, `did you mean "tiny-parameters"?`],
  ["tiny --sed 3", 2, "unknown option '--sed' (did you mean"],
  ["tiny --preset qick", 2, "Allowed choices are quick, standard, lecture."],
  ["tiny --device gpu", 2, "Allowed choices are auto, webgpu, cpu."],
  ["tiny --seed 1 --seeds 2", 2, "cannot be used with option"],
  ["tiny --seed 4294967296", 2, "Give a whole number from 0 to 4294967295."],
  ["tiny --seed 0.5", 2, "Give a whole number from 0 to 4294967295."],
  ["tiny --seeds 0", 2, "Give a whole number from 1."],
  ["tiny --seeds 5..2", 2, "The first seed is larger than the last."],
  ["tiny --seeds 1..2..3", 2, "Give 5, or 5..9."],
  ["tiny --seeds 5000", 2, "At most 1000 seeds at a time."],
  ["tiny --seeds", 2, "argument missing"],
  ["tiny --arms ,", 2, "Give names of arms: a,b."],
  ["tiny --steps 0", 2, "Give a whole number from 1."],
  ["tiny --set batch", 2, "Give a path and a value: batch=32."],
  ["tiny --set bacth=3", 2, `"bacth" is no field here; did you mean "batch"?`],
  ["tiny --set batch=many", 2, `arm "narrow": batch: `],
  ["tiny --set net.5.units=3", 2, `there is no field "5"`],
  ["tiny --set batch=81", 2, "make the batch smaller"],
  ["tiny --set trainImages=60000", 2, "set trainImages to at most that"],
  ["tiny --set net.1.units=9 --arms narrow", 2, "end the net with dense({ units: 10 })"],
  ["tiny --preset standard", 3, "The built-in stand-in serves the preset quick only."],
  ["tiny --resume nowhere", 5, "nowhere/run.json: cannot be read: no such file or folder."],
];

testInPlace("each mistake gets one clear line and leaves nothing behind", async (place) => {
  const left = WRONG.values();
  // Two at a time: more only fight for the processor.
  await Promise.all([left, left].map(async (cases) => {
    for (const [args, code, words] of cases) {
      const given = args.split(" ").filter((word) => word !== "");
      assertRefused(await place.run("experiment", given, FIXTURES), code, words);
    }
  }));
  assert.deepEqual(await names(place.folder), []);
});

testInPlace("a runs folder that cannot be written is named", async (place) => {
  await Deno.writeTextFile(`${place.folder}/runs`, "");
  const ended = await place.run("experiment", ["counts"], FIXTURES);
  assertRefused(ended, 5, "cannot be made: a part of the path is a file");
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

testInPlace("a mistake inside an experiment shows where it is", async ({ run }) => {
  const { code, stderr } = await run("experiment", ["odd", "--arms", "breaks"], FIXTURES);
  assert.equal(code, 1);
  assert.match(stderr, /^TypeError: a mistake in this arm\n {4}at .+odd\/mod\.ts/);
});

testInPlace("other bits from the WGSL kernels have an exit code of their own", async ({ run }) => {
  const { code, stdout } = await run("experiment", ["odd", "--arms", "changes"], FIXTURES);
  assert.equal(code, ADAPTER.test(stdout) ? 0 : 6);
  if (code === 6) assert.match(stdout, /\ncheck +WGSL CHECKED ON .+: OTHER BITS/);
});

Deno.test("the tasks have the narrow permissions that the design names", () => {
  const flags = (task: "experiment" | "claims" | "doctor") => taskWords(task).slice(2, -1);
  assert.deepEqual(flags("experiment"), [
    "--no-prompt",
    "--allow-read",
    "--allow-write=runs,site,.cache,experiments",
    "--allow-env=SAMEBITS_DATA,XDG_RUNTIME_DIR",
    "--allow-sys=cpus",
  ]);
  assert.deepEqual(flags("claims"), ["--no-prompt", "--allow-read"]);
  assert.deepEqual(flags("doctor"), [
    "--no-prompt",
    "--allow-read",
    "--allow-env=XDG_RUNTIME_DIR",
    "--allow-sys=cpus",
  ]);
});
