import assert from "node:assert/strict";
import { type Claim, claimDigest, type Part } from "../../../core/experiment/claims/claim.ts";
import { judge, type JudgedCell, type Judgement } from "../../../core/experiment/claims/judge.ts";

const accuracy: Part = {
  part: "accuracy",
  measure: "accuracy",
  compare: "above",
  value: 0.05,
  pairing: { arm: "cnn", minus: "dense" },
  minSeeds: 3,
};
const size: Part = {
  part: "size",
  measure: "size",
  compare: "exact",
  value: 26,
  pairing: { arm: "cnn" },
  minSeeds: 1,
};
const crash: Part = { ...size, part: "crash", measure: "crash", compare: "occurs", value: 0.5 };
const bestOf: Part = {
  ...accuracy,
  pairing: { arm: "cnn", minus: { bestOf: ["dense", "wide"], by: "validation", seed: 100 } },
};

function claimOf(...parts: Part[]): Claim {
  return { id: "a-claim", lecture: "L13b", paraphrase: "In our words.", parts };
}

type Bare = Omit<JudgedCell, "claims" | "standIn"> & Partial<JudgedCell>;

/** Cells of seeds 0, 1, ... that agree to the bit or nearly so, whatever the measure. */
function run(arm: string, measure: string, ...values: (number | number[])[]): Bare[] {
  return values.map((value, seed) => ({ arm, seed, measures: { [measure]: value } }));
}

async function verdictOn(claim: Claim, cells: Bare[]): Promise<Judgement> {
  const claims = { [claim.id]: await claimDigest(claim) };
  const [judgement] = await judge(
    [claim],
    cells.map((cell) => ({ standIn: false, claims, ...cell })),
  );
  return judgement!;
}

const good = [
  ...run("cnn", "accuracy", 0.7, 0.71, 0.69),
  ...run("dense", "accuracy", 0.5, 0.5, 0.5),
];

Deno.test("judge() supports a claim whose paired interval lies beyond the threshold", async () => {
  const judgement = await verdictOn(claimOf(accuracy), good);
  assert.equal(judgement.id, "a-claim");
  assert.equal(judgement.verdict, "supported");
  assert.equal("reason" in judgement, false);
  const [part] = judgement.parts;
  assert.deepEqual(part!.seeds, [0, 1, 2]);
  assert.equal(part!.opponent, "dense");
  assert.ok(Math.abs(part!.mean! - 0.2) < 1e-12);
  assert.equal(part!.measured, part!.mean);
});

Deno.test("judge() refutes a claim whose parts are all refuted", async () => {
  const worse = [
    ...run("cnn", "accuracy", 0.5, 0.5, 0.5),
    ...run("dense", "accuracy", 0.5, 0.5, 0.5),
  ];
  const judgement = await verdictOn(claimOf(accuracy), worse);
  assert.equal(judgement.verdict, "refuted");
  assert.equal(judgement.parts[0]!.exact, true);
  assert.deepEqual(judgement.parts[0]!.interval, [0, 0]);
});

Deno.test("judge() calls a claim mixed when parts are supported and refuted", async () => {
  const large: Part = { ...size, part: "large", compare: "above", value: 100 };
  const cells = run("cnn", "size", 26);
  const judgement = await verdictOn(claimOf(size, large), cells);
  assert.equal(judgement.verdict, "mixed");
  assert.equal(judgement.reason, "size supported; large refuted");

  const absent: Part = { ...size, part: "absent", pairing: { arm: "absent" } };
  assert.equal((await verdictOn(claimOf(size, large, absent), cells)).verdict, "mixed");
});

Deno.test("judge() calls a claim inconclusive when a part is undecided, and says which", async () => {
  const cells = [
    { arm: "cnn", seed: 0, measures: { accuracy: 0.7, size: 26 } },
    ...run("dense", "accuracy", 0.5),
  ];
  const judgement = await verdictOn(claimOf(accuracy, size), cells);
  assert.equal(judgement.verdict, "inconclusive");
  assert.equal(judgement.reason, "accuracy inconclusive (1 seed of 3); size supported");
  assert.equal((await verdictOn(claimOf(accuracy), cells)).reason, "1 seed of 3");
});

Deno.test("judge() calls a claim not run without cells of its arms", async () => {
  for (const cells of [[], run("other", "accuracy", 1, 1, 1)]) {
    const judgement = await verdictOn(claimOf(accuracy), cells);
    assert.deepEqual(judgement, {
      id: "a-claim",
      verdict: "not run",
      parts: [{
        part: "accuracy",
        verdict: "not run",
        n: 0,
        seeds: [],
        exact: false,
        reason: "no cells of cnn, dense",
      }],
      reason: "no cells of cnn, dense",
    });
  }
});

Deno.test("judge() does not take a claim for run when one of its parts has no cells", async () => {
  const other: Part = { ...size, part: "other", pairing: { arm: "other" } };
  const judgement = await verdictOn(claimOf(size, other), run("cnn", "size", 26));
  assert.equal(judgement.verdict, "inconclusive");
  assert.equal(judgement.reason, "size supported; other not run (no cells of other)");
});

Deno.test("judge() says not seen, with its bound, only where no part says anything else", async () => {
  const cells = [0, 1, 2].map((seed) => ({ arm: "cnn", seed, measures: { crash: 0, size: 26 } }));
  const unseen = await verdictOn(claimOf(crash), cells);
  assert.equal(unseen.verdict, "not seen");
  assert.equal(unseen.parts[0]!.upperBound, 1 - 0.05 ** (1 / 3));
  assert.match(unseen.reason!, /^in none of 3 seeds/);

  const both = await verdictOn(claimOf(crash, size), cells);
  assert.equal(both.verdict, "inconclusive");
  assert.match(both.reason!, /^crash not seen \(in none of 3 seeds.*\); size supported$/);

  const refuted: Part = { ...size, part: "refuted", value: 27 };
  assert.equal((await verdictOn(claimOf(crash, refuted), cells)).verdict, "inconclusive");
  assert.equal((await verdictOn(claimOf(crash, size, refuted), cells)).verdict, "mixed");
});

Deno.test("judge() judges a claim that needs training on real data only", async () => {
  const standIn = good.map((cell) => ({ ...cell, standIn: true }));
  const judgement = await verdictOn(claimOf(accuracy), standIn);
  assert.equal(judgement.verdict, "inconclusive");
  assert.equal(judgement.reason, "stand-in data");
  assert.equal(judgement.parts[0]!.reason, "stand-in data");
  assert.equal(judgement.parts[0]!.n, 0);

  const free: Claim = { ...claimOf(accuracy), needsTraining: false };
  assert.equal((await verdictOn(free, standIn)).verdict, "supported");

  const extra = { arm: "cnn", seed: 3, measures: { accuracy: 0 }, standIn: true };
  const partly = await verdictOn(claimOf(accuracy), [...good, extra]);
  assert.equal(partly.verdict, "supported");
  assert.equal(partly.reason, "stand-in data: cnn seed 3");
});

Deno.test("judge() refuses cells that were run under other criteria, and names them", async () => {
  const claim = claimOf(accuracy);
  const old = await claimDigest(claimOf({ ...accuracy, value: 0.5 }));
  const late = [
    { arm: "cnn", seed: 3, measures: { accuracy: 0 }, claims: { [claim.id]: old } },
    { arm: "dense", seed: 3, measures: { accuracy: 0 }, claims: { [claim.id]: old } },
    { arm: "dense", seed: 4, measures: { accuracy: 0 }, claims: {} },
  ];
  const judgement = await verdictOn(claim, [...good, ...late]);
  assert.equal(judgement.verdict, "supported");
  assert.equal(
    judgement.reason,
    "3 cells were run under other criteria: cnn seed 3, dense seeds 3, 4",
  );
  const few = await verdictOn(claim, [...good.filter(({ seed }) => seed > 0), late[0]!]);
  assert.equal(few.verdict, "inconclusive");
  assert.equal(few.reason, "1 cell was run under other criteria: cnn seed 3; 2 seeds of 3");

  const none = await verdictOn(claim, late);
  assert.equal(none.verdict, "inconclusive");
  assert.match(none.reason!, /^3 cells were run under other criteria: [^;]*$/);
  assert.equal(none.parts[0]!.reason, "cells were run under other criteria");
});

Deno.test("judge() refuses claim by claim: a new criterion disowns no other claim's cells", async () => {
  const kept = { ...claimOf(accuracy), id: "kept" };
  const changed = { ...claimOf(accuracy), id: "changed" };
  const claims = { kept: await claimDigest(kept), changed: "another" };
  const cells = good.map((cell) => ({ ...cell, standIn: false, claims }));
  const verdicts = (await judge([kept, changed], cells)).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts, ["supported", "inconclusive"]);
});

Deno.test("judge() compares seed by seed and leaves out cells without their counterpart", async () => {
  const more = [...run("cnn", "accuracy", 0.7, 0.71, 0.69, 0, 0), ...good.slice(3)].reverse();
  const judgement = await verdictOn(claimOf(accuracy), more);
  assert.equal(judgement.verdict, "supported");
  assert.deepEqual(judgement.parts[0]!.seeds, [0, 1, 2]);
  assert.equal(judgement.reason, "no dense beside cnn seeds 3, 4");
});

Deno.test("judge() takes ratios with `over`, and one that has no value decides nothing", async () => {
  const part: Part = { ...accuracy, pairing: { arm: "cnn", over: "dense" }, value: 1.25 };
  const ratio = await verdictOn(claimOf(part), good);
  assert.equal(ratio.verdict, "supported");
  assert.ok(Math.abs(ratio.parts[0]!.mean! - 1.4) < 1e-12);

  const zero = [...good.slice(0, 3), ...run("dense", "accuracy", 0.5, 0.5, 0)];
  const without = await verdictOn(claimOf(part), zero);
  assert.equal(without.verdict, "inconclusive");
  assert.equal(without.reason, "2 seeds of 3; the comparison gives no finite number: cnn seed 2");
});

Deno.test("judge() compares lists place by place", async () => {
  const part: Part = { ...size, value: [1, 2], pairing: { arm: "cnn", minus: "dense" } };
  const lists = [...run("cnn", "size", [3, 5]), ...run("dense", "size", [2, 3])];
  assert.equal((await verdictOn(claimOf(part), lists)).verdict, "supported");
  const uneven = [...run("cnn", "size", [3, 5]), ...run("dense", "size", [2])];
  assert.equal(
    (await verdictOn(claimOf(part), uneven)).reason,
    "0 seeds of 1; lists of different lengths: cnn seed 0",
  );
});

Deno.test("judge() picks the opponent on its own seed, and by that seed alone", async () => {
  const validated = (arm: string, validation: number) => (
    { arm, seed: 100, measures: { validation, accuracy: 0 } }
  );
  const cells = [
    ...good,
    ...run("wide", "accuracy", 0.6, 0.6, 0.6),
    validated("cnn", 0),
    validated("dense", 0.4),
    validated("wide", 0.3),
  ];
  const dense = await verdictOn(claimOf(bestOf), cells);
  assert.equal(dense.parts[0]!.opponent, "dense");
  assert.deepEqual(dense.parts[0]!.seeds, [0, 1, 2]);
  assert.equal(dense.verdict, "supported");

  const wide = await verdictOn(claimOf(bestOf), [...cells.slice(0, -1), validated("wide", 0.5)]);
  assert.equal(wide.parts[0]!.opponent, "wide");
  const equal = await verdictOn(claimOf(bestOf), [...cells.slice(0, -1), validated("wide", 0.4)]);
  assert.equal(equal.parts[0]!.opponent, "dense");
});

Deno.test("judge() keeps cells of a tuning seed out of the claim's other parts", async () => {
  const level: Part = { ...accuracy, part: "level", pairing: { arm: "dense" }, minSeeds: 1 };
  const tuned = ["dense", "wide"].map((arm) => (
    { arm, seed: 100, measures: { validation: 0.4, accuracy: 0 } }
  ));
  const judgement = await verdictOn(claimOf(bestOf, level), [...good, ...tuned]);
  assert.deepEqual(judgement.parts[1]!.seeds, [0, 1, 2]);
});

Deno.test("judge() says what it lacks to pick the opponent", async () => {
  const cells = [...good, { arm: "dense", seed: 100, measures: { accuracy: 0.5 } }];
  const judgement = await verdictOn(claimOf(bestOf), cells);
  assert.equal(judgement.verdict, "inconclusive");
  assert.equal(
    judgement.reason,
    '"validation" is missing: dense seed 100; no cell to choose the opponent by: wide seed 100',
  );
});

Deno.test("judge() decides nothing by a measure that is missing, diverged or of another kind", async () => {
  const cases: [Bare[], string][] = [
    [[{ arm: "cnn", seed: 3, measures: {} }], '"accuracy" is missing: cnn seed 3'],
    [run("cnn", "accuracy", NaN).map(atSeed3), '"accuracy" is not finite (diverged): cnn seed 3'],
    [
      run("cnn", "accuracy", -Infinity).map(atSeed3),
      '"accuracy" is not finite (diverged): cnn seed 3',
    ],
    [run("cnn", "accuracy", [1, 2]).map(atSeed3), '"accuracy" is not one number: cnn seed 3'],
    [[good[0]!, ...run("cnn", "accuracy", 0.7).map(atSeed3)], "given more than once: cnn seed 0"],
  ];
  const three = run("dense", "accuracy", 0.5).map(atSeed3);
  for (const [extra, reason] of cases) {
    const judgement = await verdictOn(claimOf(accuracy), [...good, ...three, ...extra]);
    assert.equal(judgement.verdict, "inconclusive");
    assert.equal(judgement.reason, reason);
    assert.ok(judgement.parts[0]!.n >= 3, "enough seeds are left, and yet");
  }
  const opponent = [...good.slice(0, 5), ...run("dense", "accuracy", NaN).map(atSeed3)];
  const judgement = await verdictOn(claimOf(accuracy), [
    ...opponent,
    ...run("cnn", "accuracy", 0.7).map(atSeed3),
  ]);
  assert.match(judgement.reason!, /"accuracy" is not finite \(diverged\): dense seed 3/);

  const list: Part = { ...size, value: [1, 2] };
  assert.equal(
    (await verdictOn(claimOf(list), run("cnn", "size", 1))).reason,
    '0 seeds of 1; "size" is not a list: cnn seed 0',
  );
});

function atSeed3(cell: Bare): Bare {
  return { ...cell, seed: 3 };
}

Deno.test("judge() takes one seed as proof that something occurs, but not its absence", async () => {
  const part: Part = { ...crash, minSeeds: 2 };
  const seen = await verdictOn(claimOf(part), run("cnn", "crash", 1, 0, NaN));
  assert.equal(seen.verdict, "supported");
  assert.deepEqual(seen.parts[0]!.occurredIn, [0]);
  assert.equal(seen.reason, '"crash" is not finite (diverged): cnn seed 2');

  const unseen = await verdictOn(claimOf(part), run("cnn", "crash", 0, 0, NaN));
  assert.equal(unseen.verdict, "inconclusive");
  assert.equal("upperBound" in unseen.parts[0]!, false);
  assert.equal(unseen.reason, '"crash" is not finite (diverged): cnn seed 2');

  const few = await verdictOn(claimOf(part), run("cnn", "crash", 1, NaN));
  assert.equal(few.verdict, "inconclusive");
});
