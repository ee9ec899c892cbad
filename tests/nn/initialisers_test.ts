import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { shuffledBatches } from "../../core/data/batches.ts";
import type { Weights } from "../../core/nn/initialisers.ts";
import { applyLayers, type Layer, layerSchema, leavesWeights } from "../../core/nn/layers.ts";
import { Net } from "../../core/nn/net.ts";
import { size } from "../../core/ops/op.ts";
import { NetState } from "../../core/train/net_state.ts";
import { normal, stream, uniform } from "../../core/random/streams.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import { openTrainer } from "../../core/train/trainer.ts";
import { cpu } from "../ops/harness.ts";
import { ADAM, CLASSES, DATA, STORES } from "../train/tiny.ts";

/** The initial values of a net on images of 4 x 4 pixels, by the name of the parameter. */
async function drawn(
  net: readonly Layer[],
  seed = 0,
  weights?: Weights,
): Promise<Map<string, Float32Array>> {
  const config = { net, optimiser: ADAM, batch: 1, weights };
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

/** Element by element, that weights are the stream's normal numbers times a deviation. */
function assertNormal(values: Map<string, Float32Array>, name: string, deviation: number) {
  const source = stream(3, `initialise/${name}/weights`);
  values.get(`${name}/weights`)!.forEach((value, i) => {
    assert.equal(value, Math.fround(normal(source, 0, i) * Math.fround(deviation)), name);
  });
}

Deno.test("he times sqrt(2 / fan in) is the deviation of each layer's weights", async () => {
  const up: Layer = {
    layer: "conv2dTranspose",
    filters: 50,
    kernel: 4,
    stride: 2,
    padding: "same",
    outputPadding: 0,
    weights: { he: 2 },
  };
  const layers: Layer[] = [
    { ...convolution, filters: 5, weights: { he: 0.5 } },
    up,
    { layer: "flatten" },
    { layer: "dense", units: 9, weights: { he: 1 } },
    { ...last, weights: { he: 4 } },
  ];
  const values = await drawn(layers, 3);
  assertNormal(values, "conv2d1", 0.5 * Math.sqrt(2 / (3 * 2 * 1)));
  // Each of its outputs is reached by 4 x 4 taps over 2 x 2 strides, of 5 channels.
  assertNormal(values, "conv2dTranspose1", 2 * Math.sqrt(2 / (4 * 5)));
  assertNormal(values, "dense1", Math.sqrt(2 / (4 * 6 * 50)));
  assertNormal(values, "dense2", 4 * Math.sqrt(2 / 9));
});

Deno.test("he: 1 keeps the mean square of a deep net's ReLUs, transposed convolutions included", async () => {
  const weights = { he: 1 };
  const up = { layer: "conv2dTranspose", kernel: 4, stride: 2, padding: "same" } as const;
  const convolution = { layer: "conv2d", kernel: 3, padding: "same" } as const;
  const relu = { layer: "relu" } as const;
  const layers = [
    ...[{ ...up, filters: 64, weights }, relu, { ...convolution, filters: 64, weights }, relu],
    ...[{ ...up, filters: 64, weights }, relu],
  ].map((layer) => layerSchema.parse(layer));
  const graph = new Graph();
  const net = new NetState();
  const shape = [1, 8, 8, 64];
  const x = graph.leaf({ name: "x", type: "f32", length: size(shape) }, shape);
  const applied = applyLayers(new Net(graph, net.parameters), x, layers);
  const outputs = applied.filter(({ layer }) => layer.layer === "relu");
  for (const { name, output } of outputs) {
    graph.place(output, { name, type: "f32", length: size(output.shape) });
  }
  const program = compile(graph, "forward");
  const initialise = net.initialise();
  const memory = await cpu.load([initialise, program]);
  for (const [name, view] of [...initialise.initial, ...program.initial]) memory.write(name, view);
  const source = stream(3, "input");
  // As after a ReLU: half of the numbers zero, and a mean square of 1.
  const positive = (i: number) => Math.max(0, normal(source, 0, i)) * Math.SQRT2;
  memory.write("x", Float32Array.from({ length: size(shape) }, (_, i) => positive(i)));
  net.writeKeys(memory, 3);
  memory.run(initialise);
  memory.run(program);
  for (const { name, output } of outputs) {
    const [, side] = output.shape as [number, number];
    const values = await memory.read(name) as Float32Array;
    // At the borders there are fewer taps, so only what lies inside is asked.
    const inside = values.filter((_, i) => {
      const [row, column] = [Math.floor(i / 64 / side), Math.floor(i / 64) % side];
      return Math.min(row, column, side - 1 - row, side - 1 - column) > 5;
    });
    const square = inside.reduce((sum, value) => sum + value ** 2, 0) / inside.length;
    assert.ok(square > 0.7 && square < 1.4, `${name}: ${square}`);
  }
  memory.close();
});

Deno.test("where the arm says, the weights of layers start that declare nothing themselves", async () => {
  const layers: Layer[] = [
    { ...convolution, filters: 4 },
    { layer: "flatten" },
    { layer: "dense", units: 9, weights: { normal: 0.5 } },
    last,
  ];
  assert.deepEqual(layers.map(leavesWeights), [true, false, false, true]);
  const told = await drawn(layers, 3, { he: 1 });
  assertNormal(told, "conv2d1", Math.sqrt(2 / 6));
  assertNormal(told, "dense1", 0.5);
  assertNormal(told, "dense2", Math.sqrt(2 / 9));
  assertNormal(await drawn(layers, 3, { normal: 0.1 }), "dense2", 0.1);
  const untold = await drawn(layers, 3);
  assert.deepEqual(untold.get("dense1/weights"), told.get("dense1/weights"));
  assert.notDeepEqual(untold.get("dense2/weights"), told.get("dense2/weights"));
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
