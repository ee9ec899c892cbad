import assert from "node:assert/strict";
import { shuffledBatches } from "../../core/data/batches.ts";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { applyLayers, type Layer } from "../../core/nn/layers.ts";
import { size } from "../../core/ops/op.ts";
import { stream, uniform } from "../../core/random/streams.ts";
import {
  type Adversary,
  emitAdversarialImages,
  SIZES,
  sizesOf,
} from "../../core/train/adversary.ts";
import { emitBatch, upload, uploadTables } from "../../core/train/image_store.ts";
import { NetState } from "../../core/train/net_state.ts";
import { storedBytesOf } from "../../core/train/supervised.ts";
import type { SupervisedConfig } from "../../core/train/supervised_config.ts";
import type { Trainer } from "../../core/train/trainer.ts";
import { emitCursor, emitOrder, STATES, writeSteps, writeWindow } from "../../core/train/window.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import { ADAM, CLASSES, CONVOLUTION, DATA, IMAGE, STORES, tinyTrainer } from "./tiny.ts";

const FGSM: Adversary = { attack: "fgsm", start: "image", epsilon: 0.1, clean: 0 };
const RANDOM_FGSM: Adversary = { ...FGSM, start: "random", stepSize: 0.125 };
const PGD: Adversary = {
  attack: "pgd",
  start: "random",
  epsilon: 0.1,
  stepSize: 0.04,
  steps: 3,
  clean: 0.5,
  ramp: 12,
};
const BATCH = 8;

/** What tells the modes of a net apart: a batch's own moments, and dropout. */
const MODAL: Layer[] = [
  { layer: "conv2d", filters: 2, kernel: 3, stride: 1, padding: "valid", bias: false },
  { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 },
  { layer: "relu" },
  { layer: "flatten" },
  { layer: "dropout", rate: 0.25 },
  { layer: "dense", units: CLASSES },
];
const OBJECTIVES: readonly Omit<SupervisedConfig, "optimiser" | "batch">[] = [
  { net: MODAL, adversary: PGD, weightDecay: 0.01 },
  { net: MODAL, adversary: { ...FGSM, clean: 0.5 } },
  { net: MODAL, adversary: RANDOM_FGSM, loss: "hinge" },
  { net: CONVOLUTION, loss: "hinge", weightDecay: 0.5 },
];

function named({ adversary, loss, weightDecay }: Partial<SupervisedConfig>): string {
  return [
    adversary ? `${adversary.attack} from ${adversary.start}` : "no adversary",
    ...loss ? [loss] : [],
    ...weightDecay ? ["weight decay"] : [],
  ].join(", ");
}

async function saved(trainer: Trainer) {
  return new Map((await trainer.state()).map(({ name, ...tensor }) => [name, tensor]));
}

Deno.test("sizes grow linearly from 0 over the ramp and stay then", () => {
  const ramped: Adversary = { ...PGD, epsilon: 0.5, stepSize: 0.25, ramp: 4 };
  assert.deepEqual([...sizesOf(ramped, 0, 6)], [
    ...[0, 0],
    ...[0.125, 0.0625],
    ...[0.25, 0.125],
    ...[0.375, 0.1875],
    ...[0.5, 0.25],
    ...[0.5, 0.25],
  ]);
  assert.deepEqual(sizesOf(ramped, 3, 5), sizesOf(ramped, 0, 6).slice(6, 10));
  const f = Math.fround;
  assert.deepEqual([...sizesOf(FGSM, 7, 8)], [f(0.1), f(0.1)]);
  assert.deepEqual([...sizesOf(RANDOM_FGSM, 0, 1)], [f(0.1), f(0.125)]);
});

for (const objective of OBJECTIVES) {
  test(`10 steps give the same bits by references, SIMD and WGSL: ${named(objective)}`, async () => {
    const states = [];
    for (const device of [cpu, simd, await webGpu()]) {
      const trainer = await tinyTrainer({ ...objective, device });
      const { losses, largestGradients } = await trainer.train(0, 10);
      states.push([await saved(trainer), losses, largestGradients]);
      trainer.close();
    }
    assert.deepEqual(states[1], states[0]);
    assert.deepEqual(states[2], states[0]);
  });

  test(`a training goes on after a resume to the same bits: ${named(objective)}`, async () => {
    const [whole, first, second] = [
      await tinyTrainer(objective),
      await tinyTrainer(objective),
      await tinyTrainer(objective),
    ];
    for (const [from, to] of [[0, 64], [64, 70]] as const) await whole.train(from, to);
    // In the middle of the ramp.
    await first.train(0, 5);
    second.restore(await saved(first));
    for (const [from, to] of [[5, 6], [6, 66], [66, 70]] as const) await second.train(from, to);
    assert.deepEqual(await second.state(), await whole.state());
    [whole, first, second].forEach((trainer) => trainer.close());
  });

  test(`an inspection changes no bit of it, and has its loss: ${named(objective)}`, async () => {
    const plain = await tinyTrainer(objective);
    const looked = await tinyTrainer({ ...objective, inspect: { landscape: [0.1] } });
    await plain.train(0, 6);
    await looked.train(0, 6);
    const { loss } = await looked.inspector!.inspect(6);
    const { losses } = await looked.train(6, 7);
    assert.deepEqual(losses["train"], [loss]);
    await plain.train(6, 7);
    assert.deepEqual(await looked.state(), await plain.state());
    [plain, looked].forEach((trainer) => trainer.close());
  });
}

/** The adversarial images of a step, from weights that a training came to, and the images. */
async function attacked(
  adversary: Adversary,
  { net = CONVOLUTION, seed = 0, step = 0 }: {
    readonly net?: readonly Layer[];
    readonly seed?: number;
    readonly step?: number;
  } = {},
) {
  const graph = new Graph();
  const cursor = emitCursor(graph);
  const state = new NetState();
  const { x, labels } = emitBatch(graph, STORES.train, emitOrder(graph, cursor, BATCH));
  const y = emitAdversarialImages(graph, cursor, adversary, state, {
    x,
    labels,
    loss: "cross-entropy",
    forward: (attacked, images) => applyLayers(attacked, images, net).at(-1)!.output,
  });
  for (const [value, name] of [[x, "origin"], [y, "adversarial"]] as const) {
    graph.place(value, { name, type: "f32", length: size(value.shape) });
  }
  const initialise = state.initialise();
  const program = compile(graph, "attack");
  const memory = await cpu.load([initialise, program]);
  try {
    for (const [name, view] of [...initialise.initial, ...program.initial]) {
      memory.write(name, view);
    }
    uploadTables(memory, "unit");
    upload(memory, STORES.train, DATA.train);
    state.writeKeys(memory, 0);
    state.writeStreams(memory, seed);
    memory.run(initialise);
    const all = Uint32Array.from({ length: DATA.train.count }, (_, i) => i);
    const order = shuffledBatches(0, all, BATCH);
    writeWindow(memory, { from: 0, to: 1 }, order);
    memory.write(STATES.cursor, new Uint32Array(1));
    if (state.draws) writeSteps(memory, step);
    memory.write(SIZES.name, sizesOf(adversary, step, step + 1));
    memory.run(program);
    return {
      origin: await memory.read("origin") as Float32Array,
      adversarial: await memory.read("adversarial") as Float32Array,
    };
  } finally {
    memory.close();
  }
}

for (const adversary of [FGSM, RANDOM_FGSM, { ...PGD, ramp: undefined, stepSize: 0.1 }]) {
  test(`${adversary.attack} from ${adversary.start} stays within epsilon and the pixels' range`, async () => {
    const { origin, adversarial } = await attacked(adversary);
    let most = 0;
    adversarial.forEach((y, i) => {
      assert.ok(y >= 0 && y <= 1, `pixel ${i} is ${y}`);
      most = Math.max(most, Math.abs(y - origin[i]!));
    });
    assert.ok(most <= adversary.epsilon + 2 ** -24, `moved by ${most}`);
    assert.ok(most > 0.99 * adversary.epsilon, `moved by only ${most}`);
  });
}

test("a random start is drawn from its own stream, by the step", async () => {
  // So small a step from the start moves no pixel by more than that.
  const still: Adversary = { ...RANDOM_FGSM, stepSize: 2 ** -20 };
  for (const [seed, step] of [[0, 0], [7, 3]] as const) {
    const { origin, adversarial } = await attacked(still, { seed, step });
    const source = stream(seed, "noise/adversary");
    adversarial.forEach((y, i) => {
      const drawn = origin[i]! + still.epsilon * (2 * uniform(source, step, i) - 1);
      const expected = Math.max(0, Math.min(1, drawn));
      assert.ok(Math.abs(y - expected) <= 2 ** -19, `pixel ${i} is ${y}, not ${expected}`);
    });
  }
});

test("another dropout layer, which draws too, leaves an attack as it is", async () => {
  const dropping: Layer[] = [...CONVOLUTION.slice(0, 3), { layer: "dropout", rate: 0.5 }];
  const net: Layer[] = [...dropping, ...CONVOLUTION.slice(3)];
  for (const adversary of [RANDOM_FGSM, PGD]) {
    const asked = { step: 5 };
    assert.deepEqual(
      await attacked(adversary, { ...asked, net }),
      await attacked(adversary, asked),
    );
  }
});

test("the loss on adversarial images is above that on the same images clean", async () => {
  for (const loss of [undefined, "hinge"] as const) {
    const plain = await tinyTrainer({ loss });
    const attacked = await tinyTrainer({ loss, adversary: FGSM });
    for (const step of [0, 1, 2]) {
      attacked.restore(await saved(plain));
      const [hard] = (await attacked.train(step, step + 1)).losses["train"]!;
      const [easy] = (await plain.train(step, step + 1)).losses["train"]!;
      assert.ok(hard! > easy!, `${hard} at step ${step}, clean ${easy}`);
    }
    [plain, attacked].forEach((trainer) => trainer.close());
  }
});

test("at a ramp's start a net learns from the images as they are", async () => {
  const plain = await tinyTrainer();
  const ramped = await tinyTrainer({ adversary: { ...FGSM, ramp: 100 } });
  for (const trainer of [plain, ramped]) await trainer.train(0, 1);
  assert.deepEqual(await ramped.state(), await plain.state());
  for (const trainer of [plain, ramped]) await trainer.train(1, 2);
  assert.notDeepEqual(await ramped.state(), await plain.state());
  [plain, ramped].forEach((trainer) => trainer.close());
});

test("clean and adversarial images are passed apart: each by its share, with its own dropout", async () => {
  // At a ramp's start both are the same images, so that only what is dropped tells them apart.
  const net: Layer[] = [
    { layer: "flatten" },
    { layer: "dropout", rate: 0.5 },
    { layer: "dense", units: CLASSES },
  ];
  const [clean, mixed, adversarial] = await Promise.all(
    [undefined, 0.25, 0].map(async (clean) => {
      const adversary = clean === undefined ? undefined : { ...FGSM, clean, ramp: 100 };
      const trainer = await tinyTrainer({ net, adversary });
      const { losses } = await trainer.train(0, 1);
      trainer.close();
      return losses["train"]![0]!;
    }),
  ) as [number, number, number];
  assert.ok(Math.abs(clean - adversarial) > 1e-3, `${clean} and ${adversarial}`);
  const expected = 0.25 * clean + 0.75 * adversarial;
  assert.ok(Math.abs(mixed / expected - 1) < 1e-6, `${mixed}, not ${expected}`);
});

test("weights that no gradient moves decay by the learning rate times weightDecay", async () => {
  const optimiser = { optimiser: "sgd", learningRate: 0.5 } as const;
  const trainer = await tinyTrainer({ optimiser, weightDecay: 0.25 });
  const start = await saved(trainer);
  // With all weights behind it at 0 a convolution has no gradient.
  start.get("dense1/weights")!.data.fill(0);
  trainer.restore(start);
  await trainer.train(0, 1);
  const [before, after] = [start, await saved(trainer)].map((of) => of.get("conv2d1/weights")!);
  const f = Math.fround;
  after!.data.forEach((w, i) => {
    const old = before!.data[i]!;
    assert.equal(w, f(old - f(0.5 * f(0.25 * old))));
  });
  trainer.close();
});

test("only what the step itself learns from is stored for the way back", () => {
  const bytes = (adversary?: Adversary) =>
    storedBytesOf({ net: CONVOLUTION, optimiser: ADAM, batch: BATCH, adversary }, STORES);
  assert.equal(bytes(FGSM), bytes());
  assert.equal(bytes({ ...PGD, clean: 0 }), bytes());
  assert.equal(bytes(PGD), 2 * bytes());
  assert.ok(bytes() > 4 * BATCH * size(IMAGE));
});
