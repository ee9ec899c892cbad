/** Figures are checked with the declaration, and change nothing that a run is named by. */
import assert from "node:assert/strict";
import { adversarial } from "../../core/experiment/arms/adversarial.ts";
import { computation } from "../../core/experiment/arms/arm.ts";
import { timing } from "../../core/experiment/arms/timing.ts";
import type { AttackDeclaration } from "../../core/train/attack.ts";
import { transfer } from "../../core/experiment/arms/transfer.ts";
import { claimDigest } from "../../core/experiment/claims/claim.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import type { Figure } from "../../core/experiment/figure.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { DECLARATION, tiny } from "./tiny.ts";

const arms = ["narrow", "linear"];
const curve = { figure: "curve", title: "Shift", x: "pixels", arms } as const;
const points = [0, 4].map((x) => ({ x, measure: "test accuracy" }));
const FIGURES: Figure[] = [
  { figure: "learning curves", arms, set: "validation" },
  { figure: "scatter", x: "parameters", y: "test accuracy", arms },
  { ...curve, points },
  { figure: "filters", arm: "narrow", layer: "dense1" },
  { figure: "predictions", arm: "linear" },
];
const PAIR_FIGURES: Figure[] = [
  { figure: "generated", arm: "pair", looks: 4 },
  { figure: "interpolation", arm: "pair" },
  { figure: "neighbours", arm: "pair" },
  { figure: "over time", arms: ["pair"], what: "losses" },
];
const inspected = { ...DECLARATION.arms.narrow, inspect: { every: 4 } };
const histograms = { layers: "relu", from: 0, to: 1, bins: 10 };
const rate = "optimiser.learningRate";
const sweeps = {
  rates: { arms: ["narrow"], over: { [rate]: [0.1, 1] } },
  cube: { arms: ["narrow"], over: { [rate]: [0.1, 1], batch: [8, 16], trainImages: [32, 64] } },
};
const GRID_FIGURES: Figure[] = [
  { figure: "heat map", sweep: "rates", measure: "test accuracy", arms: ["narrow"] },
  { figure: "by depth", what: "gradients", arms: ["inspected"], layers: ["dense"] },
  { figure: "inspected", what: "drift", arms: ["inspected", "whole"] },
  { figure: "inspected", what: "loss range", arms: ["whole"] },
  { figure: "histograms", arm: "whole" },
  { figure: "step times", arm: "cost" },
  { figure: "transfer matrix", arm: "shown" },
];
const attack = { attack: "fgsm", epsilon: 0.1 } as const;
/** Accuracies under attack. */
const under = (attack: AttackDeclaration, images = 100) => (
  { measure: "attackedAccuracy", attack, images } as const
);
const pgd = { attack: "pgd", epsilon: 0.1, stepSize: 0.02, steps: 10 } as const;
const measures = {
  ...DECLARATION.measures,
  "noise": under({ attack: "noise", epsilon: 0.1 }),
  "FGSM": under(attack),
  "FGSM 0.2": under({ attack: "fgsm", epsilon: 0.2 }),
  "FGSM few": under(attack, 50),
  "FGSM to 3": under({ ...attack, target: "3" }),
  "PGD": under(pgd),
  "PGD 1": under({ ...pgd, epsilon: 1 }),
  "PGD l2": under({ ...pgd, norm: "l2" }),
  "one class": { measure: "oneClass", images: 100 },
  "validation accuracy": { measure: "accuracy", set: "validation" },
} as const;
const shares = { clean: "test accuracy", noise: "noise", fgsm: "FGSM", pgd: "PGD" };
const further = { largest: "PGD 1", oneClass: "one class" };
const carried = {
  data: "mnist",
  sources: [{ arm: "linear" }],
  targets: ["narrow"],
  attack,
  images: 100,
} satisfies Parameters<typeof transfer>[0];
const ATTACK_FIGURES: Figure[] = [
  { figure: "attacked images", arm: "narrow", attack, images: 3, amplified: 10 },
  { figure: "epsilon strips", arm: "narrow", attack: "noise", epsilons: [0.1, 0.3], images: 2 },
  {
    ...{ figure: "robustness", arms, ...shares, ...further },
    blackBox: { arm: "shown", source: "linear" },
  },
];
const net = [{ layer: "dense" as const, units: 1 }];
const half = { net, optimiser: { optimiser: "sgd" as const, learningRate: 0.1 } };
const pair = adversarial({
  data: "mnist",
  code: 4,
  generator: half,
  discriminator: half,
  trainImages: 64,
  lookEvery: 4,
});

function define(...figures: unknown[]) {
  return defineExperiment({
    ...DECLARATION,
    arms: {
      ...DECLARATION.arms,
      ...{ pair, inspected, raw: { ...DECLARATION.arms.linear, pixels: "raw" as const } },
      ...{ sum: computation({}, () => ({ total: 1 })) },
      cost: timing({ arms: ["narrow", "linear"], rounds: 3 }),
      ...{ shown: transfer(carried), few: transfer({ ...carried, images: 50 }) },
      whole: { ...inspected, inspect: { every: 4, landscape: [0.1, 0.2], histograms } },
    },
    measures,
    sweeps,
    figures: figures as Figure[],
  });
}

Deno.test("defineExperiment() takes a figure of every kind", () => {
  const all = [...FIGURES, ...PAIR_FIGURES, ...GRID_FIGURES, ...ATTACK_FIGURES];
  assert.deepEqual(define(...all).figures, all);
  const [generated] = define({ figure: "generated", arm: "pair" }).figures!;
  assert.deepEqual(generated, { figure: "generated", arm: "pair", looks: 12 });
  const [attacked] = define({ figure: "attacked images", arm: "narrow", attack: pgd }).figures!;
  assert.deepEqual(attacked, {
    ...{ figure: "attacked images", arm: "narrow", images: 6 },
    attack: { ...pgd, norm: "max", start: "random", restarts: 1, loss: "cross-entropy" },
  });
  assert.ok(define({ figure: "scatter", x: "total", y: "total", arms: ["sum"] }));
});

Deno.test("defineExperiment() names what is wrong with a figure, and the nearest name", () => {
  const [heatMap, byDepth] = GRID_FIGURES;
  const [attacked, strips, robust] = ATTACK_FIGURES;
  const wrong: [figure: unknown, words: RegExp][] = [
    [
      { figure: "filters", arm: "narow", layer: "dense1" },
      /figures\[0\] \(filters\): .*"narrow"\?/,
    ],
    [
      { ...curve, points: [...points, { x: 8, measure: "test acuracy" }] },
      /did you mean "test acc/,
    ],
    [{ figure: "scatter", x: "paramters", y: "test accuracy", arms }, /did you mean "parameters"/],
    [{ figure: "predictions", arm: "sum" }, /arm "sum" trains no net/],
    [{ figure: "learning curves", arms: ["sum"], set: "test" }, /trains no net/],
    [{ figure: "learning curves", arms, set: "tests" }, /figures\.?\[0\]\.set: .*mean "test"/],
    [{ figure: "learning curves", arms: [], set: "test" }, /at least one arm/],
    [{ ...curve, points: points.slice(1) }, /at least two points/],
    [{ ...curve, points, arm: "narrow" }, /"arm" is no field here; did you mean "arms"/],
    [
      { figure: "predictions", arm: "pair" },
      /"pair" is adversarial, and this figure shows supervised arms: narrow, linear, inspected, raw, whole$/,
    ],
    [{ figure: "filters", arm: "pair", layer: "dense1" }, /shows supervised arms/],
    [{ figure: "learning curves", arms: ["pair"], set: "test" }, /shows supervised arms/],
    [{ figure: "generated", arm: "linear" }, /"linear" is supervised, .* adversarial arms: pair$/],
    [{ figure: "interpolation", arm: "sum" }, /"sum" trains no net, .* adversarial arms: pair$/],
    [{ figure: "neighbours", arm: "pairs" }, /did you mean "pair"/],
    [{ figure: "over time", arms: ["pair", "narrow"], what: "losses" }, /"narrow" is supervised/],
    [{ figure: "over time", arms: ["pair"], what: "loses" }, /mean "losses"/],
    [{ figure: "generated", arm: "pair", looks: 13 }, /figures\.?\[0\]\.looks/],
    [{ ...heatMap, sweep: "rate" }, /there is no sweep "rate"; did you mean "rates"\?/],
    [{ ...heatMap, measure: "accuracy" }, /did you mean "test accuracy"/],
    [
      { ...heatMap, arms: ["linear"] },
      /no arm in the sweep "rates" "linear"; did you mean "narrow"/,
    ],
    [
      { ...heatMap, sweep: "cube" },
      /room for 2 fields, and the sweep "cube" has 3: optimiser\.learningRate, batch, trainImages$/,
    ],
    [{ ...byDepth, arms: ["narrow"] }, /"narrow" has no inspect\.every, .* give it one, or leave/],
    [{ ...byDepth, arms: ["sum"] }, /"sum" trains no net/],
    [{ ...byDepth, layers: ["densse"] }, /no kind of layer in these arms "densse"; .*"dense"/],
    [{ ...byDepth, what: "gradient" }, /did you mean "gradients"/],
    [
      { figure: "inspected", what: "loss range", arms: ["whole", "inspected"] },
      /"inspected" has no inspect\.landscape/,
    ],
    [{ figure: "histograms", arm: "inspected" }, /"inspected" has no inspect\.histograms/],
    [
      { figure: "step times", arm: "narrow" },
      /"narrow" is supervised, and this figure shows timing/,
    ],
    [
      { ...attacked, attack: { ...attack, epsilon: -0.1 } },
      /epsilon must lie above 0 .* found -0\.1/,
    ],
    [{ ...attacked, attack: { ...attack, epsilon: 1.5 } }, /epsilon must .* at most at 1/],
    [{ ...attacked, attack: { attack: "fsgm", epsilon: 0.1 } }, /figures\.?\[0\]\.attack/],
    [
      { ...attacked, attack: { ...attack, target: "sven" } },
      /there is no class "sven"; did you mean/,
    ],
    [{ ...attacked, arm: "pair" }, /"pair" is adversarial/],
    [
      { ...attacked, arm: "raw" },
      /"raw" has pixels: "raw", and an attack's epsilon is a share/,
    ],
    [{ ...attacked, images: 13 }, /figures\.?\[0\]\.images/],
    [{ ...strips, arm: "raw" }, /"raw" has pixels: "raw"/],
    [{ ...strips, epsilons: [0.2, 0.1] }, /each must be larger than the one before it/],
    [{ ...strips, epsilons: [0, 0.1] }, /epsilons\[?\.?0/],
    [{ ...strips, attack: "pgd" }, /figures\.?\[0\]\.attack/],
    [{ ...robust, clean: "one class" }, /clean needs the accuracy on test .*, found "one class"/],
    [{ ...robust, clean: "validation accuracy" }, /clean needs the accuracy on test images/],
    [{ ...robust, pgd: "PDG" }, /did you mean "PGD"/],
    [{ ...robust, pgd: "FGSM" }, /"FGSM" is no attackedAccuracy under pgd without a target/],
    [{ ...robust, fgsm: "test accuracy" }, /"test accuracy" is no attackedAccuracy under fgsm/],
    [{ ...robust, fgsm: "FGSM to 3" }, /"FGSM to 3" is no .* without a target/],
    [{ ...robust, pgd: "PGD l2" }, /"PGD l2" is no .* in the max norm/],
    [{ ...robust, largest: "one class" }, /"one class" is no attackedAccuracy under an attack/],
    [
      { ...robust, fgsm: "FGSM 0.2" },
      /one and the same epsilon, found 0\.1 of "noise", 0\.2 of "FGSM 0\.2", 0\.1 of "PGD"/,
    ],
    [{ ...robust, largest: "PGD" }, /largest needs a larger epsilon than the others, found 0\.1,/],
    [{ ...robust, fgsm: "FGSM few" }, /the same number of images, found .* 50 of "FGSM few"/],
    [{ ...robust, oneClass: "noise" }, /oneClass needs a measure of that name, found "noise"/],
    [{ ...robust, arms: ["sum"] }, /"sum" trains no net/],
    [{ ...robust, oneClass: "one clas" }, /did you mean "one class"/],
    [{ ...robust, blackBox: { arm: "shwon", source: "linear" } }, /did you mean "shown"/],
    [
      { ...robust, blackBox: { arm: "cost", source: "narrow" } },
      /arm "cost" is timing, and blackBox needs a transfer, whose targets the arms are/,
    ],
    [{ ...robust, blackBox: { arm: "shown", source: "liner" } }, /no source "liner"; did you/],
    [
      { ...robust, arms: ["linear"], blackBox: { arm: "shown", source: "linear" } },
      /none of the arms is a target of "shown" besides "linear" itself; its targets are: narrow$/,
    ],
    [
      { ...robust, blackBox: { arm: "few", source: "linear" } },
      /arm "few" needs the images and the epsilon of "PGD", 100 and 0\.1 .* found 50 and \{"att/,
    ],
    [
      { figure: "transfer matrix", arm: "cost" },
      /"cost" trains no net, and this figure shows transfer arms: shown, few$/,
    ],
    [{ figure: "filter", arm: "narrow", layer: "dense1" }, /figures\[0\]\.figure/],
  ];
  for (const [figure, words] of wrong) {
    assert.throws(() => define(figure), (error: Error) => {
      assert.equal(error.name, "DeclarationError");
      assert.match(error.message, words);
      return true;
    });
  }
});

Deno.test("figures change no digest of a cell or a claim", async () => {
  const drawn = defineExperiment({ ...DECLARATION, figures: FIGURES });
  const digests = async (experiment: typeof tiny) => [
    ...(await planCells(experiment, { preset: "quick" })).map(({ digest }) => digest),
    ...await Promise.all(experiment.claims.map(claimDigest)),
  ];
  assert.deepEqual(await digests(drawn), await digests(tiny));
});
