import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { FORMATS } from "../../core/data/formats.ts";
import { type Task, taskWords, testInPlace } from "./process.ts";
import {
  ADAPTER,
  assertRefused,
  FIXTURES,
  ids,
  names,
  type Result,
  result,
} from "./run_fixtures.ts";

testInPlace("--help names every option and every exit code", async ({ run }) => {
  const { code, stdout } = await run("experiment", ["--help"]);
  assert.equal(code, 0);
  const options =
    "list preset seed seeds arms claim steps set data-dir device resume lock profile json";
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
      /\n {2}data +STAND-IN, NOT REAL DATA: .+\n.*deno task data mnist fetches the real ones\n/,
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
      /\nrun +runs\/tiny\/\S+\nnext [^]+SAMEBITS_DATA=DIR\):\n +deno task data mnist\n$/,
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
  // A dense layer is one dispatch, with its bias and activation.
  assert.match(stdout, /^ +\d+\.\d{3} +\d+\.\d % +dense1\/matmul +matmul\+add$/m);
  assert.match(stdout, /^ +\d+\.\d{3} +\d+\.\d % +dense1\/matmul +matmul\+add\+relu$/m);
  assert.match(stdout, /^ +\d+\.\d{3} +100\.0 % +all +\d+ dispatches$/m);
});

/** The mirrors' hosts, and the one that the author's server of CIFAR-10 redirects to. */
const HOSTS = new Set([
  ...Object.values(FORMATS).flatMap(({ archives }) =>
    archives.flatMap(({ addresses }) => addresses.map((address) => new URL(address).host))
  ),
  "cave.cs.toronto.edu",
]);

Deno.test("the tasks have the narrow permissions that the design names", () => {
  const flags = (task: Task) => taskWords(task).slice(2, -1);
  const net = `--allow-net=${[...HOSTS].join(",")}`;
  assert.deepEqual(flags("experiment"), [
    "--no-prompt",
    "--allow-read",
    "--allow-write=runs,site,.cache,experiments",
    "--allow-env=SAMEBITS_DATA,XDG_RUNTIME_DIR",
    "--allow-sys=cpus",
    "--allow-run=git",
    net,
  ]);
  assert.deepEqual(flags("reproduce"), [
    "--no-prompt",
    "--allow-read",
    "--allow-write=runs,.cache",
    "--allow-env=SAMEBITS_DATA,XDG_RUNTIME_DIR",
    "--allow-sys=cpus",
    net,
  ]);
  assert.deepEqual(flags("data"), [
    "--no-prompt",
    "--allow-read",
    "--allow-write=.cache",
    "--allow-env=SAMEBITS_DATA",
    net,
  ]);
  assert.deepEqual(flags("claims"), ["--no-prompt", "--allow-read"]);
  assert.deepEqual(flags("doctor"), [
    "--no-prompt",
    "--allow-read",
    "--allow-env=XDG_RUNTIME_DIR",
    "--allow-sys=cpus",
  ]);
  for (const [task, words] of Object.entries(config.tasks)) {
    if (["experiment", "reproduce", "data"].includes(task)) continue;
    assert.ok(!/--allow-net(?!=127\.0\.0\.1 )|--allow-all| -A /.test(words), task);
  }
});
