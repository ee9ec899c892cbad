import assert from "node:assert/strict";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun } from "../../core/experiment/records/read_run.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { files, startMirror } from "../data/mirrors.ts";
import { lockAs, otherDigestAt } from "../reproduce/lock_as.ts";
import { PACKED } from "./fixtures/formats.ts";
import { type Ended, type Place, testInPlace } from "./process.ts";
import { assertRefused } from "./run_fixtures.ts";

const SCRIPT = "reproduce.ts";

/** What `--json` prints. */
interface Answered {
  readonly tier?: string;
  readonly whole?: boolean;
  readonly text?: string;
  readonly complete?: boolean;
  readonly run?: string;
  readonly cells: readonly { readonly id: string; readonly bits: string }[];
}

/** Puts a fixture into the folder's own experiments; `changes` is the source of an object. */
async function own(place: Place, name: string, changes = "{}"): Promise<void> {
  const fixture = new URL(`fixtures/experiments/${name}/mod.ts`, import.meta.url).href;
  await Deno.mkdir(`${place.folder}/experiments/${name}`, { recursive: true });
  await Deno.writeTextFile(
    `${place.folder}/experiments/${name}/mod.ts`,
    `import fixture from "${fixture}";\nexport default { ...fixture, ...${changes} };\n`,
  );
}

/** Runs it at standard, and what it left; `mirror` has its data. */
async function ran(place: Place, mirror: string, ...args: string[]): Promise<CellRecord[]> {
  const asked = [...args, "--preset", "standard", "--device", "cpu", "--json"];
  const ended = await place.run("experiment", [`--mirrors=${mirror}`, ...asked], "own_digits.ts");
  assert.equal(ended.code, 0, ended.stderr);
  return [...(await readRun(denoHost, `${place.folder}/${JSON.parse(ended.stdout).run}`)).cells];
}

function answered({ stdout }: Ended): Answered {
  assert.match(stdout, /^\{.+\}\n$/);
  return JSON.parse(stdout);
}

testInPlace("--help names every option and every exit code", async ({ run }) => {
  const { code, stdout } = await run("reproduce", ["--help"]);
  assert.equal(code, 0);
  const options = "preset arms claim seeds steps device data-dir resume json fresh-seeds " +
    "write-batches batches";
  for (const option of options.split(" ")) assert.match(stdout, new RegExp(`  --${option}\\b`));
  for (const exit of [0, 6, 7, 8, 9, 130]) assert.match(stdout, new RegExp(`  ${exit}  `));
  assert.match(stdout, /below\s+runs\/ or\s+\.cache\//);
  assert.ok(stdout.split("\n").every((line) => line.length <= 100), stdout);
});

testInPlace("each mistake gets one clear line and leaves nothing behind", async (place) => {
  await own(place, "counts");
  const wrong = [
    ["", 2, "missing required argument 'name'"],
    ["cuonts", 2, `there is no experiment "cuonts"; did you mean "counts"?`],
    ["counts", 2, "experiments/counts/locked/lock.json: nothing is locked there"],
    [
      "counts --preset lecture",
      2,
      "experiments/counts/locked/lecture/lock.json: nothing is locked",
    ],
    ["counts --claim counts-nin", 2, `did you mean "counts-nine"?`],
    ["counts --steps 0", 2, "Give a whole number from 1."],
    ["counts --fresh-seeds 1001", 2, "Give a whole number from 1 to 1000."],
    ["counts --fresh-seeds 2 --seeds 3", 2, "cannot be used with option"],
    ["counts --fresh-seeds 2 --steps 3", 2, "cannot be used with option"],
    ["counts --resume runs/x --preset lecture", 2, "cannot be used with option"],
    ["counts --resume runs/x --steps 100", 2, "cannot be used with option"],
    ["counts --batches a --write-batches runs/b", 2, "cannot be used with option"],
    ["counts --batches a --data-dir b", 2, "cannot be used with option"],
    ["counts --write-batches out.safetensors", 2, "Give a file below runs/ or .cache/, where"],
    ["counts --write-batches runs/../out", 2, "Give a file below runs/ or .cache/, where"],
    ["counts --resume nowhere", 5, "nowhere/run.json: cannot be read"],
  ] as const;
  for (const [args, code, words] of wrong) {
    const given = args.split(" ").filter((word) => word !== "");
    assertRefused(await place.run("reproduce", given, SCRIPT), code, words);
  }
  const left = await Array.fromAsync(Deno.readDir(place.folder), ({ name }) => name);
  assert.deepEqual(left, ["experiments"]);
});

testInPlace("what trains nothing is reproduced by its results", async (place) => {
  await own(place, "counts");
  const cells = await ran(place, "", "counts");
  await lockAs(place.folder, cells);
  const same = await place.run("reproduce", ["counts"], SCRIPT);
  assert.equal(same.code, 0, same.stderr);
  assert.match(same.stdout, /^Locked: counts at standard\n {2}lock +experiments\/counts\/locked\n/);
  assert.match(same.stdout, /\n {2}three-s0 {2}same bits\n/);
  assert.match(same.stdout, /\nanswer {2}A, whole: 1 of 1 cell\n/);
  assert.ok(!/\nnext/.test(same.stdout), "nothing is left to do");

  assertRefused(
    await place.run("reproduce", ["counts", "--steps", "100", "--json"], SCRIPT),
    2,
    "trains nothing",
  );
  assertRefused(
    await place.run("reproduce", ["counts", "--fresh-seeds", "2", "--json"], SCRIPT),
    2,
    "counts-nine: no seed changes it",
  );
  cells[0]!.measures["square"] = 10;
  // Whoever made a lock must not rewrite the lines of a terminal.
  cells[0]!.device.name = "a\x1b[2Kcpu";
  await lockAs(place.folder, cells);
  const other = await place.run("reproduce", ["counts", "--json"], SCRIPT);
  assert.equal(other.code, 6);
  assert.equal(answered(other).text, "failed: 1 of 1 cell");
  assert.match(other.stderr, /\nbecause +three-s0: other results: square: 9, locked 10\n/);
  assert.match(other.stderr, /\n {2}cells +1 cell, run on cpu: a\?\[2Kcpu\n/);
});

testInPlace("a trained experiment is reproduced, checked and packed", async (place) => {
  await using mirror = startMirror(files(PACKED));
  await own(place, "tiny");
  const cells = await ran(place, mirror.address, "tiny", "--seeds", "3");
  const reproduce = (...args: string[]) =>
    place.run(
      "reproduce",
      [`--mirrors=${mirror.address}`, "tiny", "--device", "cpu", ...args],
      SCRIPT,
    );
  await lockAs(place.folder, cells);

  const whole = await reproduce("--json");
  assert.equal(whole.code, 0, whole.stderr);
  const { tier, text, run, cells: compared } = answered(whole);
  assert.equal(tier, "A");
  assert.equal(text, "A, whole: 10 of 10 steps, 6 of 6 cells");
  assert.deepEqual(compared.map(({ bits }) => bits), Array(6).fill("same"));
  assert.match(whole.stderr, /\n {2}wide-s2 +same bits\n/);
  const again = await reproduce("--resume", `${run}/`);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /\nanswer +A, whole/);

  const steps = await reproduce("--steps", "10");
  assert.equal(steps.code, 0, steps.stderr);
  assert.match(steps.stdout, /\nanswer +A: 10 of 10 steps, 1 of 6 cells\nnext/);
  assert.match(steps.stdout, /deno task reproduce tiny --device cpu\n$/);
  assertRefused(await reproduce("--steps", "9", "--json"), 2, "ask for at least --steps 10");

  const file = ".cache/made/batches.safetensors";
  const packed = await reproduce("--write-batches", file);
  assert.equal(packed.code, 0, packed.stderr);
  assert.match(packed.stdout, /batches {2}of the first 10 steps of narrow-s0, \d+ kB: \.cache/);
  await Deno.remove(`${place.folder}/.cache/mnist`, { recursive: true });
  const replayed = await place.run(
    "reproduce",
    ["tiny", "--device", "cpu", "--batches", file, "--json"],
    SCRIPT,
  );
  assert.equal(replayed.code, 0, replayed.stderr);
  assert.equal(answered(replayed).text, "A for these batches: 10 of 10 steps, 1 of 6 cells");
});

testInPlace("each answer has an exit code of its own", async (place) => {
  await using mirror = startMirror(files(PACKED));
  await own(place, "tiny");
  const cells = await ran(place, mirror.address, "tiny", "--seeds", "3");
  const reproduce = async (changed: CellRecord[], ...args: string[]) => {
    await lockAs(place.folder, changed);
    const given = [`--mirrors=${mirror.address}`, "tiny", "--device", "cpu", ...args];
    return await place.run("reproduce", given, SCRIPT);
  };
  const changed = (change: (cell: CellRecord) => void) => {
    const copies = structuredClone(cells);
    copies.filter(({ arm }) => arm === "narrow").forEach(change);
    return copies;
  };
  const narrow = ["--arms", "narrow"];

  const b = await reproduce(changed((cell) => otherDigestAt(cell, 10)), ...narrow);
  assert.equal(b.code, 7, b.stderr);
  assert.match(b.stdout, /\nanswer +B: 10 of 10 steps, 3 of 6 cells\n/);
  assert.match(b.stdout, /\nbecause +narrow-s0: other weights at step 10; the same at step 0; and/);
  assert.match(b.stdout, /\n +deno task diverge runs\/reproduced\/tiny\/\S+\/narrow-s0 lock\n$/);

  const failed = await reproduce(
    changed((cell) => {
      otherDigestAt(cell, 10);
      cell.measures["test accuracy"] = 5;
    }),
    ...narrow,
  );
  assert.equal(failed.code, 6);
  assert.match(failed.stdout, /\nanswer +failed: /);

  const steps = await reproduce(changed((cell) => otherDigestAt(cell, 0)), "--steps", "10");
  assert.equal(steps.code, 6);
  assert.match(steps.stdout, /\n {2}narrow-s0 +other weights at step 0\n/);
  assert.match(
    steps.stdout,
    /deno task reproduce tiny --arms narrow --seeds 0\.\.0 --device cpu\n$/,
  );

  assertRefused(
    await reproduce(changed(({ digests }) => digests.config = "0".repeat(64)), "--json"),
    8,
    "experiments/tiny/locked is out of date: narrow-s0: config digest",
  );

  const fresh = await reproduce(cells, "--fresh-seeds", "2", "--claim", "tiny-parameters");
  assert.equal(fresh.code, 0, fresh.stderr);
  assert.match(fresh.stdout, /\n {2}tiny-parameters {2}supported +supported +holds\n/);
  assert.match(fresh.stdout, /\nanswer +1 of 1 judged claim holds\n/);
  const notHeld = await reproduce(
    changed(({ measures }) => measures["parameters"] = 1),
    ...["--fresh-seeds", "2", "--claim", "tiny-parameters", "--json"],
  );
  assert.equal(notHeld.code, 9);
  assert.deepEqual(JSON.parse(notHeld.stdout).claims, [{
    id: "tiny-parameters",
    locked: "refuted",
    fresh: "supported",
    answer: "does not hold",
  }]);
});

testInPlace("Ctrl-C leaves a reproduction that goes on", async (place) => {
  await using mirror = startMirror(files(PACKED));
  await own(
    place,
    "tiny",
    "{ presets: { ...fixture.presets, standard: { seeds: 1, steps: 3000 } } }",
  );
  await lockAs(place.folder, await ran(place, mirror.address, "tiny"));
  const given = [`--mirrors=${mirror.address}`, "tiny", "--device", "cpu"];
  const child = place.start("reproduce", given, SCRIPT);
  let printed = "", sent = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    if (sent || !printed.includes("  folder")) continue;
    child.kill("SIGINT");
    sent = true;
  }
  await child.stderr.cancel();
  assert.equal((await child.status).code, 130, printed);
  const [, command] = /\n +deno task reproduce (tiny --resume \S+ --device cpu)\n$/.exec(printed)!;
  const rest = await place.run(
    "reproduce",
    [given[0]!, ...command!.split(" "), "--json"],
    SCRIPT,
  );
  assert.equal(rest.code, 0, rest.stderr);
  assert.equal(answered(rest).text, "A, whole: 3,000 of 3,000 steps, 2 of 2 cells");
});
