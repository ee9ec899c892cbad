import assert from "node:assert/strict";
import type { Comparison } from "../../core/reproduce/compare.ts";
import { answerOf, comparisonText } from "../../core/reproduce/tier.ts";

function cell(id: string, steps: number, of = steps, rest: Partial<Comparison> = {}): Comparison {
  return { id, bits: "same", steps, of, others: [], ...rest };
}

const grounds = { lockedCells: 24, unexpected: [] };

Deno.test("an answer says how many steps of how many cells were compared", () => {
  const text = (...cells: Comparison[]) => answerOf(cells, grounds).text;
  assert.equal(text(cell("a", 200, 7030)), "A: first 200 of 7,030 steps, 1 of 24 cells");
  assert.equal(text(cell("a", 3515), cell("b", 3515)), "A: 3,515 of 3,515 steps, 2 of 24 cells");
  assert.equal(
    text(cell("a", 3515), cell("b", 500), cell("c", 0)),
    "A: 4,015 of 4,015 steps in all, 3 of 24 cells",
  );
  assert.equal(text(cell("c", 0)), "A: 1 of 24 cells");
});

Deno.test("only the full set of cells is whole", () => {
  const all = [cell("a", 10)];
  assert.equal(
    answerOf(all, { ...grounds, lockedCells: 1, whole: true }).text,
    "A, whole: 10 of 10 steps, 1 of 1 cell",
  );
  const other = [cell("a", 10, 10, { bits: "other" })];
  const failed = answerOf(other, { lockedCells: 1, whole: true, unexpected: ["why"] });
  assert.equal(failed.text, "failed: 10 of 10 steps, 1 of 1 cell");
  assert.equal(answerOf(other, { ...grounds, whole: true }).tier, "B");
});

Deno.test("a cell that differs says where first, and what else", () => {
  const text = (rest: Partial<Comparison>) => comparisonText(cell("a", 9, 9, rest));
  assert.equal(text({}), "same bits");
  const other = { bits: "other" } as const;
  assert.equal(text({ ...other, weights: { step: 0 } }), "other weights at step 0");
  assert.equal(
    text({ ...other, weights: { step: 200, sameAt: 100 } }),
    "other weights at step 200; the same at step 100",
  );
  assert.equal(
    text({ ...other, others: ["finished, locked diverged (NaN)", "x: 1, locked 2"] }),
    "same weights, but other results: finished, locked diverged (NaN); x: 1, locked 2",
  );
  assert.equal(
    comparisonText(cell("a", 0, 0, { ...other, others: ["x: 1, locked 2"] })),
    "other results: x: 1, locked 2",
  );
  assert.match(text({ bits: "not compared" }), /^bits not compared: no spelling/);
});
