import assert from "node:assert/strict";
import type { Layer } from "../../core/nn/layers.ts";
import { stream, uniform } from "../../core/random/streams.ts";
import { storedBytesOf } from "../../core/train/supervised.ts";
import { simd, test, webGpu } from "../ops/harness.ts";
import { ADAM, CLASSES, CONVOLUTION, STORES, tinyTrainer } from "./tiny.ts";

/** Two dropouts on as many elements: what tells them apart is their names. */
const DROPPING: Layer[] = [
  ...CONVOLUTION.slice(0, 3),
  { layer: "flatten" },
  { layer: "dense", units: 8 },
  { layer: "dropout", rate: 0.25 },
  { layer: "leakyRelu", slope: 0.2 },
  { layer: "dropout", rate: 0.5 },
  { layer: "dense", units: CLASSES },
];
const PLAIN = DROPPING.filter(({ layer }) => layer !== "dropout");
const ALL = Uint32Array.from({ length: 29 }, (_, i) => i);

test("a training with dropout goes on after a resume to the same bits", async () => {
  const [whole, first, second] = [
    await tinyTrainer({ net: DROPPING }),
    await tinyTrainer({ net: DROPPING }),
    await tinyTrainer({ net: DROPPING }),
  ];
  for (const [from, to] of [[0, 64], [64, 70]] as const) await whole.train(from, to);
  await first.train(0, 6);
  const saved = await first.state();
  second.restore(new Map(saved.map(({ name, ...tensor }) => [name, tensor])));
  for (const [from, to] of [[6, 7], [7, 66], [66, 70]] as const) await second.train(from, to);
  assert.deepEqual(await second.state(), await whole.state());
  [whole, first, second].forEach((trainer) => trainer.close());
});

test("a training with dropout gives the same bits by references, SIMD and WGSL", async () => {
  const states = [];
  for (const device of [undefined, simd, await webGpu()]) {
    const trainer = await tinyTrainer({ net: DROPPING, ...(device && { device }) });
    await trainer.train(0, 20);
    states.push(await trainer.weights());
    trainer.close();
  }
  assert.deepEqual(states[1], states[0]);
  assert.deepEqual(states[2], states[0]);
});

test("an evaluation drops nothing: it is the plain net's with the same weights", async () => {
  const trainer = await tinyTrainer({ net: DROPPING });
  await trainer.train(0, 10);
  const saved = (await trainer.state()).map(({ name, ...tensor }) => [name, tensor] as const);
  const plain = await tinyTrainer({ net: PLAIN });
  plain.restore(new Map(saved));
  assert.deepEqual(await trainer.evaluate("test", ALL), await plain.evaluate("test", ALL));
  await trainer.train(10, 11);
  await plain.train(10, 11);
  assert.notDeepEqual(await trainer.weights(), await plain.weights());
  [trainer, plain].forEach((one) => one.close());
});

test("dropout draws by its layer's name, by the seed and by the step", async () => {
  // A weight per class and pixel: what is dropped has no gradient.
  const batch = 1;
  const net: Layer[] = [
    { layer: "flatten" },
    { layer: "dropout", rate: 0.5 },
    { layer: "dropout", rate: 0.25 },
    { layer: "dense", units: CLASSES },
  ];
  for (const seed of [0, 7]) {
    const trainer = await tinyTrainer({
      net,
      batch,
      seed,
      optimiser: { optimiser: "sgd", learningRate: 1 },
    });
    for (const step of [0, 1, 2]) {
      const before = await trainer.weights();
      await trainer.train(step, step + 1);
      const after = await trainer.weights();
      for (let i = 0; i < 16; i++) {
        const kept = ["dropout1", "dropout2"].every((name, j) =>
          uniform(stream(seed, `noise/${name}`), step, i) >= (j === 0 ? 0.5 : 0.25)
        );
        const changed = [0, 1, 2].some((unit) =>
          after[i * CLASSES + unit] !== before[i * CLASSES + unit]
        );
        // No pixel of these images is black.
        assert.equal(changed, kept, `seed ${seed}, step ${step}, pixel ${i}`);
      }
    }
    trainer.close();
  }
});

test("dropout stores no mask between the passes", () => {
  const stored = (net: readonly Layer[]) =>
    storedBytesOf({ net, optimiser: ADAM, batch: 8 }, STORES);
  const around = (...between: Layer[]): Layer[] => [
    { layer: "flatten" },
    { layer: "dense", units: 8 },
    ...between,
    { layer: "dense", units: CLASSES },
  ];
  assert.equal(stored(around({ layer: "dropout", rate: 0.5 })), stored(around()));
});
