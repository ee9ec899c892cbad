import assert from "node:assert/strict";
import { type Place, testInPlace } from "./process.ts";
import { assertRefused, names } from "./run_fixtures.ts";

/** Runs a fixture and returns the folder of the run. */
async function made({ run }: Place, ...args: string[]): Promise<string> {
  const ended = await run("experiment", [...args, "--device", "cpu", "--json"], "experiment.ts");
  assert.equal(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout).run;
}

async function site(folder: string): Promise<Record<string, string>> {
  const files = await names(`${folder}/site`);
  const texts = files.map(async (
    name,
  ) => [name, await Deno.readTextFile(`${folder}/site/${name}`)]);
  return Object.fromEntries(await Promise.all(texts));
}

testInPlace("report makes the same bytes from the same records, in any process", async (place) => {
  await made(place, "tiny", "--seeds", "2", "--steps", "2");
  await made(place, "counts");
  const { code, stdout, stderr } = await place.run("report", [], "report.ts");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "site/counts.html\nsite/tiny.html\nsite/index.html\n");
  const first = await site(place.folder);
  assert.deepEqual(Object.keys(first), ["counts.html", "index.html", "tiny.html"]);
  assert.match(first["tiny.html"]!, /Stand-in, not real data\.[^]*<div class="chart"/);
  assert.equal((await place.run("report", [], "report.ts")).code, 0);
  assert.deepEqual(await site(place.folder), first);
});

testInPlace("report takes the newest run, or the one that is named", async (place) => {
  const older = await made(place, "tiny", "--steps", "1");
  const newer = await made(place, "tiny", "--steps", "2");
  const page = async (...args: string[]) => {
    assert.equal((await place.run("report", args, "report.ts")).code, 0);
    return (await site(place.folder))["tiny.html"]!;
  };
  const last = (folder: string) => folder.split("/").at(-1)!;
  assert.ok((await page()).includes(last(newer)));
  const named = await page(older);
  assert.ok(named.includes(last(older)));
  assert.equal(await page(`${place.folder}/${older}/`), named);
});

testInPlace("report refuses with one clear line and leaves the site as it was", async (place) => {
  assertRefused(
    await place.run("report", [], "report.ts"),
    2,
    "nothing is locked and there is no run below runs/ yet",
  );
  const missing = await place.run("report", ["nowhere"], "report.ts");
  assertRefused(missing, 5, "nowhere/run.json: cannot be read: no such file");
  assertRefused(await place.run("report", ["a", "b"], "report.ts"), 2, "too many arguments");
  assertRefused(await place.run("report", ["--all"], "report.ts"), 2, "unknown option '--all'");
  const folder = await made(place, "tiny", "--steps", "1");
  const path = `${place.folder}/${folder}/run.json`;
  const record = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, record.replace('"experiment": "tiny"', '"experiment": "tinny"'));
  const unknown = await place.run("report", [folder], "report.ts");
  assertRefused(unknown, 2, 'there is no experiment "tinny"; did you mean "tiny"?');
  await Deno.writeTextFile(path, "{");
  assertRefused(await place.run("report", [], "report.ts"), 2, "run.json is not JSON");
  assert.deepEqual((await names(place.folder)).filter((name) => name === "site"), []);
});

testInPlace("report --help says what it makes", async ({ run }) => {
  const { code, stdout } = await run("report", ["--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: deno task report \[run\]/);
  assert.match(stdout, /a run's folder, shown instead of its experiment's lock/);
  assert.match(stdout, /Exit codes:/);
});
