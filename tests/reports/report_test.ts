/** Whole pages: what is in them, what can get into them, and what they may load. */
import assert from "node:assert/strict";
import { sha256 } from "../../core/numerics/digest.ts";
import { indexPage } from "../../reports/index_page.ts";
import { reportPage } from "../../reports/report.ts";
import {
  cell,
  cells,
  CLAIMS,
  DECLARATION,
  experiment,
  files,
  PREDICTIONS,
  textOf,
  tinyRun,
} from "./fixture.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { type Lock, lockedRun } from "../../core/reproduce/lock.ts";
import { reported } from "../../reports/reported.ts";

const HOSTILE = `"><script>alert('1')</script><img src=x onerror=alert(2)>`;

/** Claims with every text hostile; ids and arms cannot be. */
const hostileExperiment = defineExperiment({
  ...DECLARATION,
  title: HOSTILE,
  summary: HOSTILE,
  claims: CLAIMS.map((claim) => ({
    ...claim,
    lecture: HOSTILE,
    paraphrase: HOSTILE,
    note: HOSTILE,
    parts: claim.parts.map((part, i) => ({ ...part, part: `${HOSTILE}${i}` })),
  })),
  figures: DECLARATION.figures.map((figure) => ({ ...figure, title: HOSTILE })),
});

async function hostilePage(): Promise<string> {
  const records = (await cells()).map((cell) => ({
    ...cell,
    config: { data: HOSTILE },
    versions: { [HOSTILE]: HOSTILE },
    device: { ...cell.device, name: HOSTILE, tiles: HOSTILE },
    digests: { ...cell.digests, claims: { ...cell.digests.claims, [HOSTILE]: cell.digests.code } },
  }));
  const diverged = await cell("large", 3, { status: "diverged", reason: HOSTILE });
  const strange = await cell("large", 4, { arm: HOSTILE, seed: 4 });
  const left = files({ ...PREDICTIONS, set: HOSTILE, classes: [HOSTILE, HOSTILE] });
  const run = await tinyRun({
    records: [...records, diverged, strange],
    declared: hostileExperiment,
    left,
  });
  const options = { set: { [HOSTILE]: HOSTILE }, arms: [HOSTILE], claim: HOSTILE };
  const record = { ...run.stored.run, created: HOSTILE, options };
  return reportPage({ ...run, stored: { ...run.stored, folder: "runs/tiny/one", run: record } });
}

Deno.test("nothing of a hostile record or declaration gets into a page unescaped", async () => {
  const page = await hostilePage();
  assert.ok(page.split("&lt;script&gt;alert").length > 20);
  assert.doesNotMatch(page, /<script|<img|<iframe|<object/i);
  // What is quoted is the value of an attribute, whatever it says.
  const tags = page.match(/<[a-z][^>]*>/gi)!.map((tag) => tag.replace(/"[^"]*"/g, ""));
  assert.deepEqual(tags.filter((tag) => /\bon\w+/i.test(tag)), []);
});

for (
  const [name, make] of [
    ["a report", async () => reportPage(await tinyRun())],
    ["an index", async () => indexPage([await tinyRun()])],
    ["a hostile report", hostilePage],
  ] as const
) {
  Deno.test(`${name} forbids scripts and loads nothing from anywhere`, async () => {
    const page = await make();
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!
      .replaceAll("&#39;", "'");
    const style = /<style>([^]*?)<\/style>/.exec(page)![1]!;
    const digest = Uint8Array.fromHex(await sha256(new TextEncoder().encode(style))).toBase64();
    assert.equal(
      policy,
      "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; " +
        `style-src 'sha256-${digest}'`,
    );
    const tags = page.match(/<[a-z][^>]*>/g)!;
    for (const [, target] of tags.join("").matchAll(/\s(?:src|href|action)="([^"]*)"/g)) {
      assert.match(target!, /^(#png-\d+|data:[\w/;,+=]*|\w[\w-]*\.html)$/);
    }
    assert.doesNotMatch(style, /url\(|@import/);
    // The policy would block it.
    assert.doesNotMatch(tags.join(""), /\sstyle=/);
    assert.equal(page.match(/<style/g)!.length, 1);
  });
}

Deno.test("a report says how it was made", async () => {
  const text = textOf(await reportPage(await tinyRun()));
  assert.match(text, /Data mnist \(digest dddddddddddd\)/);
  assert.match(text, /Device cpu: Some CPU, 2 threads, arithmetic spelt plain/);
  assert.match(text, /Versions deno 2\.9\.6 Code cccccccccccc Shaders 555555555555/);
  assert.match(text, /deno task experiment tiny --preset quick --seeds 3 --data-dir DIR/);
  assert.match(text, /small-s0 0 8 finished 3 s bbbbbbbbbbbb/);
  assert.match(text, /6 of 6 cells done/);
  assert.match(text, /tiny-better [0-9a-f]{12} /);
  assert.match(text, /test accuracy 61\.0 % \[[\d., ]+\] 82\.0 % \[/);
  assert.doesNotMatch(text, /stand-in/i);
});

Deno.test("a report says all that resumed cells were made by, each once", async () => {
  const records = (await cells()).map((cell) => {
    const digests = { code: "e".repeat(64), shaders: cell.digests.shaders };
    const device = { ...cell.device, name: "Other CPU" };
    const versions = { deno: "2.9.7" };
    return { ...cell, resumed: [{ step: 4, started: "now", versions, device, digests }] };
  });
  const text = textOf(await reportPage(await tinyRun({ records })));
  assert.match(
    text,
    /Device cpu: Some CPU, 2 threads, arithmetic spelt plain cpu: Other CPU, 2 threads, arithmetic/,
  );
  assert.match(text, /Versions deno 2\.9\.6 deno 2\.9\.7 Code c{12} e{12} Shaders 5{12} To make/);
});

Deno.test("a report says whether it shows a run or a lock, and how to check that", async () => {
  const run = await tinyRun();
  const page = textOf(await reportPage(run));
  assert.match(page, /From the records of one run; .* Run one, not from a lock Started/);
  assert.doesNotMatch(page, /reproduce/);
  const lock: Lock = {
    format: 1,
    experiment: "tiny",
    preset: "lecture",
    created: run.stored.run.created,
    commit: "ab".repeat(20),
    deno: "2.9.6",
    dependencies: "f".repeat(64),
    files: {},
    cells: [...run.stored.cells],
  };
  const { folder } = run.stored;
  const locked = await reported(run.host, run.experiment, lockedRun(folder, lock), lock);
  const text = textOf(await reportPage(locked));
  assert.match(text, /From what is locked of one run; .* Locked at commit abababababab Started/);
  assert.match(text, /Dependencies deno\.lock ffffffffffff/);
  assert.match(text, /deno task reproduce tiny --preset lecture --data-dir DIR deno task report/);
});

Deno.test("a report on the stand-in says so loudly, at the top and where data are named", async () => {
  const records = (await cells()).map((cell) => ({ ...cell, standIn: true }));
  const text = textOf(await reportPage(await tinyRun({ records })));
  assert.ok(text.indexOf("Stand-in, not real data.") < text.indexOf("Verdict"));
  assert.match(text, /Data STAND-IN, NOT REAL DATA, for mnist/);
  assert.doesNotMatch(text, /--data-dir/);
});

Deno.test("headings go down one level at a time, and ids are unique", async () => {
  const page = await reportPage(await tinyRun());
  const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
  assert.equal(levels.filter((level) => level === 1).length, 1);
  assert.equal(levels[0], 1);
  levels.slice(1).forEach((level, i) => assert.ok(level <= levels[i]! + 1));
  const ids = page.match(/(?<=\sid=")[^"]+/g)!;
  assert.equal(new Set(ids).size, ids.length);
  assert.match(page, /<html lang="en">/);
});

Deno.test("an index leads to each report with its verdicts", async () => {
  const page = await indexPage([await tinyRun()]);
  assert.match(page, /<a href="tiny\.html">Tiny nets<\/a>/);
  assert.match(textOf(page), /3 claims: 1 supported 1 refuted 1 mixed/);
  const none = await tinyRun({ declared: { ...experiment, claims: [] } });
  assert.match(textOf(await indexPage([none])), /Two nets\. It declares no claims\./);
});
