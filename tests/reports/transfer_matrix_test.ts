/** The figure of a transfer, from records by hand. */
import assert from "node:assert/strict";
import { transfer } from "../../core/experiment/arms/transfer.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { takeTransfer } from "../../core/experiment/measures/transfer_measures.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { figuresSection } from "../../reports/figures.ts";
import { reported } from "../../reports/reported.ts";
import { cell, DECLARATION, memoryHost, stored, textOf } from "./fixture.ts";

const shown = transfer({
  data: "mnist",
  sources: [{ arm: "small" }, { arm: "small", seed: "next" }],
  targets: ["small", "large", { classic: "k-means" }],
  attack: { attack: "fgsm", epsilon: 0.2 },
  images: 100,
});
const experiment = defineExperiment({
  ...DECLARATION,
  arms: { ...DECLARATION.arms, shown },
  figures: [{ figure: "transfer matrix", arm: "shown" }],
});

/** What the targets get right of 100 images; one more with each seed where they are as they are. */
async function transferCell(seed: number): Promise<CellRecord> {
  const right = (clean: number, own: number, next: number) => (
    { clean: clean + seed, under: { "small": own, "small of the next seed": next } }
  );
  return {
    ...await cell("shown", seed),
    config: JSON.parse(JSON.stringify(shown)),
    measures: {
      ...takeTransfer("small", right(90, 0, 20), 100),
      ...takeTransfer("large", right(95, 30, 40), 100),
      ...takeTransfer("k-means", right(80, 70, 75), 100),
    },
  };
}

async function drawn(records: readonly CellRecord[]): Promise<string> {
  const run = await reported(memoryHost(new Map()), experiment, stored(records));
  const section = await figuresSection(run);
  return section === "" ? "" : section.text;
}

Deno.test("a transfer matrix has sources by targets, with means over seeds", async () => {
  const page = await drawn(await Promise.all([0, 1].map(transferCell)));
  assert.match(page, /<h3>Accuracy lost to images made on other models<\/h3>/);
  assert.match(
    page,
    /small by small 90\.5 points; large by small 65\.5 points; k-means by small 10\.5 points; small by small of the next seed 70\.5 points;/,
  );
  const tiles = ["90.5", "65.5", "10.5", "70.5", "55.5", "5.5"];
  const wide = page.split('<div class="wide">')[1]!.split("</div>")[0]!;
  const marks = wide.split('<g class="mark-text role-mark').slice(1).join("");
  assert.deepEqual(
    tiles.filter((tile) => !marks.includes(`>${tile}<`)),
    [],
  );
  const text = textOf(page);
  assert.match(text, /made on/);
  assert.match(text, /shown to/);
  assert.match(text, /Target Accuracy Lost by small Lost by small of the next seed/);
  assert.match(text, /k-means 80\.5 % \[74\.1, 86\.9\] 10\.5 points \[4\.1, 16\.9\]/);
  assert.match(text, /means over 2 seeds\./);
  assert.doesNotMatch(text, /Not /);
});

Deno.test("what a transfer matrix lacks is said in a line", async () => {
  const [first, second] = await Promise.all([0, 1].map(transferCell));
  const running = await drawn([first!, { ...second!, status: "running", measures: {} }]);
  assert.match(textOf(running), /shown, seed 1, is not finished: left out\./);
  assert.match(textOf(running), /means over 1 seed\./);
  assert.match(textOf(await drawn([])), /Not in this run: shown\./);
  assert.doesNotMatch(await drawn([]), /<svg/);
  const { "accuracy lost of large by small": _, ...measures } = first!.measures;
  const page = await drawn([{ ...first!, measures }]);
  assert.match(textOf(page), /Not measured for shown: accuracy lost of large by small\./);
  assert.match(page, /small by small 90\.0 points; k-means by small/);
});
