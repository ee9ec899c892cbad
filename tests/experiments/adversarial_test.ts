/** The declarations of the adversarial experiment hold what its names, claims and figures say. */
import assert from "node:assert/strict";
import { supervisedSchema } from "../../core/experiment/arms/arm.ts";
import { parametersOf } from "../../core/experiment/arms/nets.ts";
import { armsOf } from "../../core/experiment/claims/claim.ts";
import type { Measure } from "../../core/experiment/measures/measure.ts";
import { transferMeasures } from "../../core/experiment/measures/transfer_measures.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { brief } from "../../core/train/attack.ts";
import experiment from "../../experiments/adversarial/mod.ts";

const { arms, measures, claims, figures = [] } = experiment;

/** A trained arm as it is declared, defaults filled in. */
const trained = (name: string) => supervisedSchema.parse(arms[name]);
const names = Object.keys(arms).filter((name) => arms[name]!.kind === "supervised");

/** What an arm has otherwise than another one, by name: and nothing else. */
const DIFFERS: Record<string, readonly [plain: string, ...fields: string[]]> = {
  "reference-decay": ["reference", "weightDecay"],
  "reference-dropout": ["reference", "net"],
  "strided": ["reference", "net"],
  "reference-fgsm-trained": ["reference", "adversary", "steps"],
  "reference-pgd-trained": ["reference-fgsm-trained", "adversary"],
  "svm": ["softmax", "loss"],
  "mlp": ["softmax", "net"],
  "cnn": ["softmax", "net"],
  "fgsm-trained": ["cnn", "adversary"],
  "random-fgsm-trained": ["cnn", "adversary"],
  "pgd-trained": ["cnn", "adversary"],
  "cnn-2k": ["cnn", "epochs", "subset"],
  "fgsm-trained-2k": ["cnn-2k", "adversary"],
  "labels-100": ["mlp", "steps", "subset"],
  "vat-100": ["labels-100", "virtual"],
  "labels-1000": ["labels-100", "subset"],
  "vat-1000": ["labels-1000", "virtual"],
  "mlp-5k": ["mlp", "steps", "subset"],
  ...Object.fromEntries(
    names.filter((name) => /^(copies|flipped)-/.test(name)).map((name) =>
      [name, ["mlp-5k", "poison"]] as const
    ),
  ),
};

Deno.test("each arm differs from its plain one in what its name says, and in nothing else", () => {
  const others = names.filter((name) => !(name in DIFFERS));
  assert.deepEqual(others, ["reference", "softmax"]);
  for (const [name, [plain, ...fields]] of Object.entries(DIFFERS)) {
    const [own, other] = [trained(name), trained(plain)].map((arm) => new Map(Object.entries(arm)));
    const all = new Set([...own!.keys(), ...other!.keys()]);
    const differing = [...all].filter((field) =>
      JSON.stringify(own!.get(field)) !== JSON.stringify(other!.get(field))
    );
    assert.deepEqual(differing.sort(), fields, name);
  }
});

Deno.test("nets are those that the README names", () => {
  const kinds = (name: string) => trained(name).net.map(({ layer }) => layer);
  assert.equal(parametersOf(trained("reference")), 122_570, "the reference net of cnn");
  const { net } = trained("reference-dropout");
  const undropped = net.filter(({ layer }) => layer !== "dropout");
  assert.deepEqual(undropped, trained("reference").net);
  assert.equal(net.length - undropped.length, 3);
  assert.deepEqual(kinds("softmax"), ["flatten", "dense"]);
  assert.ok(!kinds("mlp").includes("conv2d") && kinds("cnn").includes("conv2d"));
  assert.ok(!kinds("strided").includes("maxPool"));
  for (const name of names) assert.equal(trained(name).pixels, "unit", name);
});

Deno.test("a number in an arm's name is the images or the share that it stands for", () => {
  for (const name of names) {
    const [, word, digits, thousand] = /^(.*)-(\d+)(k?)$/.exec(name) ?? [];
    if (word === undefined) continue;
    const { subset, poison } = trained(name);
    const number = Number(digits) * (thousand === "k" ? 1_000 : 1);
    if (word !== "copies" && word !== "flipped") assert.equal(subset, number, name);
    else {
      assert.equal(poison!.how, word === "copies" ? "near-copies" : "flipped labels", name);
      assert.equal(poison!.share, number / 100, name);
    }
  }
});

Deno.test("a net that is trained against an attack is asked about the same bound", () => {
  const against = names.filter((name) => trained(name).adversary);
  assert.deepEqual(against, names.filter((name) => name.includes("-trained")));
  for (const name of against) {
    const { adversary, data } = trained(name);
    const { attack, start, clean, epsilon, ramp } = adversary!;
    assert.equal(epsilon, data === "mnist" ? 0.2 : 8 / 255, name);
    assert.equal(attack, name.includes("pgd") ? "pgd" : "fgsm", name);
    assert.equal(start, /pgd|random/.test(name) ? "random" : "image", name);
    assert.equal(clean, start === "image" ? 0.5 : 0, name);
    assert.equal(ramp !== undefined, attack === "pgd", name);
  }
});

/** The attack of a measure that has one. */
function attackOf(measure: Measure | undefined) {
  return measure && "attack" in measure && measure.attack ? measure.attack : undefined;
}

/** What names say: of which attack, how far, and of PGD what else. */
const NAMED = /(FGSM|PGD|noise) ([\d.]+)(\/255)?(?: (on the margin|in L2))?$/;

Deno.test("the name of a measure says its attack and its size", () => {
  for (const [name, measure] of Object.entries(measures)) {
    const attack = attackOf(measure);
    if (!attack || name.includes("airplanes")) continue;
    const [, kind, size, of255, more] = NAMED.exec(name)!;
    assert.equal(attack.attack, kind!.toLowerCase(), name);
    assert.equal(attack.epsilon, of255 ? Number(size) / 255 : Number(size), name);
    if (attack.attack !== "pgd") continue;
    assert.equal(attack.norm, more === "in L2" ? "l2" : "max", name);
    assert.equal(attack.loss, more === "on the margin" ? "margin" : "cross-entropy", name);
    assert.ok(attack.steps * attack.stepSize >= 2 * attack.epsilon, `${name}: across the ball`);
  }
});

/** CLAIMS.md's list: each part's measure, of which arms, and its criterion. */
const CRITERIA: Record<string, readonly string[]> = {
  "adv-fgsm": ["survival, FGSM 2/255: reference below 0.5"],
  "adv-confidence": ["confidence when fooled, FGSM 8/255: reference above 0.9"],
  "adv-random-noise": [2, 8].map((n) => `lost to noise ${n}/255: reference within 0.02`),
  "adv-targeted": [
    "turned into airplanes: reference above 0.9",
    "confidence in airplanes: reference above 0.9",
  ],
  "adv-linear": ["true", "strongest wrong"].map((logit) =>
    `linear to 0.1, ${logit} logit: reference above 0.9`
  ),
  "adv-all-models": [
    ...["cnn", "mlp", "svm", "softmax"].map((arm) => `lost to FGSM 0.2: ${arm} above 0.2`),
    ...["naive Bayes", "decision tree", "k-means", "nearest neighbour"].map((model) =>
      `accuracy lost of ${model} by softmax: digits-transfer above 0.2`
    ),
  ],
  "adv-black-box": ["reference of the next seed", "strided"].map((source) =>
    `accuracy lost of reference by ${source}: colour-transfer above 0.2`
  ),
  "adv-regularisers": ["decay", "dropout"].map((what) =>
    `PGD 2/255: reference-${what} minus reference within 0.05`
  ),
  "adv-training-own": ["FGSM 0.2: fgsm-trained minus cnn above 0.3"],
  "adv-training-strong": ["fgsm-trained", "pgd-trained"].map((arm) => `PGD 0.2: ${arm} above 0.5`),
  "adv-training-clean": ["test accuracy: fgsm-trained minus cnn above 0"],
  "adv-regularises": [
    "final gap: cnn-2k minus fgsm-trained-2k above 0.005",
    "test accuracy: fgsm-trained-2k minus cnn-2k above -0.005",
  ],
  "adv-vat": ["test accuracy: vat-100 minus labels-100 above 0.02"],
  "adv-poisoning": ["test accuracy: mlp-5k minus copies-10 above 0.02"],
};

Deno.test("every claim of the list is declared with its criterion", () => {
  const declared = claims.map(({ id, parts }) => [
    id,
    parts.map(({ measure, pairing, compare, value }) => {
      assert.ok(pairing.over === undefined);
      const of = pairing.minus === undefined
        ? pairing.arm
        : `${pairing.arm} minus ${pairing.minus}`;
      return `${measure}: ${of} ${compare} ${value}`;
    }),
  ]);
  assert.deepEqual(declared, Object.entries(CRITERIA));
});

Deno.test("what the claims measure is what the list asks for", () => {
  const images = 1_000;
  const pgd = (epsilon: number) => (
    { attack: "pgd", epsilon, stepSize: epsilon / 10, steps: 20 } as const
  );
  const airplane = { ...pgd(8 / 255), steps: 40, target: "airplane" };
  const line = { along: "gradient", range: [-0.1, 0.1], points: 21 };
  const expected: Record<string, object> = {
    "survival, FGSM 2/255": { measure: "survival", attack: { attack: "fgsm", epsilon: 2 / 255 } },
    "confidence when fooled, FGSM 8/255": {
      measure: "attackConfidence",
      of: "fooled",
      attack: { attack: "fgsm", epsilon: 8 / 255 },
    },
    ...Object.fromEntries([2, 8].map((n) => [`lost to noise ${n}/255`, {
      measure: "accuracyLost",
      attack: { attack: "noise", epsilon: n / 255 },
    }])),
    "turned into airplanes": { measure: "reached", attack: airplane },
    "confidence in airplanes": { measure: "attackConfidence", of: "reached", attack: airplane },
    "linear to 0.1, true logit": { measure: "linearity", logit: "true", ...line },
    "linear to 0.1, strongest wrong logit": {
      measure: "linearity",
      logit: "strongest wrong",
      ...line,
    },
    "lost to FGSM 0.2": { measure: "accuracyLost", attack: { attack: "fgsm", epsilon: 0.2 } },
    "PGD 2/255": { measure: "attackedAccuracy", attack: pgd(2 / 255) },
    "FGSM 0.2": { measure: "attackedAccuracy", attack: { attack: "fgsm", epsilon: 0.2 } },
    "PGD 0.2": { measure: "attackedAccuracy", attack: { ...pgd(0.2), restarts: 2 } },
  };
  for (const [name, measure] of Object.entries(expected)) {
    const { arms: _, ...declared } = measures[name] as Measure & { readonly arms?: string[] };
    const attack = attackOf(measures[name]);
    const found = attack ? { ...declared, attack: brief(attack) } : declared;
    assert.deepEqual(found, { ...measure, images }, name);
  }
  assert.deepEqual(measures["test accuracy"], { measure: "accuracy", set: "test" });
  const { measure } = measures["final gap"]!;
  assert.equal(measure, "finalGap");
  const transfers = ["digits-transfer", "colour-transfer"].map((name) => {
    const arm = arms[name]!;
    assert.ok(arm.kind === "transfer");
    return { attack: brief(arm.attack), images: arm.images, names: transferMeasures(arm) };
  });
  assert.deepEqual(transfers.map(({ attack, images }) => [attack, images]), [
    [{ attack: "fgsm", epsilon: 0.2 }, images],
    [{ attack: "fgsm", epsilon: 8 / 255 }, images],
  ]);
  const known = [...Object.keys(expected), ...transfers.flatMap(({ names }) => names)];
  for (const { parts } of claims) {
    for (const { measure } of parts) {
      assert.ok([...known, "test accuracy", "final gap"].includes(measure), measure);
    }
  }
});

Deno.test("arms of one comparison see the same images as often", () => {
  const compared = claims.flatMap(({ parts }) => parts.map(armsOf)).filter((of) => of.length > 1);
  assert.equal(compared.length, 8);
  for (const pair of compared) {
    const seen = pair.map((name) => {
      const { data, trainImages, subset, batch, steps, epochs } = trained(name);
      return JSON.stringify([data, trainImages, subset, batch, steps, epochs]);
    });
    assert.equal(new Set(seen).size, 1, pair.join(", "));
  }
});

Deno.test("standard runs every arm of every claim with as many seeds as it needs", async () => {
  const cells = await planCells(experiment, { preset: "standard" });
  for (const { id, parts } of claims) {
    for (const part of parts) {
      for (const name of armsOf(part)) {
        const seeds = cells.filter(({ arm, tuning }) => arm === name && !tuning);
        assert.ok(seeds.length >= part.minSeeds && part.minSeeds >= 5, `${id}: ${name}`);
      }
    }
  }
});

Deno.test("a curve follows one attack, and its x is epsilon", () => {
  const curves = figures.filter((figure) => figure.figure === "curve");
  assert.equal(curves.length, 12);
  for (const { title, x, points } of curves) {
    const attacks = points.map((point) => {
      const { measure } = measures[point.measure]!;
      const { epsilon, ...attack } = brief(attackOf(measures[point.measure])!);
      assert.equal(epsilon, x === "epsilon" ? point.x : point.x / 255, title);
      assert.match(title!, new RegExp(`under ${attack.attack}$`, "i"));
      const isSure = title!.startsWith("Confidence where wrong");
      assert.equal(measure, isSure ? "attackConfidence" : "attackedAccuracy", title);
      const ofEpsilon = "stepSize" in attack &&
        { stepSize: (attack.stepSize / epsilon).toFixed(6) };
      return JSON.stringify([measure, { ...attack, ...ofEpsilon }]);
    });
    assert.equal(new Set(attacks).size, 1, title);
  }
});

Deno.test("a table of robustness is of one epsilon, which its title says", () => {
  const tables = figures.filter((figure) => figure.figure === "robustness");
  const found = tables.map(({ title, noise, fgsm, pgd, largest, arms: shown, blackBox }) => {
    const [epsilon, ...others] = [noise, fgsm, pgd].map((name) =>
      attackOf(measures[name])!.epsilon
    );
    assert.deepEqual(others, [epsilon, epsilon], title);
    const [, size, levels] = title!.match(/at ([\d.]+)(?:\/(255))?$/)!;
    assert.equal(Number(size) / Number(levels ?? 1), epsilon);
    // Half the range: every pixel may become grey, and nothing of a digit need be left.
    assert.equal(attackOf(measures[largest])!.epsilon, levels ? 64 / 255 : 0.5, title);
    if (blackBox) {
      const transfer = arms[blackBox.arm]!;
      assert.ok(transfer.kind === "transfer" && !shown.includes(blackBox.source), title);
      assert.equal(transfer.attack.epsilon, epsilon, title);
      const targets = shown.filter((name) => transfer.targets.includes(name));
      assert.deepEqual(targets, levels ? ["reference"] : shown);
    }
    const against = shown.flatMap((name) => trained(name).adversary?.epsilon ?? []);
    return { epsilon, blackBox: !!blackBox, against: [...new Set(against)] };
  });
  // What nets were trained against, and beyond it.
  assert.deepEqual(found, [
    { epsilon: 0.2, blackBox: true, against: [0.2] },
    { epsilon: 8 / 255, blackBox: true, against: [8 / 255] },
    { epsilon: 0.3, blackBox: false, against: [0.2] },
  ]);
});
