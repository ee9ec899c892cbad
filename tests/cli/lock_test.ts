/** `deno task experiment NAME --lock`, in a repository of its own. */
import assert from "node:assert/strict";
import { readTree } from "../../core/cli/git.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readLock } from "../../core/reproduce/lock.ts";
import { type Ended, type Place, testInPlace } from "./process.ts";
import { commitAll, git, writeProject } from "./repository.ts";
import { assertRefused, names, type Result } from "./run_fixtures.ts";

const LOCKED = "experiments/tiny/locked";

/** Runs the experiments of the place. */
function run({ run }: Place, ...args: string[]): Promise<Ended> {
  return run("experiment", [...args, "--device", "cpu"], "own.ts");
}

testInPlace("a run at standard is locked, and says where and what is next", async (place) => {
  await writeProject(place);
  const commit = await commitAll(place.folder);
  const { code, stdout, stderr } = await run(place, "tiny", "--preset", "standard", "--lock");
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    new RegExp(
      `\nlock +${LOCKED}: 4 cells in 5 files, \\d+ kB, at commit ${commit.slice(0, 12)}\n` +
        `next +commit ${LOCKED}; then anybody can check it:\n +deno task reproduce tiny\n$`,
    ),
  );
  const lock = await readLock(denoHost, `${place.folder}/${LOCKED}`);
  assert.equal(lock.commit, commit);
  const before = await Deno.readTextFile(`${place.folder}/${LOCKED}/lock.json`);

  // A lock that is not committed yet keeps no other from being made, and nothing is run again.
  const [name] = await names(`${place.folder}/runs/tiny`);
  const resumed = await run(place, "tiny", "--resume", `runs/tiny/${name}`, "--lock", "--json");
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /cells +4: .*; all are finished\n/);
  assert.equal(await Deno.readTextFile(`${place.folder}/${LOCKED}/lock.json`), before);
  const { lock: told } = JSON.parse(resumed.stdout) as Result & {
    readonly lock: { files: string[] };
  };
  assert.deepEqual(
    { ...told, bytes: 0, files: told.files.toSorted() },
    {
      folder: LOCKED,
      preset: "standard",
      commit,
      cells: 4,
      bytes: 0,
      files: [...Object.keys(lock.files), "lock.json"].sort(),
    },
  );
  const second = await run(place, "second", "--preset", "lecture", "--seeds", "1", "--lock");
  assertRefused(second, 2, "--lock: a run with --seeds 1 is not the preset lecture as it is decl");
  const changes = await git(place.folder, "status", "--porcelain", "--untracked-files=all");
  assert.deepEqual(
    changes.split("\n").map((line) => line.slice(3)),
    [...Object.keys(lock.files), "lock.json"].sort().map((file) => `${LOCKED}/${file}`),
  );
});

testInPlace("what keeps a run from being locked is said before anything is run", async (place) => {
  await writeProject(place);
  const refused = async (args: string, words: string) =>
    assertRefused(await run(place, ...args.split(" "), "--lock"), 2, words);
  const standard = "tiny --preset standard";
  // The temporary folder lies in this project's own repository.
  await Deno.writeTextFile(`${place.folder}/.git`, "none");
  await refused(standard, "must stand in a git repository; git said: fatal: invalid gitfile");
  await Deno.remove(`${place.folder}/.git`);
  await git(place.folder, "init", "--quiet");
  await refused(
    standard,
    "there is none yet; make one (git add --all; git commit); git said: fatal",
  );
  await commitAll(place.folder);
  await refused("tiny", "the preset quick runs in miniature");
  for (const option of ["--steps 3", "--seeds 1", "--seed 0", "--arms wide", "--set batch=4"]) {
    await refused(`${standard} ${option}`, "is not the preset standard as it is declared");
  }
  await refused(`${standard} --claim tiny-parameters`, "with --claim tiny-parameters is not");
  await Deno.writeTextFile(`${place.folder}/note s.txt`, "");
  await refused(standard, "not as committed, so nobody could check the lock: note s.txt; commit");
  await Deno.remove(`${place.folder}/note s.txt`);
  const declaration = `${place.folder}/experiments/tiny/mod.ts`;
  await Deno.writeTextFile(declaration, `${await Deno.readTextFile(declaration)}\n`);
  await refused(standard, ": experiments/tiny/mod.ts; commit");
  assert.deepEqual(await names(place.folder), [".cache", ".git", ".gitignore", "experiments"]);
  assert.deepEqual(await names(`${place.folder}/experiments/tiny`), ["mod.ts"]);
});

testInPlace("a run that was made with options is not locked when it is resumed", async (place) => {
  await writeProject(place);
  await commitAll(place.folder);
  const made = await run(place, "tiny", "--preset", "standard", "--steps", "2", "--json");
  assert.equal(made.code, 0, made.stderr);
  const { run: folder } = JSON.parse(made.stdout) as Result;
  const resumed = await run(place, "tiny", "--resume", folder, "--lock");
  assertRefused(resumed, 2, "--lock: a run with --steps 2 is not the preset standard as it is");
  await Deno.remove(`${place.folder}/.cache`, { recursive: true });
  const quick = await run(place, "tiny", "--json");
  const { run: miniature } = JSON.parse(quick.stdout) as Result;
  const again = await run(place, "tiny", "--resume", miniature, "--lock");
  assertRefused(again, 2, "--lock: the preset quick runs in miniature");
});

testInPlace("criteria that changed since are refused before the rest is run", async (place) => {
  await writeProject(place);
  await commitAll(place.folder);
  const made = await run(place, "tiny", "--preset", "standard", "--json");
  const { run: folder } = JSON.parse(made.stdout) as Result;
  const path = `${place.folder}/experiments/tiny/mod.ts`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace("value: 0.05", "value: 0.01"));
  await commitAll(place.folder);
  const resumed = await run(place, "tiny", "--resume", folder, "--lock");
  assertRefused(resumed, 2, "cell narrow-s0 was run under other criteria for claim tiny-accuracy");
});

Deno.test("a machine without git is told so", async () => {
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nowhere");
  try {
    await assert.rejects(readTree("experiments"), {
      name: "DeclarationError",
      message: /^--lock asks git .*, and there is no git here; install it \(apt-get install git\)$/,
    });
  } finally {
    Deno.env.set("PATH", path);
  }
});

testInPlace("names of changed files are read whole, whatever is in them", async ({ folder }) => {
  await Deno.mkdir(`${folder}/a b/experiments/tiny/locked/lecture`, { recursive: true });
  await Deno.writeTextFile(`${folder}/old`, "The same text, so that git could see a renaming.");
  const commit = await commitAll(folder);
  await Deno.rename(`${folder}/old`, `${folder}/new "name" é`);
  await git(folder, "add", "--all");
  await Deno.writeTextFile(`${folder}/a b/experiments/locked`, "");
  await Deno.writeTextFile(`${folder}/a b/experiments/tiny/locked/lecture/lock.json`, "");
  await Deno.mkdir(`${folder}/experiments/tiny/locked`, { recursive: true });
  await Deno.writeTextFile(`${folder}/experiments/tiny/locked/other`, "");
  assert.deepEqual(await readTree(`${folder}/a b/experiments`), {
    commit,
    changed: ['new "name" é', "old", "a b/experiments/locked", "experiments/tiny/locked/other"],
  });
});
