/** The figures of sweeps, of what was found inside nets in training, and of times. */
import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import type { Figure } from "../../core/experiment/figure.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { reportPage } from "../../reports/report.ts";
import { cell, textOf } from "./fixture.ts";
import {
  byDepth,
  choosing,
  chosenBy,
  DECLARATION,
  diverged,
  drawn,
  gridCell,
  gridCells,
  gridRun,
  grids,
  inspected,
  inspections,
  RATE,
  timingCell,
} from "./grid_fixture.ts";

const arms = ["plain", "normal"];
const rates: Figure = { figure: "heat map", sweep: "rates", measure: "test accuracy", arms };
const both: Figure = { ...rates, sweep: "both", arms: ["normal"] };
const outputs: Figure = { figure: "histograms", arm: "normal" };
const times: Figure = { figure: "step times", arm: "cost" };

/** The n-th drawing for one width. */
function drawing(page: string, room: "wide" | "narrow" = "wide", n = 0): string {
  return page.split(`<div class="${room}">`)[n + 1]!.split("</div>")[0]!;
}

/** What stands in tiles or below an axis, by the class of its marks. */
function texts(svg: string, mark: "role-mark" | "role-axis-label"): string[] {
  return svg.split(`<g class="mark-text ${mark}`).slice(1).flatMap((part) => (
    [...part.split("</g>")[0]!.matchAll(/<text[^>]*>(.*?)<\/text>/g)]
      .map(([, text]) => text!.replace(/<\/tspan><tspan[^>]*>/g, "|").replace(/<[^>]+>/g, ""))
  ));
}

/** The cells of {@link gridCells}, some changed. */
async function changed(
  change: (cell: CellRecord) => CellRecord | undefined,
): Promise<CellRecord[]> {
  return (await gridCells()).flatMap((cell) => change(cell) ?? []);
}

Deno.test("a heat map has arms by values, an arm itself where it is as declared", async () => {
  const page = await drawn(rates);
  assert.match(page, /<h3>Test accuracy by optimiser learning rate<\/h3>/);
  assert.match(page, /plain at 0\.01: 60\.5 %; plain at 0\.1: 50\.5 %; .* normal at 1: 70\.5 %\."/);
  const svg = drawing(page);
  assert.deepEqual(texts(svg, "role-mark"), ["60.5", "50.5", "70.5", "60.5", "50.5", "70.5"]);
  assert.deepEqual(texts(svg, "role-axis-label"), ["0.01", "0.1", "1", "plain", "normal"]);
  // One frame an arm.
  assert.equal(svg.match(/<path d="[^"]+" stroke="var\(--ink\)" stroke-width="2"\/>/g)!.length, 2);
  assert.match(textOf(page), /as the arm is declared .* Each .* over 2 seeds, in per cent; seeds/);
  assert.doesNotMatch(textOf(page), /✕|★|Not /);
});

Deno.test("tiles go from the first colour for the smallest number to the last for the largest", async () => {
  const fills = drawing(await drawn(rates)).match(/(?<=fill="var\(--heat-)\d/g)!;
  assert.deepEqual(fills.map(Number), [3, 0, 6, 3, 0, 6]);
});

Deno.test("on a phone the longer side of a heat map goes from top to bottom", async () => {
  const labels = texts(drawing(await drawn(rates), "narrow"), "role-axis-label");
  assert.deepEqual(labels, ["plain", "normal", "0.01", "0.1", "1"]);
});

Deno.test("a sweep over two fields has a chart for each arm", async () => {
  const page = await drawn(both);
  assert.match(page, /<h4>normal<\/h4>/);
  assert.match(page, /, normal\. 0\.1 and 32: 50\.5 %; 1 and 32: 75\.5 %; 0\.1 and 64: 80\.5 %; 1/);
  assert.equal((await drawn({ ...both, arms })).match(/<h4>/g)!.length, 2);
});

Deno.test("seeds that diverged are marked in a heat map, and left out of its means", async () => {
  const records = await changed((cell) => {
    const { arm, seed, point } = cell;
    const high = point[RATE] === 1 && point["batch"] === undefined;
    return high && (arm === "plain" || seed === 1) ? diverged(cell) : cell;
  });
  const page = await drawn(rates, { records });
  const tiles = texts(drawing(page), "role-mark");
  assert.deepEqual(tiles, ["60.5", "50.5", "diverged", "60.5", "50.5", "70.0|1 of 2|diverged"]);
  assert.match(page, /plain at 1: 2 of 2 diverged; .*normal at 1: 70\.0 %, 1 of 2 diverged\./);
  assert.match(textOf(page), /✕ diverged: a loss or gradient was not finite/);
  // Where there is no room for the words, the sign stands for them.
  const wide = grids({ ...rates, title: "Many" });
  const values = Array.from({ length: 14 }, (_, i) => 1 / (i + 1));
  wide.sweeps!["rates"]!.over = { [RATE]: values };
  const many = (await Promise.all(
    values.map((value) => gridCell("plain", 0, { [RATE]: value })),
  )).map((cell, i) => i === 3 ? diverged(cell) : cell);
  const run = await gridRun({ declared: wide, records: many });
  assert.equal(texts(drawing(await reportPage(run)), "role-mark")[3], "✕");
});

Deno.test("the point that was chosen has a star, with what it was chosen by", async () => {
  const by = "validation accuracy";
  const records = [...await gridCells(), ...await choosing(by)];
  const page = await drawn(rates, { records, measures: chosenBy(by) });
  const tiles = texts(drawing(page), "role-mark");
  assert.deepEqual(tiles, ["60.5", "★|50.5", "70.5", "60.5", "50.5", "★|70.5"]);
  assert.match(
    textOf(page),
    /best was chosen by validation accuracy on seed 9, which is none of these\./,
  );
});

Deno.test("a heat map says what is missing in it, and takes no tuning cell", async () => {
  const tuning = { ...await gridCell("plain", 7, {}, 0.99), tuning: true };
  const records = await changed((cell) => {
    const { arm, seed, point } = cell;
    if (arm === "plain" && point[RATE] === 0.01) return undefined;
    if (arm === "plain" && point[RATE] === 1) return { ...cell, measures: {} };
    return arm === "normal" && seed === 1 ? { ...cell, status: "running" } : cell;
  });
  const page = await drawn(rates, { records: [...records, tuning] });
  assert.deepEqual(texts(drawing(page), "role-mark"), ["50.5", "60.0", "50.0", "70.0"]);
  const text = textOf(page);
  assert.match(text, /over 1 to 2 seeds/);
  assert.match(text, /Not in this run: 1 of 6 tiles\. 3 cells are not finished: left out\. Not/);
  assert.match(text, /Not measured in 2 cells\./);
  const main = await changed((cell) => Object.keys(cell.point).length > 0 ? undefined : cell);
  const without = await drawn(rates, { records: main });
  assert.match(textOf(without), /This run has no results of the sweep &quot;rates&quot;\./);
  assert.doesNotMatch(without, /<svg/);
});

Deno.test("gradients by depth are geometric means, in powers", async () => {
  const page = await drawn(byDepth("gradients", ["dense"]));
  // Looks at 1 and 101 times as much.
  assert.match(page, /plain ends at 1,005 \(3\); normal ends at 10\.05 \(3\)\./);
  assert.match(page, />gradient norm, logarithmic</);
  assert.match(page, />dense layers, first to last</);
  assert.match(textOf(page), /plain n = 2 normal n = 2/);
});

Deno.test("a layer that only one net has stands behind what it follows there", async () => {
  const svg = drawing(await drawn(byDepth("variance")));
  assert.deepEqual(texts(svg, "role-axis-label").slice(0, 7), [
    ...["flatten1", "dense1", "batchNorm1", "sigmoid1", "dense2", "sigmoid2", "dense3"],
  ]);
  assert.match(await drawn(byDepth("dead", ["sigmoid"])), /normal ends at 50\.0 % \(2\)\./);
  assert.match(await drawn(byDepth("mean")), /plain ends at 0 \(dense3\)/);
  assert.match(await drawn(byDepth("updates", ["dense"])), /plain ends at 0\.003 \(3\)/);
});

Deno.test("layer names stand upright where they do not fit side by side", async () => {
  const page = await drawn(byDepth("variance"));
  assert.doesNotMatch(drawing(page), /rotate\(270\)/);
  assert.equal(drawing(page, "narrow").match(/rotate\(270\)/g)!.length, 7);
});

Deno.test("a layer without a number, or with a gradient of exactly 0, has no point", async () => {
  // The drift of what has no variance is null.
  assert.match(await drawn(byDepth("drift")), /plain ends at 0\.04125 \(dense3\)/);
  const records = await changed((cell) => {
    const { inspections } = cell.progress;
    if (cell.arm !== "plain" || !inspections) return cell;
    const looks = inspections.looks.map((look) => (
      { ...look, gradients: [0, ...look.gradients.slice(1)] }
    ));
    return { ...cell, progress: { ...cell.progress, inspections: { ...inspections, looks } } };
  });
  const page = await drawn(byDepth("gradients", ["dense"]), { records });
  assert.match(textOf(page), /0 in some look, so left out: dense1 of plain\./);
  assert.match(page, /gradient norm, logarithmic/);
});

Deno.test("figures over steps take each look for itself", async () => {
  // Inputs of dense2 and dense3: sigmoid1 and sigmoid2, the mean over two seeds.
  assert.match(await drawn(inspected("drift")), /given\. plain ends at 0\.0175 \(100\); normal/);
  assert.match(await drawn(inspected("loss")), /batches\. plain ends at 1\.05 \(100\)/);
  assert.match(await drawn(inspected("loss range")), /plain ends at 1\.5 \(100\)/);
  const norm = 101 * Math.sqrt(1 + 100 + 10_000);
  const change = Number((4.5 / norm).toPrecision(4));
  assert.ok((await drawn(inspected("gradient change"))).includes(`plain ends at ${change} (100)`));
});

Deno.test("a look that one seed lacks a number of is no place of a line", async () => {
  const records = await changed((cell) => {
    const { inspections } = cell.progress;
    if (cell.id !== "plain-s1" || !inspections) return cell;
    const looks = inspections.looks.map((look) => look.step > 0 ? { ...look, loss: null } : look);
    return { ...cell, progress: { ...cell.progress, inspections: { ...inspections, looks } } };
  });
  assert.match(
    await drawn(inspected("loss"), { records }),
    /plain ends at 2\.05 \(0\); normal ends at 1\.05 \(100\)/,
  );
});

Deno.test("arms that were not inspected, or not run, are named", async () => {
  const records = await changed((cell) => {
    const { inspections: _, ...progress } = cell.progress;
    if (cell.arm === "normal") return undefined;
    return cell.id === "plain-s1" ? { ...cell, progress } : cell;
  });
  for (const figure of [byDepth("gradients"), inspected("drift")]) {
    const page = await drawn(figure, { records });
    assert.match(textOf(page), /Not in this run: normal\. Not inspected in this run: plain\./);
    assert.doesNotMatch(page, /<svg/);
  }
  assert.match(textOf(await drawn(outputs, { records })), /Not in this run: normal\./);
  const [first] = await gridCells();
  const { inspections: _, ...progress } = first!.progress;
  const bare = { ...outputs, arm: "plain" };
  const page = await drawn(bare, { records: [{ ...first!, progress }] });
  assert.match(textOf(page), /plain-s0 has no histograms\./);
});

Deno.test("histograms are one outline each, with what lies outside apart", async () => {
  const page = await drawn(outputs);
  // Of seed 0: nothing below, nothing above at first, and one of eight after a hundred steps.
  assert.match(
    page,
    /half lies\. sigmoid1 0\.25 to 0\.75 \(step 0\), then 0\.25 to 0\.75 \(step 100\)/,
  );
  const svg = drawing(page);
  const outlines = (colour: string) =>
    svg.match(new RegExp(`<path [^>]*d="M[^"]+"[^>]*fill="var\\(--${colour}\\)"`, "g"))?.length;
  assert.deepEqual([outlines("series-0"), outlines("ink")], [4, 2]);
  assert.deepEqual(texts(svg, "role-axis-label"), ["0", "100", "sigmoid1", "sigmoid2"]);
  assert.match(textOf(page), /seed 0\. .* apart are what lies below 0, and at 1 or above\./);
  const base = await gridCell("normal", 0);
  const one = inspections("normal", 0);
  const first = { ...base.progress, inspections: { ...one, looks: one.looks.slice(0, 1) } };
  const inside = await drawn(outputs, { records: [{ ...base, progress: first }] });
  assert.match(textOf(inside), /Nothing lies outside\./);
  assert.doesNotMatch(drawing(inside), /var\(--ink\)/);
});

Deno.test("histograms show six looks at most, four on a phone, the first and the last among them", async () => {
  const base = await gridCell("normal", 0);
  const one = inspections("normal", 0);
  const looks = Array.from({ length: 21 }, (_, i) => ({ ...one.looks[0]!, step: 100 * i }));
  const records = [{ ...base, progress: { ...base.progress, inspections: { ...one, looks } } }];
  const page = await drawn(outputs, { records });
  const steps = (room: "wide" | "narrow") =>
    texts(drawing(page, room), "role-axis-label").filter((label) => /^[\d,]+$/.test(label));
  assert.deepEqual(steps("wide"), ["0", "400", "800", "1,200", "1,600", "2,000"]);
  assert.deepEqual(steps("narrow"), ["0", "700", "1,300", "2,000"]);
});

Deno.test("step times are over all rounds, their ratios with an interval, beside the machine", async () => {
  const page = await drawn(times);
  assert.match(page, /step\. plain 2\.5 ms; normal 5 ms, 2\.05 \[[\d., ]+\] times plain\./);
  const text = textOf(page);
  assert.match(text, /plain 2\.5 1\.75 3\.25 normal 5 3\.5 6\.5 2\.05 \[1\.415, 2\.685\]/);
  assert.match(
    text,
    /On Some CPU, cpu device, 2 threads; another machine has other times\. .* n = 2 seeds/,
  );
  const untimed = { ...await timingCell(0), status: "running" as const };
  assert.match(textOf(await drawn(times, { records: [untimed] })), /cost, seed 0, is not finished/);
  assert.match(
    textOf(await drawn(times, { records: [await cell("cost", 0)] })),
    /This run left nothing for this figure\./,
  );
});

Deno.test("a page of all these figures escapes what is hostile, and has the same bytes again", async () => {
  const hostile = `"><script>alert('1')</script><img src=x onerror=alert(2)>`;
  const all = [rates, both, byDepth("variance"), inspected("loss"), outputs, times];
  const records = await changed((cell) => {
    const { inspections, timings } = cell.progress;
    const rename = (names: readonly string[]) => names.map((name) => name + hostile);
    const looks = (inspections?.looks ?? []).map((look) => ({
      ...look,
      histograms: Object.fromEntries(
        Object.entries(look.histograms!).map(([name, counts]) => [name + hostile, counts]),
      ),
    }));
    return {
      ...cell,
      device: { ...cell.device, name: hostile },
      progress: {
        ...cell.progress,
        ...(inspections && {
          inspections: {
            layers: rename(inspections.layers),
            trained: rename(inspections.trained),
            looks,
          },
        }),
        ...(timings && { timings: { ...timings, [hostile]: [1] } }),
      },
    };
  });
  const declared = defineExperiment({
    ...DECLARATION,
    measures: chosenBy(hostile),
    figures: all.map((figure) => ({ ...figure, title: hostile })),
  });
  const page = async () =>
    reportPage(await gridRun({ declared, records: [...records, ...await choosing(hostile)] }));
  const first = await page();
  assert.equal(await page(), first);
  assert.ok(first.split("&lt;script&gt;alert").length > 30);
  assert.doesNotMatch(first, /<(script|img|iframe|object)/i);
  const bare = first.match(/<[a-z][^>]*>/gi)!.map((tag) => tag.replace(/"[^"]*"/g, "")).join("");
  assert.doesNotMatch(bare, /\b(on\w+|style)=/i);
  assert.match(first, /<h4>normal<\/h4>/);
});
