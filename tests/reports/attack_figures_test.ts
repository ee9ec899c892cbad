/** The figures of attacks: images under them, and which nets withstand or only seem to. */
import assert from "node:assert/strict";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { attackedFiles } from "../../core/experiment/samples/attacked_samples.ts";
import { encodePng } from "../../core/experiment/samples/picture.ts";
import { checks, inWords, type Shares } from "../../reports/figures/masking.ts";
import { figuresSection } from "../../reports/figures.ts";
import { reportPage } from "../../reports/report.ts";
import {
  at,
  attackCells,
  ATTACKED,
  attackFiles,
  attackRun,
  DECLARATION,
  IMAGES,
  ROBUSTNESS,
  SHARES,
} from "./attack_fixture.ts";
import { textOf } from "./fixture.ts";

/** The section of the n-th figure. */
async function figure(n: number, ...options: Parameters<typeof attackRun>): Promise<string> {
  const run = await attackRun(...options);
  const section = await figuresSection({ ...run, figures: run.figures.slice(n, n + 1) });
  return section === "" ? "" : section.text.split('<section class="figure">')[1]!;
}

/** A place in a picture without the hair that is left out of it. */
function rounded(box: string): string {
  return box.split(" ").map((n) => Math.round(Number(n))).join(" ");
}

/** The declaration with other figures. */
function declaring(...figures: unknown[]): Experiment {
  return defineExperiment({ ...DECLARATION, figures: figures as never });
}

Deno.test("images under attack stand in threes: as they are, what is changed, what comes of it", async () => {
  const page = await figure(0);
  assert.equal(page.match(/<li>/g)!.length, 2);
  const tiles = [
    ...page.matchAll(/<figure class="(\w+)">\s*<svg viewBox="([^"]+)" [^>]+aria-label="([^"]+)"/g),
  ]
    .map(([, frame, box, label]) => [frame, rounded(box!), label!.replace("\u00a0", " ")]);
  assert.deepEqual(tiles, [
    ["good", "0 0 2 2", "zero, recognised with 87.5 %"],
    ["plain", "2 0 2 2", "what the attack changes, × 15"],
    ["bad", "4 0 2 2", "zero under attack, taken for 3 with 99.8 %"],
    ["good", "0 2 2 2", "two, recognised with 87.5 %"],
    ["plain", "2 2 2 2", "what the attack changes, × 15"],
    ["bad", "4 2 2 2", "two under attack, taken for 3 with 99.8 %"],
  ]);
  const text = textOf(page).replaceAll("\u00a0", " ");
  assert.match(
    text,
    /plain under FGSM within 8\/255 towards 3 zero ✓ zero 87\.5 % change × 15 zero ✗ 3 99\.8 %/,
  );
  assert.match(text, /seed 0 of plain gets right, and that are taken for 3 under FGSM/);
  assert.doesNotMatch(text, /held no more/);
});

Deno.test("fewer fooled images than asked for are said, and none is no error", async () => {
  const [attacked] = ATTACKED;
  const fewer = { ...attacked!, tried: 256, images: attacked!.images.slice(1) };
  const left = await attackFiles([fewer, ATTACKED[1]]);
  const { picture } = await attackedFiles(IMAGES);
  left.set(at(picture), encodePng(new Uint8Array(12), 6, 2, 1));
  assert.match(textOf(await figure(0, { left })), /; the first 256 held no more: each image/);
  const none = await attackFiles([{ ...fewer, images: [] }, { ...ATTACKED[1], images: [] }]);
  assert.match(
    textOf(await figure(0, { left: none })),
    /Of the first 256 test images, none that plain-s0 gets right is taken for 3 under FGSM within 8\/255/,
  );
  assert.match(
    textOf(await figure(1, { left: none })),
    /plain-s0 gets none of the first 32 test images right\./,
  );
});

Deno.test("strips name the bound of each image, and what the net says of it", async () => {
  const page = await figure(1);
  assert.match(page, /<ul class="grid rows lines"><li>/);
  const text = textOf(page).replaceAll("\u00a0", " ");
  assert.match(text, /one ✓ one 99\.0 % ε 0\.1 ✓ one 90\.0 % ε 0\.2 ✗ zero 75\.0 %/);
  assert.match(page, /aria-label="one at ε 0\.2, taken for zero with 75\.0\s%"/);
  assert.match(text, /under random noise that changes each pixel by at most ε/);
});

Deno.test("robustness is a table of the numbers, of the checks and of what they come to", async () => {
  const text = textOf(await figure(2)).replaceAll("\u00a0", " ");
  assert.match(
    text,
    /Arm Clean Noise FGSM PGD From another net n plain 99\.0 % \[/,
  );
  assert.match(
    text,
    /fgsm-trained 98\.0 % \[[\d., -]+\] 90\.0 % .* – 2 pgd-trained 97.* 90\.0 % 2 Clean: all test images;/,
  );
  assert.match(
    text,
    /fgsm-trained Its robustness is an illusion: it is right on 93\.0 % under FGSM, but on 0\.0 % under PGD within the same bound\. ✓ holds: PGD is at least as strong as FGSM 0\.0 % under PGD, 93\.0 % under FGSM ✗ fails: Random noise is weaker than FGSM 90\.0 % under noise, 93\.0 % under FGSM ✓/,
  );
  assert.match(text, /plain It is not robust: of 99\.0 % clean, FGSM leaves 5\.0 % and PGD 0\.0 %/);
  assert.match(text, /20\.5 % from another net, 0\.0 % under PGD/);
  assert.match(text, /pgd-trained It withstands these attacks: of 97\.0 % clean/);
  assert.match(
    text,
    /first 1,000 test images under random noise within 0\.2, FGSM within 0\.2 and PGD within 0\.2 \(20 steps of 0\.05, 2 random starts\); from another net: made on plain of the next seed by FGSM within 0\.2; the very large bound of the checks is that of PGD within 1 \(40 /,
  );
  assert.match(
    text,
    /“its robustness is an illusion” where FGSM leaves at least half of the clean accuracy, but PGD/,
  );
});

Deno.test("an arm that lacks an accuracy is left out of the table by name", async () => {
  const { plain, ...others } = SHARES;
  const records = await attackCells({ plain: plain! });
  const { PGD: _, ...measures } = records[0]!.measures;
  const lacking = [{ ...records[0]!, measures }, ...records.slice(1)];
  const page = await figure(2, { records: lacking });
  assert.match(textOf(page), /Not measured for plain: PGD\./);
  assert.doesNotMatch(page, /<table>/);
  const some = textOf(await figure(2, { records: [...lacking, ...await attackCells(others)] }));
  assert.match(some, /From another net n fgsm-trained 98\.0 %.* Not measured for plain: PGD\./);
});

Deno.test("images made on a net itself are no black box to it, but to the others", async () => {
  const blackBox = { arm: "transfer", source: "plain" };
  const page = await figure(0, { declared: declaring({ ...ROBUSTNESS, blackBox }) });
  const text = textOf(page).replaceAll("\u00a0", " ");
  assert.match(
    text,
    / n plain 99\.0 .* – 2 fgsm-trained 98\.0 .* – 2 pgd-trained .* 50\.0 % 2 Clean:/,
  );
  assert.match(
    text,
    /✗ fails: Images made on another net are weaker than PGD on its own 50\.0 % from another net, 60/,
  );
  assert.match(text, /pgd-trained It is not proven robust: .* but a check fails/);
});

Deno.test("a table of robustness needs neither another net nor the share of one class", async () => {
  const { blackBox: _, oneClass: __, ...others } = ROBUSTNESS;
  const page = await figure(0, { declared: declaring(others) });
  assert.doesNotMatch(textOf(page), /another net |one class \d|From another/);
  assert.equal(page.match(/PGD is at least as strong/g)!.length, 3);
});

const SOUND: Shares = { clean: 0.98, noise: 0.97, fgsm: 0.8, pgd: 0.7, largest: 0.1, chance: 0.1 };

Deno.test("the sentence follows from the numbers by the rule below the table", () => {
  const said: [changes: Partial<Shares>, sentence: RegExp][] = [
    [{}, /^It withstands these attacks: .*; stronger ones may leave less\.$/],
    [{ fgsm: 0.93, pgd: 0 }, /^Its robustness is an illusion: .* 93\.0.% under FGSM, but on 0\.0/],
    // Just half of the clean accuracy, and just not half of what FGSM leaves.
    [{ fgsm: 0.49, pgd: 0.24 }, /illusion/],
    [{ fgsm: 0.489, pgd: 0.24 }, /^It is not robust: of 98\.0.% clean, FGSM leaves 48\.9/],
    [{ fgsm: 0.96, pgd: 0.48 }, /^It is not robust: .* PGD 48\.0/],
    [{ fgsm: 0.96, pgd: 0.49 }, /^It withstands/],
    [{ fgsm: 0.3, pgd: 0.7 }, /^It is not robust/],
    [
      { largest: 0.16 },
      /^It is not proven robust: .* but a check fails, so the attacks may be too/,
    ],
    [{ noise: 0.8, pgd: 0.81 }, /^It is not proven robust: .* but checks fail/],
    [{ blackBox: 0.69 }, /^It is not proven robust/],
    [{ fgsm: 0.93, pgd: 0, oneClass: 0.51 }, /^It has collapsed: it takes 51\.0.% of the images/],
  ];
  for (const [changes, sentence] of said) {
    assert.match(inWords({ ...SOUND, ...changes }), sentence, JSON.stringify(changes));
  }
});

Deno.test("each check fails where its numbers speak against it, and nowhere else", () => {
  const failed = (changes: Partial<Shares>) =>
    checks({ ...SOUND, blackBox: 0.9, oneClass: 0.2, ...changes })
      .filter(({ holds }) => !holds).map(({ what }) => what);
  assert.deepEqual(failed({}), []);
  const alone: [changes: Partial<Shares>, what: RegExp][] = [
    [{ pgd: 0.81 }, /^PGD is at least as strong as FGSM$/],
    [{ noise: 0.8 }, /^Random noise is weaker than FGSM$/],
    [{ largest: 0.151 }, /^A very large bound leaves hardly more than guessing$/],
    [{ blackBox: 0.69 }, /^Images made on another net are weaker/],
    [{ oneClass: 0.501 }, /^Answers do not collapse to one class$/],
  ];
  for (const [changes, what] of alone) {
    const found = failed(changes);
    assert.equal(found.length, 1, String(what));
    assert.match(found[0]!, what);
  }
  // At the limit all hold.
  assert.deepEqual(failed({ pgd: 0.8, largest: 0.15, blackBox: 0.8, oneClass: 0.5 }), []);
});

Deno.test("a run that has nothing under attack says so in a line", async () => {
  const pages = await Promise.all([0, 1, 2].map((n) => figure(n, { records: [] })));
  for (const page of pages) {
    assert.match(textOf(page), /Not in this run: plain/);
    assert.doesNotMatch(page, /<svg|<table/);
  }
  for (const n of [0, 1]) {
    const page = await figure(n, { left: new Map() });
    assert.match(textOf(page), /plain-s0 left no images under this attack\./);
  }
  // What was left for another attack is none for this one.
  const other = declaring({ ...IMAGES, attack: { ...IMAGES.attack, epsilon: 0.2 } });
  assert.match(textOf(await figure(0, { declared: other })), /left no images under this attack\./);
  const retitled = declaring({ ...IMAGES, title: "Threes" });
  assert.match(textOf(await figure(0, { declared: retitled })), /Threes zero ✓/);
});

Deno.test("damaged numbers or pictures of attacks are errors, and hostile names are text", async () => {
  const [attacked, strips] = ATTACKED;
  for (
    const [n, numbers] of [[0, [{ ...attacked, image: [2, 3, 1] }]], [0, [strips]], [1, [
      0,
      {},
    ]]] as const
  ) {
    const left = await attackFiles(numbers);
    await assert.rejects(figure(n, { left }), { name: "DeclarationError" });
  }
  const hostile = `"><script>alert('1')</script>`;
  const classes = [hostile, hostile, hostile, hostile];
  const left = await attackFiles([{ ...attacked, classes }, { ...strips, classes }]);
  const page = await reportPage(await attackRun({ left }));
  assert.ok(page.split("&lt;script&gt;alert").length > 8);
  assert.doesNotMatch(page, /<script/i);
  const ids = page.match(/(?<=\sid=")[^"]+/g)!;
  assert.equal(new Set(ids).size, ids.length);
});
