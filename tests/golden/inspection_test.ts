/** An inspection of a small net with batch normalisation against PyTorch's numbers. */
import assert from "node:assert/strict";
import golden from "./inspection.json" with { type: "json" };
import type { Dataset } from "../../core/data/dataset.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { buildInspection } from "../../core/train/inspection.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import { openTrainer } from "../../core/train/trainer.ts";
import { assertClose } from "../ops/gradient.ts";
import { cpu, test } from "../ops/harness.ts";
import { DATA as TINY, IMAGE } from "../train/tiny.ts";
import { numbers } from "./formula.ts";

const BATCH = 8;
const NET: Layer[] = [
  { layer: "flatten" },
  { layer: "dense", units: 6, bias: false },
  { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 },
  { layer: "sigmoid" },
  { layer: "dense", units: 4 },
  { layer: "relu" },
  { layer: "dense", units: 3 },
];
const PARAMETERS = [
  ["dense1/weights", [16, 6]],
  ["batchNorm1/gamma", [6]],
  ["batchNorm1/beta", [6]],
  ["dense2/weights", [6, 4]],
  ["dense2/bias", [4]],
  ["dense3/weights", [4, 3]],
  ["dense3/bias", [3]],
] as const;

test("an inspection agrees with PyTorch", async () => {
  const images = {
    pixels: Uint8Array.from({ length: BATCH * 16 }, (_, i) => i * 7919 % 256),
    labels: Uint8Array.from(golden.labels),
    count: BATCH,
  };
  const data: Dataset = { ...TINY, train: images, test: images };
  const store = { count: BATCH, image: IMAGE };
  const stores = {
    train: { name: "train", ...store },
    test: { name: "test", ...store },
    classes: 3,
  };
  const optimiser = { optimiser: "sgd", learningRate: golden.rate } as const;
  const config = { net: NET, optimiser, batch: BATCH };
  const programs = buildSupervised(config, stores);
  const trainer = await openTrainer(cpu, {
    ...{ programs, config, stores, data, seed: 0 },
    inspection: buildInspection(config, { landscape: golden.sizes }, stores, programs.net),
    order: { stepsPerEpoch: 1, batch: () => Uint32Array.from({ length: BATCH }, (_, i) => i) },
  });
  trainer.initialise();
  trainer.restore(
    new Map([
      ...(await trainer.state()).map(({ name, ...tensor }) => [name, tensor] as const),
      ...PARAMETERS.map(([name, shape], i) => [name, numbers(shape, 100 * i, 2)] as const),
    ]),
  );
  const { inspector } = trainer;
  const found = await inspector!.inspect(0);
  const layers = Object.values(golden.layers);
  assert.deepEqual(inspector!.layers, Object.keys(golden.layers));
  assert.deepEqual(inspector!.trained, Object.keys(golden.gradients));
  assertClose([found.loss], [golden.loss], "the loss");
  for (const what of ["mean", "variance", "dead", "drift"] as const) {
    assertClose(found[what], layers.map((layer) => layer[what]), `each layer's ${what}`);
  }
  for (const what of ["gradients", "updates"] as const) {
    assertClose(found[what], Object.values(golden[what]), `the norms of the ${what}`);
  }
  assertClose(found.landscape!.losses, golden.losses, "the losses along the gradient");
  assertClose(found.landscape!.changes, golden.changes, "the changes of the gradient");
  trainer.close();
});
