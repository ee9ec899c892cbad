/** Figures are checked with the declaration, and change nothing that a run is named by. */
import assert from "node:assert/strict";
import { adversarial } from "../../core/experiment/arms/adversarial.ts";
import { computation } from "../../core/experiment/arms/arm.ts";
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
    arms: { ...DECLARATION.arms, pair, sum: computation({}, () => ({ total: 1 })) },
    figures: figures as Figure[],
  });
}

Deno.test("defineExperiment() takes a figure of every kind", () => {
  const all = [...FIGURES, ...PAIR_FIGURES];
  assert.deepEqual(define(...all).figures, all);
  const [generated] = define({ figure: "generated", arm: "pair" }).figures!;
  assert.deepEqual(generated, { figure: "generated", arm: "pair", looks: 12 });
  assert.ok(define({ figure: "scatter", x: "total", y: "total", arms: ["sum"] }));
});

Deno.test("defineExperiment() names what is wrong with a figure, and the nearest name", () => {
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
      /"pair" is adversarial, and this figure shows supervised arms: narrow, linear$/,
    ],
    [{ figure: "filters", arm: "pair", layer: "dense1" }, /shows supervised arms/],
    [{ figure: "learning curves", arms: ["pair"], set: "test" }, /shows supervised arms/],
    [{ figure: "generated", arm: "linear" }, /"linear" is supervised, .* adversarial arms: pair$/],
    [{ figure: "interpolation", arm: "sum" }, /"sum" trains no net, .* adversarial arms: pair$/],
    [{ figure: "neighbours", arm: "pairs" }, /did you mean "pair"/],
    [{ figure: "over time", arms: ["pair", "narrow"], what: "losses" }, /"narrow" is supervised/],
    [{ figure: "over time", arms: ["pair"], what: "loses" }, /mean "losses"/],
    [{ figure: "generated", arm: "pair", looks: 13 }, /figures\.?\[0\]\.looks/],
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
