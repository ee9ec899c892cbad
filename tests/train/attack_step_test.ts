import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { dense } from "../../core/nn/dense.ts";
import { flatten } from "../../core/nn/flatten.ts";
import { applyLayers, type Layer } from "../../core/nn/layers.ts";
import { Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { relu } from "../../core/ops/relu.ts";
import type { Value } from "../../core/ops/op.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax_cross_entropy.ts";
import { sum } from "../../core/ops/sum.ts";
import { stream, uniform } from "../../core/random/streams.ts";
import {
  type AttackLoss,
  type AttackNorm,
  emitAttackStep,
  emitRandomStart,
} from "../../core/train/attack_step.ts";
import { both, property, reference, test } from "../ops/harness.ts";
import { Numbers, type Tensor } from "../ops/numbers.ts";

const [BATCH, SIDE, HIDDEN, CLASSES] = [5, 3, 7, 4];
const PIXELS = SIDE * SIDE;

/** A net of two layers with its weights as inputs: x [batch, 3, 3, 1] to logits. */
function weights(numbers: Numbers): Tensor[] {
  return [[PIXELS, HIDDEN], [HIDDEN], [HIDDEN, CLASSES], [CLASSES]].map((shape) =>
    numbers.plain(shape)
  );
}

function forward([w1, b1, w2, b2]: readonly Value[]) {
  return (x: Value) => {
    const flat = x.builder.reshape(x, [x.shape[0]!, PIXELS]);
    return add(matmul(relu(add(matmul(flat, w1!), b1!)), w2!), b2!);
  };
}

/** Its logits of one image in f64. */
function forward64(image: readonly number[], net: readonly Tensor[]): number[] {
  const [w1, b1, w2, b2] = net.map(({ data }) => data);
  const hidden = Array.from({ length: HIDDEN }, (_, j) => {
    const sum = image.reduce((sum, x, k) => sum + x * w1![k * HIDDEN + j]!, b1![j]!);
    return Math.max(0, sum);
  });
  return Array.from(
    { length: CLASSES },
    (_, j) => hidden.reduce((sum, x, k) => sum + x * w2![k * CLASSES + j]!, b2![j]!),
  );
}

/** What an attack climbs, of one image in f64. */
const LOSSES: Readonly<Record<AttackLoss, (logits: readonly number[], label: number) => number>> = {
  "cross-entropy": (logits, label) =>
    Math.log(logits.reduce((sum, x) => sum + Math.exp(x - logits[label]!), 0)),
  margin: (logits, label) => Math.max(...logits.filter((_, j) => j !== label)) - logits[label]!,
};

/** The loss's slope by central differences. */
function slope64(image: readonly number[], loss: (image: readonly number[]) => number): number[] {
  const h = 1e-6;
  return image.map((x, i) => (loss(image.with(i, x + h)) - loss(image.with(i, x - h))) / (2 * h));
}

function images(numbers: Numbers): Tensor {
  const shape = [BATCH, SIDE, SIDE, 1];
  const data = Float32Array.from({ length: BATCH * PIXELS }, () => numbers.below(256) / 255);
  return { shape, data };
}

const rowOf = (data: ArrayLike<number>, row: number) =>
  Array.from(data).slice(row * PIXELS, (row + 1) * PIXELS);

const distance = (a: readonly number[], b: readonly number[], norm: AttackNorm) => {
  const differences = a.map((x, i) => Math.abs(x - b[i]!));
  return norm === "max" ? Math.max(...differences) : Math.hypot(...differences);
};

const ATTACKS = fc.record({
  norm: fc.constantFrom<AttackNorm>("max", "l2"),
  loss: fc.constantFrom<AttackLoss>("cross-entropy", "margin"),
  epsilon: fc.double({ min: 0.02, max: 1, noNaN: true }),
  step: fc.double({ min: 0.1, max: 1.5, noNaN: true }),
  descends: fc.boolean(),
  random: fc.boolean(),
});

property(
  "an attack climbs each image's own loss, in steps that stay within the ball and the pixel range",
  ATTACKS,
  async ({ norm, loss, epsilon, step, descends, random }, numbers) => {
    const origin = images(numbers);
    const net = weights(numbers);
    const labels = numbers.indices(BATCH, CLASSES);
    labels.data[2] = CLASSES;
    const size = (descends ? -1 : 1) * step * epsilon;
    const sizes = { shape: [2], data: Float32Array.of(epsilon, size) };
    const { key } = stream(7, "attack");
    const states = await both({
      inputs: [
        origin,
        labels,
        sizes,
        { shape: [2], data: Uint32Array.from(key) },
        { shape: [1], data: Uint32Array.of(3) },
        ...net,
      ],
      emit([origin, labels, sizes, key, step, ...net]) {
        const graph = origin!.builder as Graph;
        const taken = [
          random
            ? emitRandomStart(graph, {
              origin: origin!,
              key: key!,
              step: step!,
              sizes: sizes!,
              norm,
            })
            : origin!,
        ];
        for (let i = 0; i < 3; i++) {
          const [x, given] = [taken.at(-1)!, { origin: origin!, labels: labels!, sizes: sizes! }];
          taken.push(emitAttackStep(graph, { forward: forward(net), x, ...given, norm, loss }));
        }
        return taken;
      },
    });
    for (let row = 0; row < BATCH; row++) {
      const from = rowOf(origin.data, row);
      const label = labels.data[row]!;
      const ball = epsilon + (norm === "max" ? 2 ** -24 : 3 * 2 ** -24);
      for (let i = 0; i < 4; i++) {
        const after = rowOf(states.get(`output${i}`)!, row);
        assert.ok(after.every((x) => x >= 0 && x <= 1), "a pixel leaves its range");
        const far = distance(after, from, norm);
        assert.ok(far <= ball, `image ${row} is ${far} away in step ${i}, not ${epsilon}`);
        if (i === 0) continue;
        const before = rowOf(states.get(`output${i - 1}`)!, row);
        if (label >= CLASSES) {
          assert.ok(distance(after, before, norm) <= 2 ** -23, "a masked image moves");
          continue;
        }
        const slope = slope64(before, (image) => LOSSES[loss](forward64(image, net), label));
        expectStep({ after, before, from, slope, norm, epsilon, size });
      }
    }
  },
);

/** Compares a step with the formula, where the slope is not so small that its sign is in doubt. */
function expectStep({ after, before, from, slope, norm, epsilon, size }: {
  after: number[];
  before: number[];
  from: number[];
  slope: number[];
  norm: AttackNorm;
  epsilon: number;
  size: number;
}): void {
  const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
  if (norm === "max") {
    after.forEach((x, i) => {
      if (Math.abs(slope[i]!) < 1e-4) return;
      const moved = before[i]! + size * Math.sign(slope[i]!);
      const wanted = clamp(clamp(moved, from[i]! - epsilon, from[i]! + epsilon), 0, 1);
      assert.ok(Math.abs(x - wanted) < 1e-6, `pixel ${i} is ${x}, not ${wanted}`);
    });
    return;
  }
  const length = Math.hypot(...slope);
  if (length < 1e-3) return;
  const moved = before.map((x, i) => x + size * slope[i]! / length - from[i]!);
  const shrunk = Math.min(1, epsilon / Math.hypot(...moved));
  after.forEach((x, i) => {
    const wanted = clamp(from[i]! + moved[i]! * shrunk, 0, 1);
    assert.ok(Math.abs(x - wanted) < 1e-4, `pixel ${i} is ${x}, not ${wanted}`);
  });
}

test("an image's step does not depend on what else is in the batch, however small its gradient", async () => {
  const numbers = new Numbers(1);
  const [origin, [w1, ...rest]] = [images(numbers), weights(numbers)];
  // A gradient of the batch's mean would be flushed to zero.
  const net = [{ shape: w1!.shape, data: w1!.data.map((w) => w * 2 ** -50) }, ...rest];
  const labels = numbers.indices(BATCH, CLASSES);
  for (const norm of ["max", "l2"] as const) {
    const steps = async (rows: number) => {
      const states = await reference({
        inputs: [
          { shape: [rows, SIDE, SIDE, 1], data: origin.data.slice(0, rows * PIXELS) },
          { shape: [rows], data: labels.data.slice(0, rows) },
          { shape: [2], data: Float32Array.of(0.25, 0.1) },
          ...net,
        ],
        emit: ([x, labels, sizes, ...net]) =>
          emitAttackStep(x!.builder as Graph, {
            forward: forward(net),
            x: x!,
            origin: x!,
            labels: labels!,
            sizes: sizes!,
            norm,
            loss: "cross-entropy",
          }),
      });
      return states.get("output0")!;
    };
    assert.deepEqual([...await steps(1)], [...(await steps(BATCH)).slice(0, PIXELS)]);
  }
});

test("the margin moves an image where cross-entropy says that all is well", async () => {
  const net = [
    { shape: [1, 2], data: Float32Array.of(1, -1) },
    { shape: [2], data: Float32Array.of(60, 0) },
  ];
  const states = await both({
    inputs: [
      { shape: [1, 1, 1, 1], data: Float32Array.of(0.5) },
      { shape: [1], data: Uint32Array.of(0) },
      { shape: [2], data: Float32Array.of(0.25, 0.125) },
      ...net,
    ],
    emit([x, labels, sizes, weights, bias]) {
      const given = { x: x!, origin: x!, labels: labels!, sizes: sizes!, norm: "max" } as const;
      const forward = (x: Value) => add(matmul(x.builder.reshape(x, [1, 1]), weights!), bias!);
      return (["cross-entropy", "margin"] as const).map((loss) =>
        emitAttackStep(x!.builder as Graph, { ...given, forward, loss })
      );
    },
  });
  assert.deepEqual([...states.get("output0")!], [0.5]);
  assert.deepEqual([...states.get("output1")!], [0.375]);
});

test("a random start draws its stream: each pixel in the ball, or the image on its sphere", async () => {
  const [shape, epsilon] = [[6, 5, 5, 1], 0.3];
  const origin = new Float32Array(150).fill(0.5);
  const source = stream(11, "attack");
  const states = await both({
    inputs: [
      { shape, data: origin },
      { shape: [2], data: Uint32Array.from(source.key) },
      { shape: [1], data: Uint32Array.of(4) },
      { shape: [2], data: Float32Array.of(epsilon, 0.1) },
    ],
    emit: ([origin, key, step, sizes]) =>
      (["max", "l2"] as const).map((norm) =>
        emitRandomStart(origin!.builder as Graph, {
          origin: origin!,
          key: key!,
          step: step!,
          sizes: sizes!,
          norm,
        })
      ),
  });
  states.get("output0")!.forEach((x, i) => {
    const wanted = 0.5 + epsilon * (2 * uniform(source, 4, i) - 1);
    assert.ok(Math.abs(x - wanted) < 1e-6, `pixel ${i} starts at ${x}, not ${wanted}`);
  });
  const moved = [...states.get("output1")!].map((x) => x - 0.5);
  for (let row = 0; row < 6; row++) {
    const length = Math.hypot(...moved.slice(row * 25, (row + 1) * 25));
    assert.ok(Math.abs(length - epsilon) < 1e-6, `image ${row} starts ${length} away`);
  }
});

test("a net is attacked with the weights that it trains, and trains on what comes out", () => {
  const layers: Layer[] = [flatten(), dense({ units: CLASSES })];
  const graph = new Graph();
  const leaf = (name: string, shape: number[], type: "f32" | "u32" = "f32") =>
    graph.leaf({ name, type, length: shape.reduce((a, b) => a * b) }, shape);
  const net = new Net(graph, new Parameters(""));
  const forward = (x: Value) => applyLayers(net, x, layers).at(-1)!.output;
  const [origin, labels] = [leaf("images", [BATCH, SIDE, SIDE, 1]), leaf("labels", [BATCH], "u32")];
  const sizes = leaf("sizes", [2]);
  for (const norm of ["max", "l2"] as const) {
    const step = { forward, x: origin, origin, labels, sizes, norm, loss: "margin" } as const;
    const x = emitAttackStep(graph, { ...step, x: emitAttackStep(graph, step) });
    assert.deepEqual([...net.used.keys()], ["dense1/weights", "dense1/bias"]);
    const loss = sum(softmaxCrossEntropy(forward(x), labels));
    assert.deepEqual(
      gradients(graph, loss, [...net.used.values()]).map(({ shape }) => shape),
      [[PIXELS, CLASSES], [CLASSES]],
    );
    if (norm === "max") {
      assert.throws(() => gradients(graph, loss, [sizes]), /does not depend on the value/);
    }
  }
});
