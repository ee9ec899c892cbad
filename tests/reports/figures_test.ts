import assert from "node:assert/strict";
import { decode } from "fast-png";
import { CheckpointError } from "../../core/train/checkpoint.ts";
import { figuresSection } from "../../reports/figures.ts";
import { cell, cells, experiment, files, textOf, tinyRun } from "./fixture.ts";

/** The section of the n-th figure. */
async function figure(n: number, ...options: Parameters<typeof tinyRun>): Promise<string> {
  const section = await figuresSection(await tinyRun(...options));
  assert.ok(section !== "");
  return section.text.split('<section class="figure">')[n + 1]!;
}

Deno.test("learning curves say where each arm ends, over how many seeds", async () => {
  const page = await figure(0);
  assert.match(
    page,
    /aria-label="Learning curves: test accuracy\. small ends at 61\.0 % \(8\); large/,
  );
  assert.match(textOf(page), /small n = 3.* large n = 3/);
  assert.match(page, />60 %<\/text>/);
});

Deno.test("learning curves take only the steps at which every finished seed was evaluated", async () => {
  const short = await cell("small", 1);
  const { evaluations } = short.progress;
  const records = [
    await cell("small", 0),
    { ...short, progress: { ...short.progress, evaluations: evaluations.slice(0, 1) } },
    await cell("small", 2, { status: "diverged", reason: "a loss of NaN" }),
    await cell("small", 9, { tuning: true }),
    await cell("small", 5, { point: { batch: 8 } }),
  ];
  const page = await figure(0, { records });
  assert.match(page, /small ends at 55\.5 % \(4\)\./);
  assert.match(textOf(page), /n = 2/);
  assert.match(textOf(page), /Not in this run: large\. small, seed 2, diverged: left out\./);
});

Deno.test("a scatter has means with intervals, and a logarithmic axis over decades", async () => {
  const page = await figure(1);
  assert.match(
    page,
    /Test accuracy against parameters\. small: 61\.0 % \[[\d., ]+\] at 5,000; large/,
  );
  assert.match(page, />parameters, logarithmic<\/text>/);
  assert.match(page, />10k<\/text>/);
  const narrow = (await cells()).map((cell) => (
    { ...cell, measures: { ...cell.measures, parameters: 100 + cell.seed } }
  ));
  assert.doesNotMatch(await figure(1, { records: narrow }), /logarithmic/);
});

Deno.test("a curve stands in the order of x, and names what was not measured", async () => {
  const page = await figure(2);
  assert.match(page, /Two measures\. small ends at 0\.61 \(1\); large ends at 0\.82 \(1\)\./);
  assert.match(page, />0\.8<\/text>/);
  // Ticks stand where something was measured, and only there.
  assert.doesNotMatch(page, />0\.5<\/text>/);
  const records = (await cells()).map((cell) => {
    const { loss: _, ...measures } = cell.measures;
    return cell.id === "large-s1" ? { ...cell, measures } : cell;
  });
  assert.match(textOf(await figure(2, { records })), /Not measured for large: loss\./);
});

Deno.test("filters are scaled each to its own range", async () => {
  const page = await figure(3);
  assert.match(textOf(page), /The 2 filters \(2 x 2\) of conv2d1 in small, seed 0, after 8 steps/);
  assert.equal(page.match(/aria-label="filter/g)!.length, 2);
  const png = Uint8Array.fromBase64(/base64,([^"]+)/.exec(page)![1]!);
  const { width, height, data } = decode(png);
  assert.deepEqual([width, height], [2, 4]);
  // Each filter's weights rise evenly.
  const expected = Array.from({ length: 12 }, (_, i) => Math.round(255 * i / 11));
  assert.deepEqual([...data], [...expected, ...expected]);
});

Deno.test("predictions tell right from wrong by sign, frame and colour", async () => {
  const page = await figure(4);
  assert.equal(page.match(/<figure class="good">/g)!.length, 2);
  assert.equal(page.match(/<figure class="bad">/g)!.length, 2);
  assert.match(textOf(page), /zero ✓ zero 75\.0 % one ✗ zero 75\.0 %/);
  assert.match(page, /aria-label="one, taken for zero with 75\.0\s%"/);
  assert.match(textOf(page), /2 of 4 are right/);
});

Deno.test("a figure whose cells or files are missing says so in a line", async () => {
  const none = await Promise.all([0, 1, 2, 3, 4].map((n) => figure(n, { records: [] })));
  for (const page of none) {
    assert.match(textOf(page), /Not in this run: small/);
    assert.doesNotMatch(page, /<svg/);
  }
  const left = new Map<string, Uint8Array<ArrayBuffer>>();
  assert.match(textOf(await figure(3, { left })), /small-s0 has no checkpoint\.safetensors\./);
  assert.match(textOf(await figure(4, { left })), /small-s0 left no sample images\./);
  const figures = experiment.figures!.map((figure) =>
    figure.figure === "filters" ? { ...figure, layer: "conv2d9" } : figure
  );
  const declared = { ...experiment, figures };
  assert.match(textOf(await figure(3, { declared })), /of small-s0 has no layer conv2d9\./);
  const unlike = (await cells()).map((cell) => ({ ...cell, measures: {} }));
  assert.match(textOf(await figure(1, { records: unlike })), /Not measured for small: parameters,/);
});

Deno.test("a damaged checkpoint or sample is an error, not a picture", async () => {
  const cut = files();
  const path = "runs/tiny/one/small-s0/checkpoint.safetensors";
  cut.set(path, cut.get(path)!.subarray(0, 40));
  await assert.rejects(figure(3, { left: cut }), CheckpointError);
  await assert.rejects(figure(4, { left: files({ format: 1 }) }), /predictions\.json is no record/);
});

Deno.test("without figures the trained arms' learning curves are drawn; with an empty list none", async () => {
  const { figures: _, ...declared } = experiment;
  assert.match(await figure(0, { declared }), /Learning curves: test accuracy/);
  const empty = await tinyRun({ declared: { ...experiment, figures: [] } });
  assert.equal(await figuresSection(empty), "");
});
