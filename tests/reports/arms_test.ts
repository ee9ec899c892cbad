import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { nearestNeighbour } from "../../core/experiment/arms/nearest_neighbour.ts";
import { armsSection } from "../../reports/arms.ts";
import { numbersOf } from "../../reports/figures/measures.ts";
import { leftOut } from "../../reports/reported.ts";
import { cell, cells, DECLARATION, textOf, tinyRun } from "./fixture.ts";

const declared = { data: "mnist", metric: "l1", testImages: 1_500 } as const;
const neighbour = nearestNeighbour(declared);
const { small } = DECLARATION.arms;
const experiment = defineExperiment({
  ...DECLARATION,
  arms: { ...DECLARATION.arms, neighbour, third: small, fourth: small },
});

/** The nearest-neighbour arm's two shares. */
function shares() {
  return Promise.all(
    [[0, 1_000, 900], [1_000, 1_500, 300]].map(([from, to, correct]) =>
      cell("neighbour", 0, {
        id: `neighbour-s0-images=${from}`,
        config: { kind: "nearestNeighbour", ...declared, images: { from: from!, to: to! } },
        measures: { correct: correct!, images: to! - from! },
      })
    ),
  );
}

Deno.test("nearest neighbours stand in the report as one result, to the image", async () => {
  const run = await tinyRun({
    records: [...await cells(), ...await shares()],
    declared: experiment,
  });
  const text = textOf((armsSection(run) as { text: string }).text);
  assert.match(text, /neighbour\s+test accuracy\s+80\.0 %\s+correct\s+1,200\s+images\s+1,500/);
});

Deno.test("a figure of nearest neighbours takes their one result", async () => {
  const records = [...await cells(), ...await shares()];
  const run = await tinyRun({ records, declared: experiment });
  assert.deepEqual(numbersOf(run, "neighbour", "correct"), [1_200]);
  assert.deepEqual(numbersOf(run, "neighbour", "test accuracy"), [0.8]);
  const half = records.map((record) =>
    record.arm === "neighbour" ? { ...record, status: "running" as const } : record
  );
  const unfinished = await tinyRun({ records: half, declared: experiment });
  assert.deepEqual(numbersOf(unfinished, "neighbour", "correct"), []);
  assert.deepEqual(leftOut(unfinished, ["neighbour"]), [
    "neighbour, seed 0, is not finished: left out.",
  ]);
});

Deno.test("three arms stand side by side, without measures that none of them has", async () => {
  const others = await Promise.all([
    cell("third", 0, { measures: { "test accuracy": 0.5 } }),
    cell("fourth", 0, { measures: { parameters: 7 } }),
  ]);
  const run = await tinyRun({ records: [...await cells(), ...others], declared: experiment });
  const { text } = armsSection(run) as { text: string };
  const [first, second, ...rest] = text.split("<table>").slice(1).map(textOf);
  assert.equal(rest.length, 0);
  for (const name of ["small", "large", "third", "loss"]) assert.ok(first!.includes(name), name);
  assert.match(second!, /fourth\s+n\s+1\s+parameters\s+7/);
  assert.doesNotMatch(second!, /accuracy|loss/);
});
