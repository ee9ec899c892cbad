import assert from "node:assert/strict";
import { type Place, testInPlace } from "./process.ts";
import { assertRefused, result } from "./run_fixtures.ts";

const SCRIPT = "diverge.ts";

/** Runs the command on the fixtures. */
const diverge = (place: Place, ...args: string[]) => place.run("diverge", args, SCRIPT);

/** The folder of a cell of a new run. */
async function cell(place: Place, ...args: string[]): Promise<string> {
  const { run } = await result(place, "tiny", "--arms", "narrow", ...args);
  return `${run}/narrow-s0`;
}

/** Changes the last digest in a record. */
async function alter(place: Place, folder: string): Promise<void> {
  const path = `${place.folder}/${folder}/cell.json`;
  const record = JSON.parse(await Deno.readTextFile(path));
  record.progress.chain.at(-1)[1] = "0".repeat(64);
  await Deno.writeTextFile(path, JSON.stringify(record));
}

testInPlace("diverge --help shows the forms, every option and every exit code", async ({ run }) => {
  const { code, stdout } = await run("diverge", ["--help"]);
  assert.equal(code, 0);
  for (const option of ["cell", "preset", "steps", "data-dir", "json"]) {
    assert.match(stdout, new RegExp(`  --${option}\\b`));
  }
  assert.match(stdout, /diverge runs\/cnn\/X\/reference-s0 lock\n/);
  assert.match(stdout, /diverge cpu webgpu --cell cnn\/reference-s0\n/);
  for (const exit of [0, 2, 3, 4, 5, 6]) assert.match(stdout, new RegExp(`  ${exit}  `));
  assert.ok(stdout.split("\n").every((line) => line.length <= 100));
});

testInPlace(
  "diverge of two folders ends with 0 where nothing differs, else with 6",
  async (place) => {
    const [a, b] = [await cell(place), await cell(place)];
    const same = await diverge(place, `${a}/`, b);
    assert.equal(same.code, 0, same.stderr);
    assert.match(same.stdout, /^narrow-s0\n {2}A +runs\/tiny\/\S+\n +made on cpu, .+\n {2}B +runs/);
    assert.match(same.stdout, /\n\nno difference: 2 points to step 4\n$/);

    await alter(place, b);
    const other = await diverge(place, a, b);
    assert.equal(other.code, 6, other.stderr);
    assert.equal(other.stderr, "");
    assert.match(other.stdout, /chain {2}the same: 1 point to step 0; another digest at step 4\n/);
    assert.match(
      other.stdout,
      /\n\nThe fault cannot be made again here: both sides .+\nThis code's/,
    );
    assert.match(
      other.stdout,
      /cpu device gives the digest of A at step 4\.\nCode, shaders and Deno are the .+\n$/,
    );

    const { code, stdout, stderr } = await diverge(place, a, b, "--json");
    assert.equal(code, 6);
    assert.equal(stderr, other.stdout);
    const { chain, result } = JSON.parse(stdout);
    assert.deepEqual(chain, { points: 1, same: 0, differs: 4 });
    assert.deepEqual(result, { outcome: "not again", cpu: "A", origins: [] });
  },
);

testInPlace("diverge trains a cell on two devices", async (place) => {
  const on = (...args: string[]) => diverge(place, "cpu", "cpu", ...args);
  const { code, stdout } = await on("--cell", "tiny/narrow-s0", "--steps", "3");
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^narrow-s0\n {2}A {5}cpu, .+\n {2}B {5}cpu, .+\n {2}data {2}STAND-IN, NOT REAL DATA: [^]+\n\nno difference: 3 steps\n$/,
  );
  assertRefused(await on(), 2, "two devices need the cell to train on them");
  assertRefused(await on("--cell", "narrow-s0"), 2, "as experiment and cell: --cell cnn/reference");
  assertRefused(await on("--cell", "tinny/narrow-s0"), 2, 'did you mean "tiny"');
  assertRefused(await on("--cell", "tiny/narow-s0"), 2, 'did you mean "narrow-s0"');
});

testInPlace("diverge says on one line what it cannot compare", async (place) => {
  const [a, b] = [await cell(place), await cell(place, "--steps", "2")];
  const refused = async (code: number, words: string, ...args: string[]) =>
    assertRefused(await diverge(place, ...args), code, words);
  await refused(2, "A and B are not two trainings of one cell: steps is 4 in A and 2 in B", a, b);
  await refused(5, "nowhere/cell.json: cannot be read", a, "nowhere");
  await refused(2, "cpu is compared with another device", a, "cpu");
  await refused(2, "lock is compared with the folder of a cell", "lock", "lock");
  await refused(2, "--steps is for two devices", a, a, "--steps", "3");
  await refused(2, "tiny/locked/quick/lock.json: nothing is locked there", a, "lock");
  await refused(2, "missing required argument 'b'", a);
  await Deno.writeTextFile(`${place.folder}/${b}/cell.json`, "{");
  await refused(2, "cell.json is not JSON", a, b);
});

testInPlace("diverge needs the data that the cells were trained on", async (place) => {
  const [a, b] = [await cell(place), await cell(place)];
  await alter(place, b);
  for (const folder of [a, b]) {
    const path = `${place.folder}/${folder}/cell.json`;
    const record = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...record, standIn: false }));
  }
  const none = `${place.folder}/runs`;
  assertRefused(
    await diverge(place, a, b, "--data-dir", none),
    3,
    "expected MNIST there, found none",
  );
  assertRefused(await diverge(place, a, b), 3, "deno task data mnist");
});
