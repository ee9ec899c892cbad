/** Measures across cells, of records made by hand. */
import assert from "node:assert/strict";
import { DeclarationError } from "../../../core/experiment/declaration_error.ts";
import { defineExperiment } from "../../../core/experiment/define.ts";
import { claimDigest } from "../../../core/experiment/claims/claim.ts";
import { judgeRecords } from "../../../core/experiment/claims/judge_records.ts";
import { resultsFrom } from "../../../core/experiment/claims/results.ts";
import { choicesOf, choiceText } from "../../../core/experiment/measures/choices.ts";
import type { MeasureDeclaration } from "../../../core/experiment/measures/measure.ts";
import { meaningsOf } from "../../../core/experiment/measures/measure_digest.ts";
import { unitIn } from "../../../core/experiment/records/format.ts";
import type { CellRecord } from "../../../core/experiment/records/record.ts";
import { cell as reportCell } from "../../reports/fixture.ts";
import { DECLARATION } from "../tiny.ts";

const RATE = "optimiser.learningRate";
const RATES = [0.001, 0.01, 0.1];
const VALIDATION = "validation accuracy";

const MEASURES = {
  [VALIDATION]: { measure: "accuracy", set: "validation" },
  "parameters": { measure: "parameters", arms: ["narrow"] },
  "largest": { measure: "largestThat", sweep: "rates", of: VALIDATION, above: 0.3 },
  "range": { measure: "range", sweep: "rates", of: VALIDATION },
  "floored": { measure: "range", sweep: "rates", of: VALIDATION, floor: 0.1 },
  "steps": {
    measure: "stepsAtBest",
    sweep: "rates",
    by: VALIDATION,
    seed: 1000,
    share: 0.9,
    reference: "narrow",
    set: "validation",
    averaged: 2,
  },
  "gain": { measure: "gain", of: VALIDATION, over: { linear: "narrow" } },
} satisfies Record<string, MeasureDeclaration>;

const SWEPT = {
  ...DECLARATION,
  measures: MEASURES,
  claims: [{
    id: "steps",
    lecture: "none",
    paraphrase: "None.",
    parts: [{
      part: "steps",
      measure: "steps",
      compare: "below",
      value: 30,
      pairing: { arm: "linear" },
      minSeeds: 1,
    }],
  }, {
    id: "gain",
    lecture: "none",
    paraphrase: "None.",
    parts: [{
      part: "gain",
      measure: "gain",
      compare: "above",
      value: 0.1,
      pairing: { arm: "linear" },
      minSeeds: 1,
    }],
  }],
  // The rate of the narrow arm is 0.01, that of the linear one 0.1.
  sweeps: { rates: { arms: ["narrow", "linear"], over: { [RATE]: RATES } } },
} satisfies Parameters<typeof defineExperiment>[0];

const experiment = defineExperiment(SWEPT);
const OWN = { narrow: 0.01, linear: 0.1 } as const;

type Arm = keyof typeof OWN;

/** A cell that found these accuracies every ten steps; diverged, where there are none. */
async function cell(
  arm: Arm,
  seed: number,
  rate: number,
  accuracies: readonly number[],
): Promise<CellRecord> {
  const main = OWN[arm] === rate;
  const record = await reportCell(arm, seed);
  const claims = await Promise.all(
    experiment.claims.map(async (claim) => [claim.id, await claimDigest(claim)] as const),
  );
  return {
    ...record,
    id: `${arm}-s${seed}${main ? "" : `-${RATE}=${rate}`}`,
    tuning: seed === 1000,
    point: main ? {} : { [RATE]: rate },
    config: { kind: "supervised", data: "mnist", optimiser: { learningRate: rate, momentum: 0 } },
    status: accuracies.length === 0 ? "diverged" : "finished",
    steps: 100,
    digests: { ...record.digests, claims: Object.fromEntries(claims) },
    progress: {
      ...record.progress,
      evaluations: accuracies.map((accuracy, i) => (
        { step: 10 * (i + 1), set: "validation", accuracy, loss: 1, count: 100 }
      )),
    },
    measures: accuracies.length === 0 ? {} : { [VALIDATION]: accuracies.at(-1)! },
  };
}

/** The cells of an arm and seed, by rate. */
function grid(arm: Arm, seed: number, ...accuracies: readonly (readonly number[])[]) {
  return Promise.all(RATES.map((rate, i) => cell(arm, seed, rate, accuracies[i]!)));
}

/** At 0.01 the narrow arm is at its best, at 0.001 the linear one; 0.9 of 0.5 is to be reached. */
async function records(): Promise<CellRecord[]> {
  return [
    ...await grid("narrow", 0, [0.4], [0.1, 0.4, 0.5, 0.6, 0.6], []),
    ...await grid("linear", 0, [0.8, 0.2, 0.6, 0.7], [0.35], [0.9]),
    ...await grid("narrow", 1000, [0.4], [0.5], []),
    ...await grid("linear", 1000, [0.7], [0.7], [0.6]),
  ];
}

function measured(all: readonly CellRecord[], arm: Arm, seed = 0) {
  const found = resultsFrom(experiment, all).filter((result) =>
    result.arm === arm && result.seed === seed && Object.keys(result.point).length === 0
  );
  assert.equal(found.length, 1);
  return found[0]!.measures;
}

/** A number that was not rounded to what it should be. */
function near(found: unknown, expected: number): void {
  assert.ok(Math.abs(Number(found) - expected) < 1e-12, `${found}, expected ${expected}`);
}

Deno.test("measures across cells stand with the main cell of their arm and seed alone", async () => {
  const results = resultsFrom(experiment, await records());
  assert.equal(results.length, 12);
  for (const { tuning, point, measures } of results) {
    const main = !tuning && Object.keys(point).length === 0;
    assert.equal("largest" in measures, main);
  }
});

Deno.test("the largest value is that of the last cell above, and none above is none", async () => {
  const all = await records();
  // The cell at 0.1 diverged, which is a result.
  assert.equal(measured(all, "narrow")["largest"], 0.01);
  assert.equal(measured(all, "linear")["largest"], 0.1);
  const low = all.map((record) =>
    record.status === "diverged" ? record : { ...record, measures: { [VALIDATION]: 0.3 } }
  );
  assert.ok(!("largest" in measured(low, "linear")), "above means above");
});

Deno.test("a diverged cell counts as the floor of a range, without one there is no range", async () => {
  const all = await records();
  near(measured(all, "linear")["range"], 0.9 - 0.35);
  assert.ok(!("range" in measured(all, "narrow")));
  near(measured(all, "narrow")["floored"], 0.6 - 0.1);
});

Deno.test("steps are counted at each arm's own best point, to a share of the reference's", async () => {
  const all = await records();
  // Means of two: 0.25, 0.45: 0.9 of 0.5 is reached at once with the third.
  assert.equal(measured(all, "narrow")["steps"], 30);
  // Its best is the first of two equals, at 0.001. Means of two: 0.5.
  assert.equal(measured(all, "linear")["steps"], 20);
  const never = await cell("linear", 0, 0.001, [0.8, 0.05, 0.05]);
  const slow = all.map((record) => record.id === never.id ? never : record);
  assert.equal(measured(slow, "linear")["steps"], 100, "its whole length");
  const diverged = await cell("linear", 0, 0.001, []);
  const wild = all.map((record) => record.id === diverged.id ? diverged : record);
  assert.equal(measured(wild, "linear")["steps"], 100, "its whole length");
});

Deno.test("a gain is held over the other arm's main cell of the same seed", async () => {
  const all = await records();
  near(measured(all, "linear")["gain"], 0.9 - 0.6);
  assert.ok(!("gain" in measured(all, "narrow")));
  const alone = all.filter(({ id }) => id !== "narrow-s0");
  assert.ok(!("gain" in measured(alone, "linear")));
});

Deno.test("a cell that is missing, running or without the measure makes a measure absent", async () => {
  const all = await records();
  const linear = (change: (record: CellRecord) => CellRecord[], id: string) =>
    measured(all.flatMap((record) => record.id === id ? change(record) : [record]), "linear");
  const point = `linear-s0-${RATE}=0.01`;
  for (
    const change of [
      () => [],
      (record: CellRecord) => [{ ...record, status: "running" as const }],
      (record: CellRecord) => [{ ...record, measures: {} }],
    ]
  ) {
    assert.deepEqual(Object.keys(linear(change, point)), [VALIDATION, "steps", "gain"]);
    assert.ok(!("steps" in linear(change, `linear-s1000-${RATE}=0.01`)));
    assert.ok(!("steps" in linear(change, "narrow-s1000")), "the reference's");
  }
  const evaluations = { evaluations: [] };
  const blind = (record: CellRecord) => [
    { ...record, progress: { ...record.progress, ...evaluations } },
  ];
  assert.ok(!("steps" in linear(blind, `linear-s0-${RATE}=0.001`)), "no evaluation on the set");
});

Deno.test("an arm whose main cell diverged still has the measures of its sweep", async () => {
  const all = await records();
  const wild = await cell("linear", 0, 0.1, []);
  const measures = measured(all.map((record) => record.id === wild.id ? wild : record), "linear");
  assert.deepEqual(Object.keys(measures), ["largest", "floored", "steps"]);
  assert.equal(measures["largest"], 0.01);
});

Deno.test("what a record says itself of a measure across cells does not count", async () => {
  const all = await records();
  const forged = all.map((record) => ({ ...record, measures: { ...record.measures, range: 7 } }));
  assert.ok(!("range" in measured(forged, "narrow")));
});

Deno.test("choices name their points, and are none before all cells are done", async () => {
  const all = await records();
  const choices = choicesOf(experiment, all);
  assert.deepEqual(choices[0], {
    sweep: "rates",
    arm: "narrow",
    by: VALIDATION,
    seed: 1000,
    values: [
      { point: { [RATE]: 0.001 }, value: 0.4 },
      { point: { [RATE]: 0.01 }, value: 0.5 },
      { point: { [RATE]: 0.1 }, value: null },
    ],
    chosen: { [RATE]: 0.01 },
  });
  assert.deepEqual(choices.map((choice) => choiceText(experiment, choice)), [
    "narrow at its best: optimiser.learningRate 0.01 (validation accuracy 50.0 %, seed 1000, of 3 " +
    "points)",
    "linear at its best: optimiser.learningRate 0.001 (validation accuracy 70.0 %, seed 1000, of " +
    "3 points)",
  ]);
  const fewer = choicesOf(experiment, all.slice(0, -1));
  assert.deepEqual(fewer.map(({ arm }) => arm), ["narrow"]);
  const wild = all.map((record): CellRecord =>
    record.seed === 1000 ? { ...record, status: "diverged", measures: {} } : record
  );
  const [none] = choicesOf(experiment, wild);
  assert.equal(none!.chosen, null);
  assert.equal(choiceText(experiment, none!), "narrow diverged at all 3 points (seed 1000)");
  assert.ok(!("steps" in measured(wild, "linear")));
});

Deno.test("a claim is judged by measures across cells, and by no cell that tunes", async () => {
  const [steps, gain] = await judgeRecords(experiment, await records());
  assert.deepEqual([steps!.verdict, steps!.parts[0]!.seeds], ["supported", [0]]);
  assert.equal(steps!.parts[0]!.measured, 20);
  assert.deepEqual([gain!.verdict, gain!.parts[0]!.seeds], ["supported", [0]]);
});

Deno.test("a cell that a measure rests on must have been run under the same criteria", async () => {
  const all = await records();
  const meanings = await meaningsOf(experiment);
  const verdicts = async (id: string, digests: (record: CellRecord) => object) => {
    const changed = all.map((record) =>
      record.id === id ? { ...record, digests: { ...record.digests, ...digests(record) } } : record
    );
    return (await judgeRecords(experiment, changed)).map(({ verdict }) => verdict);
  };
  const other = "0".repeat(64);
  const measures = (name: string) => () => ({ measures: { [name]: other } });
  assert.deepEqual(await verdicts("linear-s0", measures("steps")), ["inconclusive", "supported"]);
  assert.deepEqual(
    await verdicts("linear-s0", () => ({ measures: { steps: meanings("steps", "linear") } })),
    ["supported", "supported"],
  );
  const both = ["inconclusive", "inconclusive"];
  assert.deepEqual(await verdicts("linear-s0", measures(VALIDATION)), both);
  const [tuned, held] = ["narrow-s1000", "narrow-s0"];
  assert.deepEqual(await verdicts(tuned, measures(VALIDATION)), ["inconclusive", "supported"]);
  assert.deepEqual(await verdicts(held, measures(VALIDATION)), ["supported", "inconclusive"]);
  const claims = ({ digests }: CellRecord) => ({ claims: { ...digests.claims, gain: other } });
  assert.deepEqual(await verdicts(held, claims), ["supported", "inconclusive"]);
});

Deno.test("what a measure across cells means hangs on its sweep and its own arms alone", async () => {
  const of = async (changes: object) => {
    const meanings = await meaningsOf(defineExperiment({ ...SWEPT, ...changes } as never));
    return ["largest", "gain"].map((name) => meanings(name, "linear"));
  };
  const [largest, gain] = await of({});
  assert.match(largest! + gain!, /^[0-9a-f]{128}$/);
  const finer = { rates: { arms: ["narrow", "linear"], over: { [RATE]: [...RATES, 1] } } };
  const [otherLargest, sameGain] = await of({ sweeps: finer });
  assert.notEqual(otherLargest, largest);
  assert.equal(sameGain, gain);
  const arms = { ...DECLARATION.arms, third: DECLARATION.arms.linear };
  const over = { linear: "narrow", third: "linear" };
  const more = { ...MEASURES, gain: { ...MEASURES.gain, over } };
  const swept = { rates: { ...SWEPT.sweeps.rates, arms: ["narrow", "linear", "third"] } };
  assert.deepEqual(await of({ arms, measures: more, sweeps: swept }), [largest, gain]);
  const turned = { ...MEASURES, gain: { ...MEASURES.gain, over: { linear: "third" } } };
  assert.notEqual((await of({ arms, measures: turned }))[1], gain);
});

Deno.test("a difference of shares is shown in points, a value of a field as it is", () => {
  const { measures } = experiment;
  const units = Object.keys(measures).map((name) => unitIn(measures, name));
  assert.deepEqual(units, ["share", "plain", "plain", "points", "points", "plain", "points"]);
});

for (
  const [name, changes, message] of [
    ["largest", { sweep: "rate" }, 'there is no sweep "rate"; did you mean "rates"? There are: ra'],
    [
      "largest",
      { of: "validation acuracy" },
      'arm "narrow": there is no measure within a cell "valid',
    ],
    ["largest", { of: "parameters" }, 'arm "linear": there is no measure within a cell "param'],
    ["largest", { of: "range" }, 'arm "narrow": there is no measure within a cell "range"'],
    ["range", { arms: ["narow"] }, 'sweep "rates": there is no arm "narow"; did you mean "narr'],
    ["steps", { reference: "linaer" }, 'sweep "rates": there is no arm "linaer"; did you mean'],
    ["steps", { by: "loss" }, 'arm "narrow": there is no measure within a cell "loss";'],
    ["gain", { over: { linear: "narow" } }, 'there is no arm "narow"; did you mean "narrow"? The'],
    ["gain", { over: { linear: "linear" } }, 'the arm "linear" is held over itself'],
    ["gain", { arms: ["narrow"] }, 'over: there is no arm "narrow"; did you mean "linear"? T'],
  ] as const
) {
  Deno.test(`the measure ${name} with ${JSON.stringify(changes)} is refused with help`, () => {
    const measures = { ...MEASURES, [name]: { ...MEASURES[name], ...changes } };
    assert.throws(() => defineExperiment({ ...SWEPT, measures } as never), (error: Error) => {
      assert.ok(error instanceof DeclarationError);
      const start = `experiment "tiny": measure "${name}": ${message}`;
      assert.equal(error.message.slice(0, start.length), start);
      return true;
    });
  });
}

Deno.test("the largest value is asked of one field of numbers", () => {
  const over = (over: object) => () =>
    defineExperiment({
      ...SWEPT,
      sweeps: { rates: { arms: ["narrow", "linear"], over: over as never } },
    });
  const start =
    'experiment "tiny": measure "largest": the largest value is asked of a sweep over one';
  const message = (rest: string) => ({
    name: "DeclarationError",
    message: `${start} field of numbers, and "rates" goes over ${rest}`,
  });
  assert.throws(over({ [RATE]: [1, 2], batch: [8, 4] }), message(`${RATE}, batch`));
  assert.throws(over({ data: ["mnist", "cifar10"] }), message("data, which are not all numbers"));
});

Deno.test("an opponent is not chosen by a measure across cells, which no cell that tunes has", () => {
  const claims = [{
    ...SWEPT.claims[0]!,
    parts: [{
      ...SWEPT.claims[0]!.parts[0]!,
      pairing: { arm: "third", minus: { bestOf: ["narrow", "linear"], by: "range", seed: 1000 } },
      measure: VALIDATION,
    }],
  }];
  const arms = { ...DECLARATION.arms, third: DECLARATION.arms.linear };
  assert.throws(
    () => defineExperiment({ ...SWEPT, arms, claims }),
    /claim steps, part "steps": there is no measure "range"; did you mean/,
  );
});
