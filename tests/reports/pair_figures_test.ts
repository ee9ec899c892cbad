/** The figures of pairs: pictures behind a slider, and how their training went. */
import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { GENERATED, gridName } from "../../core/experiment/samples/generated_samples.ts";
import type { Lock } from "../../core/reproduce/lock.ts";
import { figuresSection } from "../../reports/figures.ts";
import { reportPage } from "../../reports/report.ts";
import { cell, textOf } from "./fixture.ts";
import {
  DECLARATION,
  look,
  NEIGHBOURS,
  pairCell,
  pairCells,
  pairFiles,
  pairRun,
  pairs,
  tiles,
} from "./pair_fixture.ts";

const FOLDER = "runs/tiny/one/small-s0";

/** The section of the n-th figure. */
async function figure(n: number, ...options: Parameters<typeof pairRun>): Promise<string> {
  const run = await pairRun(...options);
  const section = await figuresSection({ ...run, figures: run.figures.slice(n, n + 1) });
  return section === "" ? "" : section.text.split('<section class="figure">')[1]!;
}

Deno.test("generated images stand behind a slider with a stop for each look", async () => {
  const page = await figure(0);
  assert.match(page, /<fieldset class="slider">\s*<legend>Training steps<\/legend>/);
  const buttons = [
    ...page.matchAll(/<input type="radio" name="([^"]+)" id="([^"]+)"( checked)?>/g),
  ];
  assert.deepEqual(
    buttons.map(([, name, id, checked]) => [name, id, checked]),
    [["png-0", "png-0-1", undefined], ["png-0", "png-0-2", " checked"]],
  );
  // The style sheet shows the figure that follows the label of the chosen button.
  const stops = page.match(/<label for="png-0-\d"><span>\d+<\/span><\/label>\s*<figure>/g)!;
  assert.equal(stops.length, 2);
  assert.match(
    page,
    /alt="A grid of images that small generates after 200 steps: Frechet distance/,
  );
  assert.match(
    textOf(page),
    /After 200 steps, 1,600 real images seen Frechet distance 200, 7 classes covered, discriminator right on 75\.0\s%/,
  );
});

Deno.test("a slider has so many stops as are declared, the last look among them", async () => {
  const base = await pairCell("small", 0);
  const looks = Array.from({ length: 24 }, (_, i) => look(i + 1, 0));
  const records = [{ ...base, progress: { ...base.progress, looks } }];
  const left = new Map(looks.map(({ step }) => [`${FOLDER}/${gridName(step)}`, tiles(8)]));
  const steps = async (figure: object) => {
    const declared = defineExperiment({ ...DECLARATION, figures: [figure as never] });
    const { text } = await figuresSection(await pairRun({ records, declared, left })) as {
      text: string;
    };
    return [...text.matchAll(/<span>(\d+)<\/span><\/label>/g)].map(([, step]) => Number(step));
  };
  const generated = { figure: "generated", arm: "small" };
  assert.deepEqual(await steps(generated), Array.from({ length: 12 }, (_, i) => 2 * i + 2));
  assert.deepEqual(await steps({ ...generated, looks: 3 }), [8, 16, 24]);
  assert.deepEqual(await steps({ ...generated, looks: 5 }), [5, 10, 15, 20, 24]);
  // A lone picture needs no slider.
  assert.deepEqual(await steps({ ...generated, looks: 1 }), []);
});

Deno.test("walks and nearest images are pictures, with how near they are", async () => {
  assert.match(
    await figure(1),
    /<img class="picture" width="448" height="448" alt="Rows of images/,
  );
  assert.match(
    textOf(await figure(1)),
    /equal steps, both ends included; seed 0, after 200 steps\./,
  );
  const page = await figure(2);
  assert.match(page, /<img class="picture" width="448" height="224" alt="Images that small/);
  assert.match(textOf(page), /training image: 45 grey levels for generated images, 31\.5 for test/);
});

Deno.test("lines over time go by the real images seen, so that batches share an axis", async () => {
  const page = await figure(3);
  assert.match(
    page,
    /real images\. small ends at 250 \(1600\); large ends at 250 \(6400\); noise against real images: 1,050; real images against others: 2\./,
  );
  assert.match(page, />Frechet distance, logarithmic<\/text>/);
  assert.match(page, />noise against real images<\/text>/);
  assert.match(textOf(page), /small n = 2 large n = 2/);
  assert.match(await figure(4), /small ends at 80\.0 % \(1600\); .*; guessing: 50\.0 %\./);
  assert.match(await figure(5), /small ends at 1\.55 \(1600\); .*; all classes alike: 2\.303\./);
});

Deno.test("lines over time take only looks that every finished seed has a number of", async () => {
  const [first, second, ...others] = await pairCells();
  const { progress } = second!;
  const nothing = {
    ...look(200, 1),
    yardstick: { ...look(200, 1).yardstick!, frechetDistance: null },
  };
  const looks = [look(100, 1), nothing];
  const records = [first!, { ...second!, progress: { ...progress, looks } }, ...others];
  assert.match(
    await figure(3, { records }),
    /small ends at 500 \(800\); large ends at 250 \(6400\)/,
  );
  // A distance of exactly nothing has no logarithm.
  const none = { ...look(100, 0), yardstick: { ...look(100, 0).yardstick!, frechetDistance: 0 } };
  const zero = [{ ...first!, progress: { ...progress, looks: [none, look(200, 0)] } }];
  assert.doesNotMatch(await figure(3, { records: zero }), /logarithmic/);
});

Deno.test("losses are means of a hundred steps of each net, from the metrics or from a lock", async () => {
  assert.match(
    await figure(6),
    /losses\. discriminator ends at 2\.5 \(1600\); generator ends at 25 \(1600\); guessing: 0\.6931\./,
  );
  const page = await figure(7);
  assert.match(page, /generator of small ends at 25 \(1600\); discriminator of large ends at 2\.5/);
  const records = await pairCells();
  const lock = { files: { "losses.csv": "0".repeat(64) }, cells: records } as unknown as Lock;
  const text = "cell,step,set,mean training loss\n" +
    ["small-s0", "small-s1"].flatMap((cell) =>
      ["discriminator", "generator"].map((set) => `${cell},100,${set},7\n`)
    ).join("");
  const left = new Map([["runs/tiny/one/losses.csv", new TextEncoder().encode(text)]]);
  assert.match(
    await figure(6, { records, left, lock }),
    /discriminator ends at 7 \(800\); generator/,
  );
  const bare = { ...lock, files: {} };
  assert.match(textOf(await figure(6, { records, lock: bare })), /left nothing for this figure/);
});

Deno.test("a pair that diverged or left no pictures says so in a line", async () => {
  const left = pairFiles();
  for (const name of [...left.keys()].filter((name) => name.includes("samples/"))) {
    left.delete(name);
  }
  assert.match(textOf(await figure(0, { left })), /small-s0 left no grids of generated images\./);
  assert.match(textOf(await figure(1, { left })), /small-s0 left no walks between codes\./);
  assert.match(textOf(await figure(2, { left })), /small-s0 left no nearest training images\./);
  const records = [
    await pairCell("small", 0, { status: "diverged", reason: "a loss of NaN" }),
    await pairCell("large", 0),
  ];
  for (const n of [0, 1, 2, 3, 6]) {
    const page = await figure(n, { records });
    assert.match(textOf(page), /small, seed 0, diverged: left out\./);
    assert.doesNotMatch(page, /<img/);
  }
});

Deno.test("pictures and numbers that are damaged, or of another cell, are errors", async () => {
  const damaged: [n: number, name: string, content: Uint8Array<ArrayBuffer>, words: RegExp][] = [
    [0, gridName(200), tiles(8).subarray(0, 20), /generated-000200\.png: .* found no PNG;/],
    [0, gridName(200), tiles(9), /expected a PNG of 224 x 224 pixels, grey or .* 224 x 252/],
    [1, GENERATED.interpolation, new Uint8Array(4_000_001), /at most 4000000 bytes/],
    [2, GENERATED.nearest, tiles(9), /nearest\.png: expected/],
    [2, GENERATED.neighbours, new TextEncoder().encode("{}"), /nearest\.json is no record/],
  ];
  for (const [n, name, content, words] of damaged) {
    const left = pairFiles().set(`${FOLDER}/${name}`, content);
    await assert.rejects(figure(n, { left }), { name: "DeclarationError", message: words });
  }
  const other = [await cell("small", 0)];
  const message = /cell small-s0: expected the record of an adversarial arm, .*config\.kind/;
  await assert.rejects(figure(0, { records: other }), { name: "DeclarationError", message });
});

Deno.test("without declared figures a pair is shown by its discriminator's accuracy", async () => {
  const { figures: _, ...declared } = pairs;
  assert.match(await figure(0, { declared }), /How often the discriminator is right/);
  assert.equal(await figure(1, { declared }), "");
});

Deno.test("a page of pairs escapes what is hostile, and loads nothing but its own pictures", async () => {
  const hostile = `"><script>alert('1')</script><img src=x onerror=alert(2)>`;
  const figures = DECLARATION.figures.map((figure) => ({ ...figure, title: hostile }));
  const declared = defineExperiment({ ...DECLARATION, figures });
  const page = await reportPage(await pairRun({ declared, left: pairFiles(NEIGHBOURS) }));
  assert.ok(page.split("&lt;script&gt;alert").length > 8);
  assert.doesNotMatch(page, /<script|<iframe|<object/i);
  const tags = page.match(/<[a-z][^>]*>/g)!;
  for (const tag of tags.filter((tag) => tag.startsWith("<img"))) {
    assert.match(tag, /^<img class="picture" [^>]*src="data:image\/png;base64,[\w/+=]+">$/);
  }
  const bare = tags.map((tag) => tag.replace(/"[^"]*"/g, "")).join("");
  assert.doesNotMatch(bare, /\b(on\w+|style)=/i);
  const ids = page.match(/(?<=\sid=")[^"]+/g)!;
  assert.equal(new Set(ids).size, ids.length);
  for (const [, id] of page.matchAll(/<label for="([^"]+)"/g)) assert.ok(ids.includes(id!));
});

Deno.test("the measures of pairs stand in the table of arms", async () => {
  const text = textOf(await reportPage(await pairRun()));
  assert.match(text, /small large n 2 2 Frechet distance 250 \[[\d.,\s-]+\] 250/);
});
