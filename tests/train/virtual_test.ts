import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import type { Memory } from "../../core/device/device.ts";
import type { View } from "../../core/device/program.ts";
import type { Graph } from "../../core/graph/graph.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { matmul } from "../../core/ops/matmul.ts";
import type { Value } from "../../core/ops/op.ts";
import { tanh } from "../../core/ops/tanh.ts";
import { stream } from "../../core/random/streams.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import type { Trainer } from "../../core/train/trainer.ts";
import { emitVirtualLoss, type Virtual, virtualSchema } from "../../core/train/virtual.ts";
import { assertClose } from "../ops/gradient.ts";
import { both, property, simd, test, webGpu } from "../ops/harness.ts";
import { Numbers, type Tensor } from "../ops/numbers.ts";
import { CLASSES, DATA, NORMALISED, SGD, STORES, tinyOrder, tinyTrainer } from "./tiny.ts";

const [IMAGES, PIXELS, HIDDEN, ANSWERS] = [5, 9, 7, 4];
type Rows = readonly (readonly number[])[];

/** Weights and biases of two layers: x [images, 3, 3, 1] to logits. */
function weights(numbers: Numbers): Tensor[] {
  return [[PIXELS, HIDDEN], [HIDDEN], [HIDDEN, ANSWERS], [ANSWERS]].map((shape) =>
    numbers.plain(shape)
  );
}

function forward([w1, b1, w2, b2]: readonly Value[]) {
  return (x: Value) => {
    const flat = x.builder.reshape(x, [x.shape[0]!, PIXELS]);
    return add(matmul(tanh(add(matmul(flat, w1!), b1!)), w2!), b2!);
  };
}

/** The logarithms of the net's answers to one image, in f64. */
function answer64(image: readonly number[], net: Rows): number[] {
  const [w1, b1, w2, b2] = net as readonly [Row, Row, Row, Row];
  const hidden = b1.map((bias, j) =>
    Math.tanh(image.reduce((sum, x, k) => sum + x * w1[k * HIDDEN + j]!, bias))
  );
  const logits = b2.map((bias, j) =>
    hidden.reduce((sum, x, k) => sum + x * w2[k * ANSWERS + j]!, bias)
  );
  const all = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - all);
}
type Row = readonly number[];

/** Cross-entropy of the answer to one image with another answer. */
function crossEntropy64(image: Row, answer: Row, net: Rows): number {
  return -answer64(image, net).reduce((sum, x, j) => sum + Math.exp(answer[j]!) * x, 0);
}

const sums = (a: Row, b: Row, factor = 1) => a.map((x, i) => x + factor * b[i]!);
const norm = (a: Row) => Math.hypot(...a);
const ofLength = (a: Row, length: number) => a.map((x) => x / norm(a) * length);

/** r of one image by the power iteration, its gradients by central differences. */
function perturbation64(x: Row, direction: Row, net: Rows, config: Omit<Virtual, "batch">): Row {
  const answer = answer64(x, net);
  let found = direction;
  for (let i = 0; i < config.iterations; i++) {
    const aside = sums(x, ofLength(found, config.xi));
    found = aside.map((_, at) => {
      const h = 1e-6;
      const along = (by: number) => crossEntropy64(aside.with(at, aside[at]! + by), answer, net);
      return (along(h) - along(-h)) / (2 * h);
    });
  }
  return ofLength(found, config.epsilon);
}

const rowsOf = (data: ArrayLike<number>, length: number): Row[] =>
  Array.from(
    { length: data.length / length },
    (_, i) => Array.from(data).slice(i * length, (i + 1) * length),
  );

property(
  "the virtual loss is that of an r of the given length along the power iteration, which is data",
  fc.record({
    epsilon: fc.double({ min: 0.1, max: 2, noNaN: true }),
    xi: fc.double({ min: 0.1, max: 1, noNaN: true }),
    iterations: fc.integer({ min: 1, max: 3 }),
  }),
  async (config, numbers) => {
    const net = weights(numbers);
    const shape = [IMAGES, 3, 3, 1];
    const x = {
      shape,
      data: Float32Array.from({ length: IMAGES * PIXELS }, () => numbers.below(256) / 255),
    };
    const directions = numbers.plain(shape);
    const states = await both({
      inputs: [x, directions, ...net],
      emit([x, directions, ...net]) {
        const graph = x!.builder as Graph;
        const parts = { forward: forward(net), x: x!, directions: directions! };
        const { loss, r } = emitVirtualLoss(graph, parts, config);
        return [loss, r, ...gradients(graph, loss, net)];
      },
    });
    const [images, starts] = [rowsOf(x.data, PIXELS), rowsOf(directions.data, PIXELS)];
    const found = rowsOf(states.get("output1")!, PIXELS);
    const plain = net.map(({ data }) => Array.from(data));
    found.forEach((r, i) => {
      assert.ok(Math.abs(norm(r) - config.epsilon) < 1e-6 * config.epsilon, `${norm(r)}`);
      const expected = perturbation64(images[i]!, starts[i]!, plain, { ...config, weight: 1 });
      const off = norm(sums(r, expected, -1)) / config.epsilon;
      assert.ok(off < 2e-3, `r of image ${i} is ${off} of its length away`);
    });

    // From here on r and the answers that are to be kept stay as they are, whatever the weights.
    const answers = images.map((image) => answer64(image, plain));
    const moved = images.map((image, i) => sums(image, found[i]!));
    const loss = (net: Rows) =>
      moved.reduce((sum, image, i) => sum + crossEntropy64(image, answers[i]!, net), 0) / IMAGES;
    assertClose(states.get("output0")!, [loss(plain)], "the loss");
    plain.forEach((own, tensor) => {
      const h = 1e-5;
      const slopes = own.map((value, at) => {
        const along = (by: number) => loss(plain.with(tensor, own.with(at, value + by)));
        return (along(h) - along(-h)) / (2 * h);
      });
      const gradient = states.get(`output${tensor + 2}`)!;
      assertClose(gradient, slopes, `the gradient of tensor ${tensor}`, 2e-5, 1);
    });
  },
);

test("an image whose answer moves nowhere has no r, and the others have theirs", async () => {
  const numbers = new Numbers(3);
  const [w1, b1, , b2] = weights(numbers);
  const constant = { shape: [HIDDEN, ANSWERS], data: new Float32Array(HIDDEN * ANSWERS) };
  const states = await both({
    inputs: [numbers.plain([2, 3, 3, 1]), numbers.plain([2, 3, 3, 1]), w1!, b1!, constant, b2!],
    emit([x, directions, ...net]) {
      const parts = { forward: forward(net), x: x!, directions: directions! };
      const config = { epsilon: 1, xi: 1, iterations: 1 };
      return emitVirtualLoss(x!.builder as Graph, parts, config).r;
    },
  });
  assert.ok(states.get("output0")!.every((x) => x === 0));
});

const VIRTUAL: Virtual = { epsilon: 1, xi: 0.5, iterations: 1, weight: 1, batch: 12 };
/** With a batch normalisation, whose running moments are the labelled images' alone, and dropout. */
const NET: Layer[] = [
  ...NORMALISED.slice(0, 3),
  { layer: "dropout", rate: 0.25 },
  ...NORMALISED.slice(3),
];

async function statesAfter(trainer: Trainer, ...windows: readonly (readonly [number, number])[]) {
  const losses: number[] = [];
  for (const [from, to] of windows) {
    losses.push(...(await trainer.train(from, to)).losses["train"]!);
  }
  const state = await trainer.state();
  trainer.close();
  return { losses, state };
}

test("10 steps of virtual adversarial training are the same bits on every device", async () => {
  const virtual = { ...VIRTUAL, iterations: 2 };
  const found = [];
  for (const device of [undefined, simd, await webGpu()]) {
    const trainer = await tinyTrainer({ net: NET, virtual, ...(device && { device }) });
    found.push(await statesAfter(trainer, [0, 10]));
  }
  assert.equal(new Set(found[0]!.losses).size, 10);
  assert.deepEqual(found[1], found[0]);
  assert.deepEqual(found[2], found[0]);
});

test("it goes on after a resume to the same bits, over windows and epochs", async () => {
  const open = () => tinyTrainer({ net: NET, virtual: VIRTUAL });
  const whole = await statesAfter(await open(), [0, 64], [64, 70]);
  const first = await statesAfter(await open(), [0, 6]);
  const second = await open();
  second.restore(new Map(first.state.map((tensor) => [tensor.name, tensor])));
  assert.deepEqual(
    (await statesAfter(second, [6, 7], [7, 66], [66, 70])).state,
    whole.state,
  );
});

test("a virtual loss of weight 0 moves nothing: labelled batches, dropout, moments", async () => {
  const [plain, weightless, weighed] = [
    await statesAfter(await tinyTrainer({ net: NET }), [0, 12]),
    await statesAfter(await tinyTrainer({ net: NET, virtual: { ...VIRTUAL, weight: 0 } }), [0, 12]),
    await statesAfter(await tinyTrainer({ net: NET, virtual: VIRTUAL }), [0, 12]),
  ];
  assert.deepEqual(weightless, plain);
  assert.notDeepEqual(weighed.state, plain.state);
});

Deno.test("images without labels have dropout of their own", () => {
  const config = { net: NET, optimiser: SGD, batch: 8, virtual: VIRTUAL };
  const keys: string[] = [];
  const memory = { write: (_: string, key: View) => keys.push(String(key)) } as unknown as Memory;
  buildSupervised(config, STORES).net.writeStreams(memory, 3);
  const streams = ["dropout1", "virtual", "unlabelled/dropout1"]
    .map((name) => String(stream(3, `noise/${name}`).key));
  assert.deepEqual(keys.toSorted(), streams.toSorted());
});

test("of the images without labels, the labels are never read and the pixels are", async () => {
  const order = {
    ...tinyOrder({ count: 20 }),
    unlabelled: (step: number) => Uint32Array.from({ length: 12 }, (_, i) => 20 + (step + i) % 20),
  };
  const after = async (train = DATA.train) =>
    await statesAfter(await tinyTrainer({ net: NET, virtual: VIRTUAL, train, order }), [0, 5]);
  const expected = await after();
  const labels = DATA.train.labels.map((label, i) => i < 20 ? label : (label + 1) % CLASSES);
  assert.deepEqual(await after({ ...DATA.train, labels }), expected);
  const pixels = DATA.train.pixels.map((byte, i) => i < 30 * 16 ? byte : 255 - byte);
  assert.notDeepEqual(await after({ ...DATA.train, pixels }), expected);
});

test("directions are others for each step", async () => {
  // A rate of 0 keeps the weights, and with the same images a step is told from another by those.
  const order = {
    stepsPerEpoch: 1,
    batch: () => Uint32Array.from({ length: 8 }, (_, i) => i),
    unlabelled: () => Uint32Array.from({ length: 12 }, (_, i) => 20 + i),
  };
  const still = { ...SGD, learningRate: 1e-30 };
  const open = (seed: number) =>
    tinyTrainer({ net: NORMALISED, optimiser: still, virtual: VIRTUAL, order, seed });
  const { losses } = await statesAfter(await open(0), [0, 6]);
  assert.equal(new Set(losses).size, 6);
  assert.deepEqual((await statesAfter(await open(0), [0, 6])).losses, losses);
});

test("a net is inspected in virtual adversarial training, and goes on as it would have", async () => {
  const inspect = { landscape: [0.1, 1] };
  const [plain, looked] = [
    await tinyTrainer({ net: NET, virtual: VIRTUAL }),
    await tinyTrainer({ net: NET, virtual: VIRTUAL, inspect }),
  ];
  await looked.train(0, 3);
  const { loss, landscape } = await looked.inspector!.inspect(3);
  assert.ok(landscape!.losses.every(Number.isFinite));
  const after = await statesAfter(looked, [3, 9]);
  assert.equal(after.losses[0], loss);
  const expected = await statesAfter(plain, [0, 9]);
  assert.deepEqual(after.state, expected.state);
});

Deno.test("lengths that are none and negative weights are refused; the rest has defaults", () => {
  const given = { epsilon: 2, xi: 0.5 };
  assert.deepEqual(virtualSchema.parse(given), {
    ...given,
    ...{ iterations: 1, weight: 1, batch: 256 },
  });
  for (
    const wrong of [
      { epsilon: 0 },
      { epsilon: -1 },
      { xi: 0 },
      { iterations: 0 },
      { iterations: 1.5 },
      { iterations: 101 },
      { weight: -0.1 },
      { batch: 0 },
      { norm: 2 },
    ]
  ) assert.ok(!virtualSchema.safeParse({ ...given, ...wrong }).success, JSON.stringify(wrong));
});
