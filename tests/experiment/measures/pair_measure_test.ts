import assert from "node:assert/strict";
import type { Adversarial } from "../../../core/experiment/arms/adversarial.ts";
import type { Supervised } from "../../../core/experiment/arms/arm.ts";
import {
  type Facts,
  type Measure,
  measureSchema,
  readingsFor,
  takeMeasure,
} from "../../../core/experiment/measures/measure.ts";
import { isOfPairs } from "../../../core/experiment/measures/pair_measure.ts";
import type { LookRecord } from "../../../core/experiment/records/record.ts";
import dcgan from "../../../experiments/dcgan/mod.ts";
import { tinyPairs } from "../tiny_pair.ts";

const main = dcgan.arms["dcgan"] as Adversarial;
const dense = dcgan.arms["dense"] as Adversarial;
const tiny = tinyPairs.arms["judged"] as Adversarial;
const net = tinyPairs.arms["net"] as Supervised;

/** What a look may say beyond its step. */
interface Said {
  readonly distance?: number | null;
  readonly entropy?: number;
  readonly accuracy?: number;
  readonly real?: number;
  readonly activations?: LookRecord["activations"];
}

function look(
  step: number,
  { distance = 1, entropy = 2, accuracy = 0.75, real = 0.5, activations }: Said = {},
): LookRecord {
  const rest = { rank: 6, covered: 9, confidence: 0.875, shares: Array(10).fill(0.1) };
  return {
    step,
    discriminator: { accuracy, real, loss: 0.5 },
    yardstick: { frechetDistance: distance, entropy, ...rest },
    ...(activations && { activations }),
  };
}

/** A look of a pair without a yardstick. */
function plain(step: number): LookRecord {
  const { yardstick: _, ...rest } = look(step);
  return rest;
}

const RANGE = { images: 20, real: 0.5, noise: 8 };

function taken(
  declared: Parameters<typeof measureSchema.parse>[0],
  looks: readonly LookRecord[],
  { arm = main, range }: { arm?: Adversarial; range?: Facts["range"] } = {},
): number | undefined {
  const facts = { evaluations: [], readings: {}, looks: [...looks], range };
  return takeMeasure(measureSchema.parse(declared), arm, facts);
}

function close(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-12, `${actual}`);
}

Deno.test("the Frechet distance is that of the last look, or of the one after so many images", () => {
  const looks = [look(200, { distance: 3 }), look(400, { distance: 2 }), look(600)];
  const measure = { measure: "frechetDistance" };
  assert.equal(taken(measure, looks), 1);
  assert.equal(taken({ ...measure, images: 400 * 64 }, looks), 2);
  close(taken({ ...measure, log: true, images: 200 * 64 }, looks), Math.log(3));
  assert.equal(taken({ ...measure, log: true }, looks), 0);
  // The dense pair takes 32 images a step, and sees half as many.
  assert.equal(taken({ ...measure, images: 400 * 32 }, looks, { arm: dense }), 2);
  assert.equal(taken({ ...measure, images: 300 * 64 }, looks), undefined);
  assert.equal(taken({ ...measure, images: 400 * 64 + 1 }, looks), undefined);
  assert.equal(taken(measure, [look(200, { distance: null })]), undefined);
  assert.equal(taken({ ...measure, log: true }, [look(200, { distance: 0 })]), -Infinity);
});

Deno.test("realism lies between noise, 0, and other real digits, 1, by logarithms", () => {
  const realism = (distance: number) =>
    taken({ measure: "realism" }, [look(1), look(2, { distance })], { range: RANGE });
  close(realism(8), 0);
  close(realism(0.5), 1);
  close(realism(2), 0.5);
  assert.ok(realism(16)! < 0);
  assert.equal(taken({ measure: "realism" }, [look(1)]), undefined);
  assert.equal(taken({ measure: "realism" }, [], { range: RANGE }), undefined);
});

Deno.test("classes, confidence and accuracy are those of the last look", () => {
  const last = look(2, { accuracy: 0.625 });
  const looks = [{ ...look(1), yardstick: { ...look(1).yardstick!, covered: 3 } }, last];
  assert.equal(taken({ measure: "classesCovered" }, looks), 9);
  assert.equal(taken({ measure: "confidence" }, looks), 0.875);
  assert.equal(taken({ measure: "discriminatorAccuracy" }, looks), 0.625);
});

Deno.test("the change of class entropy is from its highest to its last", () => {
  const looks = [1.5, 2.25, 1, 1.25].map((entropy, i) => look(i + 1, { entropy }));
  assert.equal(taken({ measure: "classEntropy" }, looks), 1.25);
  assert.equal(taken({ measure: "classEntropy", change: true }, looks), -1);
  assert.equal(taken({ measure: "classEntropy", change: true }, looks.slice(0, 2)), 0);
});

Deno.test("the end is ideal where the discriminator guesses and the distance is small", () => {
  const notIdeal = (said: Said) =>
    taken({ measure: "notIdeal" }, [look(1, said)], { range: RANGE });
  const ideal = { accuracy: 0.5, real: 0.5, distance: 1 };
  assert.equal(notIdeal(ideal), 0);
  assert.equal(notIdeal({ ...ideal, accuracy: 0.45, real: 0.2 }), 0);
  assert.equal(notIdeal({ ...ideal, accuracy: 0.55, real: 0.8 }), 0);
  assert.equal(notIdeal({ ...ideal, accuracy: 0.44 }), 1);
  assert.equal(notIdeal({ ...ideal, accuracy: 0.56 }), 1);
  // Half right by one answer for all is no guessing.
  assert.equal(notIdeal({ ...ideal, real: 0.19 }), 1);
  assert.equal(notIdeal({ ...ideal, real: 0.81 }), 1);
  assert.equal(notIdeal({ ...ideal, distance: 1.01 }), 1);
  assert.equal(notIdeal({ ...ideal, distance: null }), undefined);
  assert.equal(taken({ measure: "notIdeal" }, [look(1, ideal)]), undefined);
});

Deno.test("the change of the Frechet distance is over the last third, as a share", () => {
  const distances = [9, 8, 7, 6, 5, 3, 2, 4, 1, 1, 1, 3];
  const looks = distances.map((distance, i) => look((i + 1) * 200, { distance }));
  assert.equal(taken({ measure: "frechetChange" }, looks), 3 / 4 - 1);
  // One look alone tells of no change, nor does one that is only in the first two thirds.
  assert.equal(taken({ measure: "frechetChange" }, looks.slice(0, 1)), undefined);
  assert.equal(taken({ measure: "frechetChange" }, [looks[6]!, looks[11]!]), undefined);
});

Deno.test("the swing of the Frechet distance is that of the second half, over its mean", () => {
  const looks = [9, 8, 1, 4].map((distance, i) => look((i + 1) * 10, { distance }));
  assert.equal(taken({ measure: "frechetSwing" }, looks), 3 / 2.5);
  // One distance alone swings nowhere, and says nothing.
  const gap = [...looks.slice(0, 3), look(40, { distance: null })];
  assert.equal(taken({ measure: "frechetSwing" }, gap), undefined);
});

const SPREAD = (mean: number, variance: number) => ({ mean, variance });

Deno.test("activations are those of hidden layers: means over the second half, then the worst", () => {
  const looks = [
    // The first half is not asked.
    look(10, { activations: { "generator/selu1": SPREAD(9, 9) } }),
    look(20, {
      activations: {
        "generator/selu1": SPREAD(-1, 2),
        "generator/selu2": SPREAD(0.25, 1),
        "generator/sigmoid1": SPREAD(5, 0.01),
        "discriminator/selu1": SPREAD(0.5, 0.5),
      },
    }),
    look(15, {
      activations: {
        "generator/selu1": SPREAD(0, 4),
        "generator/selu2": SPREAD(0.25, 1),
        "generator/sigmoid1": SPREAD(5, 0.01),
        "discriminator/selu1": SPREAD(0.5, 1),
      },
    }),
  ].toSorted((a, b) => a.step - b.step);
  const of = (statistic: string) =>
    taken({ measure: "activation", statistic }, looks, { arm: dense });
  // Not the sigmoid's, which is the generator's output though a reshape follows.
  assert.equal(of("largest mean"), 0.5);
  assert.equal(of("least variance"), 0.75);
  assert.equal(of("largest variance"), 3);
  const output = look(1, { activations: { "generator/sigmoid1": SPREAD(5, 0.01) } });
  const measure = { measure: "activation", statistic: "largest mean" };
  assert.equal(taken(measure, [output], { arm: dense }), undefined);
  assert.equal(taken(measure, [look(1)], { arm: dense }), undefined);
});

Deno.test("the guidelines are asked of the declared nets", () => {
  for (const guideline of [1, 2, 3, 4, 5]) {
    assert.equal(taken({ measure: "obeys", guideline }, []), 1, `${guideline}`);
  }
  assert.equal(taken({ measure: "obeys", guideline: 3 }, [], { arm: tiny }), 0);
});

Deno.test("what the steps read and are told is asked of the compiled programs", () => {
  for (const [arm, batch] of [[main, 64], [dense, 32], [tiny, 16]] as const) {
    const of = (measure: object) => taken(measure, [], { arm });
    const labelled = (half: string, label: string) => of({ measure: "labelled", half, label });
    assert.equal(of({ measure: "imageSets", half: "generator" }), 0);
    assert.equal(of({ measure: "imageSets", half: "discriminator" }), 1);
    assert.equal(labelled("generator", "real"), batch);
    assert.equal(labelled("generator", "generated"), 0);
    assert.equal(labelled("discriminator", "real"), batch);
    assert.equal(labelled("discriminator", "generated"), batch);
  }
});

const ALL: readonly object[] = [
  { measure: "frechetDistance" },
  { measure: "frechetDistance", images: 64 },
  ...["realism", "classesCovered", "classEntropy", "confidence"].map((measure) => ({ measure })),
  { measure: "classEntropy", change: true },
  ...["notIdeal", "frechetChange", "frechetSwing"].map((measure) => ({ measure })),
  { measure: "activation", statistic: "least variance" },
];

Deno.test("where there is no look, or none by a yardstick, there is no value", () => {
  for (const measure of ALL) {
    for (const looks of [[], [plain(1)]]) {
      assert.equal(taken(measure, looks), undefined, JSON.stringify(measure));
      assert.equal(taken(measure, looks, { range: RANGE }), undefined, JSON.stringify(measure));
    }
  }
  assert.equal(taken({ measure: "discriminatorAccuracy" }, []), undefined);
  assert.equal(taken({ measure: "discriminatorAccuracy" }, [plain(1)]), 0.75);
});

Deno.test("a net has no measure of pairs, and a pair none of nets; both have some", () => {
  const facts: Facts = { evaluations: [], readings: {}, looks: [look(1)], range: RANGE };
  const none = { evaluations: [], readings: {} };
  for (const declared of ALL) {
    const measure = measureSchema.parse(declared);
    assert.ok(isOfPairs(measure));
    assert.equal(takeMeasure(measure, net, facts), undefined);
    assert.deepEqual(readingsFor(measure, main), []);
  }
  for (
    const declared of [
      { measure: "accuracy", set: "test" },
      { measure: "gap", trainAccuracy: 0.5, epochs: 1 },
      { measure: "accuracyUnder", changes: [{ change: "shift", right: 1, down: 0 }], images: 5 },
      { measure: "storedActivationBytes", batch: 8 },
    ]
  ) {
    const measure = measureSchema.parse(declared) as Measure;
    assert.ok(!isOfPairs(measure));
    assert.equal(takeMeasure(measure, main, facts), undefined);
    assert.deepEqual(readingsFor(measure, main), []);
  }
  for (const arm of [tiny, net]) {
    const cosines: Facts["cosines"] = [[200, 0.5], [300, -0.25]];
    assert.equal(takeMeasure({ measure: "reversal" }, arm, { ...none, cosines }), -0.125);
    assert.equal(takeMeasure({ measure: "reversal" }, arm, none), undefined);
  }
});

Deno.test("parameters of a pair are those of both nets, or of a layer by its net", () => {
  const of = (layer?: string) => taken({ measure: "parameters", layer }, [], { arm: tiny });
  const [generator, discriminator] = [
    [3 * 12 + 12, 24, 12 * 784 + 784],
    [784 * 8 + 8, 16, 8 + 1],
  ];
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b);
  assert.equal(of(), sum([...generator!, ...discriminator!]));
  assert.equal(of("generator/dense1"), generator![0]);
  assert.equal(of("discriminator/batchNorm1"), 16);
  assert.equal(of("dense1"), undefined);
  const shrinkage = { measure: "shrinkage", layer: "generator/dense2" };
  assert.equal(taken(shrinkage, [], { arm: tiny }), 784 / 12);
});
