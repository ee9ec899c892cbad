import assert from "node:assert/strict";
import { shuffledBatches } from "../../core/data/batches.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { normal, stream, uniform } from "../../core/random/streams.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import { openTrainer } from "../../core/train/trainer.ts";
import { cpu } from "../ops/harness.ts";
import { ADAM, CLASSES, DATA, STORES } from "../train/tiny.ts";

/** The initial values of a net on images of 4 x 4 pixels, by the name of the parameter. */
async function drawn(net: readonly Layer[], seed = 0): Promise<Map<string, Float32Array>> {
  const config = { net, optimiser: ADAM, batch: 1 };
  const programs = buildSupervised(config, STORES);
  const order = shuffledBatches(seed, new Uint32Array(1), 1);
  const of = { programs, config, stores: STORES, data: DATA, seed, order };
  const trainer = await openTrainer(cpu, of);
  trainer.initialise();
  const tensors = await trainer.state();
  trainer.close();
  return new Map(
    tensors.slice(0, programs.net.parameters.list.length)
      .map(({ name, data }) => [name, data as Float32Array]),
  );
}

const last: Layer = { layer: "dense", units: CLASSES };
const convolution: Layer = {
  layer: "conv2d",
  filters: 400,
  kernel: [3, 2],
  stride: 1,
  padding: "valid",
};

Deno.test("weights start uniform within Glorot's limit, biases at zero", async () => {
  const layers: Layer[] = [convolution, { layer: "flatten" }, { layer: "dense", units: 9 }, last];
  const values = await drawn(layers);
  for (
    const [name, fanIn, fanOut] of [
      ["conv2d1", 3 * 2 * 1, 3 * 2 * 400],
      ["dense1", 2 * 3 * 400, 9],
    ] as const
  ) {
    const weights = values.get(`${name}/weights`)!;
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const mean = weights.reduce((sum, x) => sum + x) / weights.length;
    const variance = weights.reduce((sum, x) => sum + (x - mean) ** 2, 0) / weights.length;
    assert.ok(weights.every((x) => Math.abs(x) <= Math.fround(limit)), name);
    assert.ok(Math.max(...weights) > 0.99 * limit && Math.min(...weights) < -0.99 * limit, name);
    // Four standard errors of a uniform variable's mean and variance.
    assert.ok(Math.abs(mean) < 4 * limit / Math.sqrt(3 * weights.length), `${name} ${mean}`);
    const expected = limit ** 2 / 3;
    const error = Math.sqrt(4 / 45) * limit ** 2 / Math.sqrt(weights.length);
    assert.ok(Math.abs(variance - expected) < 4 * error, `${name} ${variance}`);
    assert.ok(values.get(`${name}/bias`)!.every((x) => x === 0));
  }
});

Deno.test("a weight is its element of the stream that is named after its parameter", async () => {
  const limit = Math.sqrt(6 / (16 + CLASSES));
  for (const seed of [0, 7]) {
    const values = (await drawn([{ layer: "flatten" }, last], seed)).get("dense1/weights")!;
    const source = stream(seed, "initialise/dense1/weights");
    values.forEach((value, i) => {
      const expected = Math.fround((uniform(source, 0, i) - 0.5) * Math.fround(2 * limit));
      assert.equal(value, expected);
    });
  }
});

Deno.test("weights that are declared normal have that deviation, element by element of the stream", async () => {
  const weights = { normal: 0.02 };
  const layers: Layer[] = [
    { ...convolution, weights },
    { layer: "flatten" },
    { layer: "dense", units: 9, weights: { normal: 0.5 } },
    last,
  ];
  const values = await drawn(layers, 3);
  for (const [name, deviation] of [["conv2d1", 0.02], ["dense1", 0.5]] as const) {
    const source = stream(3, `initialise/${name}/weights`);
    const found = values.get(`${name}/weights`)!;
    found.forEach((value, i) => {
      assert.equal(value, Math.fround(normal(source, 0, i) * Math.fround(deviation)));
    });
    const mean = found.reduce((sum, x) => sum + x) / found.length;
    const variance = found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / found.length;
    // Four standard errors of a normal variable's mean and variance.
    assert.ok(Math.abs(mean) < 4 * deviation / Math.sqrt(found.length), `${name} ${mean}`);
    const error = Math.sqrt(2 / found.length) * deviation ** 2;
    assert.ok(Math.abs(variance - deviation ** 2) < 4 * error, `${name} ${variance}`);
    assert.ok(values.get(`${name}/bias`)!.every((x) => x === 0));
  }
});

Deno.test("other layers in front, between and behind leave a layer's initial values alone", async () => {
  const hidden: Layer = { layer: "dense", units: 16 };
  const flatten: Layer = { layer: "flatten" };
  const plain = await drawn([flatten, hidden, last]);
  const filter: Layer = { ...convolution, filters: 1, kernel: 1 };
  const pool: Layer = { layer: "maxPool", size: 1 };
  const sigmoid: Layer = { layer: "sigmoid" };
  const more = await drawn([filter, pool, flatten, sigmoid, hidden, { layer: "relu" }, last]);
  const behind = await drawn([flatten, hidden, { ...hidden, units: CLASSES }, last]);
  assert.equal(more.size, plain.size + 2);
  for (const [name, values] of plain) assert.deepEqual(more.get(name), values, name);
  assert.deepEqual(behind.get("dense1/weights"), plain.get("dense1/weights"));
  assert.deepEqual(behind.get("dense2/weights"), plain.get("dense2/weights"));
});

Deno.test("two layers of one shape start with other values, and another seed with others", async () => {
  const square: Layer = { layer: "dense", units: 16 };
  const zero = await drawn([{ layer: "flatten" }, square, square, last]);
  assert.notDeepEqual(zero.get("dense1/weights"), zero.get("dense2/weights"));
  const one = await drawn([{ layer: "flatten" }, square, square, last], 1);
  assert.notDeepEqual(one.get("dense1/weights"), zero.get("dense1/weights"));
});
