import assert from "node:assert/strict";
import { z } from "zod";
import {
  armsOf,
  type Claim,
  claimDigest,
  claimSchema,
  describePart,
  type Part,
} from "../../../core/experiment/claims/claim.ts";

const part: Part = {
  part: "accuracy",
  measure: "test accuracy",
  compare: "above",
  value: 0.05,
  pairing: {
    arm: "reference",
    minus: { bestOf: ["dense", "dense-wide"], by: "validation accuracy", seed: 100 },
  },
  minSeeds: 5,
};
const counted: Part = {
  part: "parameters",
  measure: "parameters",
  compare: "exact",
  value: 26,
  pairing: { arm: "net" },
  minSeeds: 1,
};
const claim: Claim = {
  id: "cnn-vs-dense-accuracy",
  lecture: 'L13b "Convolutional Neural Networks (CNN)"',
  paraphrase: "On images a convolutional net beats a dense one.",
  parts: [part],
};

function complaint(input: unknown): string {
  const { error } = claimSchema.safeParse(input);
  assert.ok(error, "expected a complaint");
  return z.prettifyError(error);
}

function complaintAbout(change: Partial<Record<keyof Part, unknown>>): string {
  return complaint({ ...claim, parts: [{ ...part, ...change }] });
}

Deno.test("claimSchema takes a claim as it is and adds nothing", () => {
  const full: Claim = {
    ...claim,
    parts: [part, { ...counted, tolerance: 0.5 }, { ...counted, part: "list", value: [1, 2] }],
    marks: ["pilot", "by construction", "implied"],
    needsTraining: false,
    note: "32x32 is not large.",
  };
  assert.deepEqual(claimSchema.parse(full), full);
  assert.deepEqual(claimSchema.parse(claim), claim);
});

Deno.test("claimSchema refuses unknown fields, at every depth", () => {
  assert.match(complaint({ ...claim, verdict: "supported" }), /verdict/);
  assert.match(complaintAbout({ ["threshold" as keyof Part]: 1 }), /threshold/);
  assert.match(complaintAbout({ pairing: { arm: "a", times: "b" } }), /times/);
});

Deno.test("claimSchema explains in plain words what contradicts itself", () => {
  assert.match(
    complaintAbout({ pairing: { arm: "a", minus: "b", over: "c" } }),
    /`minus` or `over`, not both/,
  );
  assert.match(complaintAbout({ tolerance: 0 }), /a tolerance belongs to "exact", not to "above"/);
  assert.match(complaintAbout({ value: [1, 2] }), /a list of values belongs to "exact"/);
  assert.match(complaintAbout({ compare: "within", value: -1 }), /must not be negative, found -1/);
  assert.match(
    complaintAbout({ pairing: { arm: "a", minus: "a" } }),
    /"a" is compared with itself/,
  );
  assert.match(
    complaintAbout({
      pairing: { arm: "a", over: { bestOf: ["b", "a"], by: "accuracy", seed: 9 } },
    }),
    /"a" is compared with itself/,
  );
  assert.match(complaint({ ...claim, parts: [part, part] }), /two parts are called "accuracy"/);
});

Deno.test("claimSchema explains in plain words what is missing or out of range", () => {
  assert.match(complaint({ ...claim, id: "CNN vs dense" }), /kebab-case/);
  assert.match(complaint({ ...claim, paraphrase: " " }), /must not be empty/);
  assert.match(complaint({ ...claim, parts: [] }), /at least one part/);
  assert.match(complaintAbout({ minSeeds: 0 }), /at least one seed/);
  assert.match(complaintAbout({ value: NaN }), /finite number/);
  assert.match(
    complaintAbout({ pairing: { arm: "a", minus: { bestOf: ["b"], by: "x", seed: 1 } } }),
    /needs at least two arms/,
  );
});

Deno.test("claimDigest() is pinned: another digest for old criteria would disown old runs", async () => {
  assert.equal(
    await claimDigest(claim),
    "a489b0381283cee15abedf5b9ca2889c78b82284e9503a966e10d224c727eb00",
  );
});

Deno.test("claimDigest() ignores prose, marks, notes, key order and spelt-out defaults", async () => {
  const { pairing, ...rest } = part;
  const same: Claim = {
    ...claim,
    lecture: "elsewhere",
    paraphrase: "In other words.",
    marks: ["pilot"],
    needsTraining: true,
    note: "A note.",
    parts: [{ pairing, ...rest }],
  };
  assert.equal(await claimDigest(same), await claimDigest(claim));
  assert.equal(
    await claimDigest({ ...claim, parts: [{ ...counted, tolerance: 0 }] }),
    await claimDigest({ ...claim, parts: [counted] }),
  );
});

Deno.test("claimDigest() changes with the id and with any field of any part", async () => {
  const minus = { bestOf: ["dense", "dense-wide"], by: "validation accuracy", seed: 100 };
  const changes: Partial<Part>[] = [
    { part: "other" },
    { measure: "validation accuracy" },
    { compare: "below" },
    { value: 0.04 },
    { value: [0.05] },
    { tolerance: 0.01 },
    { minSeeds: 3 },
    { pairing: { arm: "reference" } },
    { pairing: { arm: "other", minus } },
    { pairing: { arm: "reference", over: minus } },
    { pairing: { arm: "reference", minus: "dense" } },
    { pairing: { arm: "reference", minus: { ...minus, bestOf: ["dense", "wide"] } } },
    { pairing: { arm: "reference", minus: { ...minus, by: "gap" } } },
    { pairing: { arm: "reference", minus: { ...minus, seed: 101 } } },
  ];
  const digests = await Promise.all([
    claimDigest(claim),
    claimDigest({ ...claim, id: "other" }),
    claimDigest({ ...claim, parts: [part, counted] }),
    ...changes.map((change) => claimDigest({ ...claim, parts: [{ ...part, ...change }] })),
  ]);
  assert.equal(new Set(digests).size, changes.length + 3);
});

Deno.test("armsOf() names the arm and all it may be compared with", () => {
  assert.deepEqual(armsOf(counted), ["net"]);
  assert.deepEqual(armsOf({ pairing: { arm: "a", over: "b" } }), ["a", "b"]);
  assert.deepEqual(armsOf(part), ["reference", "dense", "dense-wide"]);
});

Deno.test("describePart() says every comparison and pairing in plain words", () => {
  const minus = { bestOf: ["a", "b", "c"], by: "x", seed: 9 };
  const cases: [Part, string][] = [
    [
      part,
      "test accuracy, reference minus the better of dense and dense-wide: above 0.05, at least 5 seeds",
    ],
    [
      { ...part, compare: "below", pairing: { arm: "stride-2", over: "stride-1" } },
      "test accuracy, stride-2 over stride-1: below 0.05, at least 5 seeds",
    ],
    [
      { ...part, compare: "within", pairing: { arm: "net", minus }, minSeeds: 3 },
      "test accuracy, net minus the best of a, b and c: between -0.05 and 0.05, at least 3 seeds",
    ],
    [counted, "parameters, net: exactly 26"],
    [
      { ...counted, value: [4, 5], tolerance: 0.5 },
      "parameters, net: exactly 4, 5, give or take 0.5",
    ],
    [
      { ...part, compare: "occurs", pairing: { arm: "net" } },
      "test accuracy, net: above 0.05 in at least one seed, of at least 5 seeds",
    ],
  ];
  for (const [input, words] of cases) assert.equal(describePart(input), words);
});
