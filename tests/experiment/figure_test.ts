/** Figures are checked with the declaration, and change nothing that a run is named by. */
import assert from "node:assert/strict";
import { adversarial } from "../../core/experiment/arms/adversarial.ts";
import { computation } from "../../core/experiment/arms/arm.ts";
import { timing } from "../../core/experiment/arms/timing.ts";
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
      ...{ pair, inspected, sum: computation({}, () => ({ total: 1 })) },
      cost: timing({ arms: ["narrow", "linear"], rounds: 3 }),
      shown: transfer({
        data: "mnist",
        sources: [{ arm: "linear" }],
        targets: ["narrow"],
        attack: { attack: "fgsm", epsilon: 0.1 },
        images: 10,
      }),
      whole: { ...inspected, inspect: { every: 4, landscape: [0.1, 0.2], histograms } },
    },
    sweeps,
    figures: figures as Figure[],
  });
}

Deno.test("defineExperiment() takes a figure of every kind", () => {
  const all = [...FIGURES, ...PAIR_FIGURES, ...GRID_FIGURES];
  assert.deepEqual(define(...all).figures, all);
  const [generated] = define({ figure: "generated", arm: "pair" }).figures!;
  assert.deepEqual(generated, { figure: "generated", arm: "pair", looks: 12 });
  assert.ok(define({ figure: "scatter", x: "total", y: "total", arms: ["sum"] }));
});

Deno.test("defineExperiment() names what is wrong with a figure, and the nearest name", () => {
  const [heatMap, byDepth] = GRID_FIGURES;
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
      /"pair" is adversarial, and this figure shows supervised arms: narrow, linear, inspected, whole$/,
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
      { figure: "transfer matrix", arm: "cost" },
      /"cost" trains no net, and this figure shows transfer arms: shown$/,
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
