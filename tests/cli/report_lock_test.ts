/** `deno task report` from locks, as a clean clone has them. */
import assert from "node:assert/strict";
import { copyFolder } from "../folders.ts";
import { type Place, testInPlace } from "./process.ts";
import { commitAll, writeProject } from "./repository.ts";
import { assertRefused, names, type Result } from "./run_fixtures.ts";

/** Runs an experiment of the place and returns the folder of the run. */
async function made({ run }: Place, ...args: string[]): Promise<string> {
  const ended = await run("experiment", [...args, "--device", "cpu", "--json"], "own.ts");
  assert.equal(ended.code, 0, ended.stderr);
  return (JSON.parse(ended.stdout) as Result).run;
}

/** Makes the site anew and returns its pages. */
async function site(place: Place, ...args: string[]): Promise<Record<string, string>> {
  const { code, stderr } = await place.run("report", args, "own_report.ts");
  assert.equal(code, 0, stderr);
  const texts = (await names(`${place.folder}/site`)).map(async (name) =>
    [name, await Deno.readTextFile(`${place.folder}/site/${name}`)] as const
  );
  return Object.fromEntries(await Promise.all(texts));
}

testInPlace(
  "a clean clone gives the same pages, byte for byte, from what is locked",
  async (place) => {
    await writeProject(place);
    const commit = await commitAll(place.folder);
    await made(place, "tiny", "--preset", "standard", "--lock");
    await made(place, "second", "--preset", "lecture", "--lock");
    const first = await site(place);
    assert.deepEqual(Object.keys(first), ["index.html", "second.html", "tiny.html"]);
    assert.deepEqual(await site(place), first);

    const clone = `${place.folder}/.cache/clone`;
    await Deno.mkdir(clone);
    await copyFolder(`${place.folder}/experiments`, `${clone}/experiments`);
    assert.deepEqual(await site(place.in(clone)), first);
    assert.deepEqual(await names(clone), ["experiments", "site"]);

    const page = first["tiny.html"]!;
    assert.ok(
      page.includes(`Locked</dt><dd>at commit ${commit.slice(0, 12)}</dd>`),
      "locked where",
    );
    assert.match(page, /<code>deno task reproduce tiny --data-dir DIR\ndeno task report<\/code>/);
    assert.match(
      first["second.html"]!,
      /deno task reproduce second --preset lecture --data-dir DIR/,
    );
    // The pictures of the first seed.
    assert.equal(page.match(/href="data:image\/png;base64,/g)!.length, 2);
    assert.doesNotMatch(page, /has no checkpoint|left no sample images/);
  },
);

testInPlace(
  "without a lock the newest run is shown, and the run that is named anyway",
  async (place) => {
    await writeProject(place);
    await commitAll(place.folder);
    const run = await made(place, "tiny", "--preset", "standard", "--lock");
    const other = await made(place, "second", "--preset", "standard", "--steps", "2");
    const last = (folder: string) => folder.split("/").at(-1)!;
    const pages = await site(place);
    assert.match(pages["tiny.html"]!, /Locked<\/dt>/);
    assert.ok(!pages["tiny.html"]!.includes(last(run)));
    assert.ok(pages["second.html"]!.includes(`Run</dt><dd>${last(other)}, not from a lock</dd>`));
    const named = await site(place, run);
    assert.ok(named["tiny.html"]!.includes(`Run</dt><dd>${last(run)}, not from a lock</dd>`));
    assert.equal(named["second.html"], pages["second.html"]);
    assert.deepEqual(await site(place), pages);

    await Deno.writeTextFile(`${place.folder}/experiments/tiny/locked/losses.csv`, "");
    const refused = await place.run("report", [], "own_report.ts");
    assertRefused(refused, 2, "experiments/tiny/locked/losses.csv: expected the file with SHA-256");
  },
);
