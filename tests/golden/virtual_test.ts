/** Two steps of virtual adversarial training with a batch normalisation against PyTorch's. */
import golden from "./virtual.json" with { type: "json" };
import { Graph } from "../../core/graph/graph.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import type { Value } from "../../core/ops/op.ts";
import { normal, stream } from "../../core/random/streams.ts";
import { emitLogits } from "../../core/train/objective.ts";
import { emitVirtualLoss } from "../../core/train/virtual.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { tinyTrainer } from "../train/tiny.ts";
import { numbers } from "./formula.ts";

const { seed, rate, shapes, steps, virtual } = golden;
const layers: Layer[] = [
  { layer: "flatten" },
  { layer: "dense", units: 6, bias: false },
  { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 },
  { layer: "relu" },
  { layer: "dense", units: 3 },
];
const COUNT = 20;
const train = {
  count: COUNT,
  pixels: Uint8Array.from({ length: COUNT * 16 }, (_, i) => i * 7919 % 256),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i * 7 % 3),
};
const rows = (first: number, length: number) => Uint32Array.from({ length }, (_, i) => first + i);
const order = {
  stepsPerEpoch: 2,
  batch: (step: number) => rows(4 * step, 4),
  unlabelled: (step: number) => rows(8 + 6 * step, 6),
};
const parameters = Object.entries(shapes).map(([name, shape], i) => ({
  name,
  ...numbers(shape, 100 * i, 2),
}));

test("steps of virtual adversarial training agree with PyTorch's", async () => {
  const trainer = await tinyTrainer({
    net: layers,
    optimiser: { optimiser: "sgd", learningRate: rate },
    batch: 4,
    ...{ seed, train, order, virtual },
  });
  const drawn = (await trainer.state()).map((tensor) => [tensor.name, tensor] as const);
  trainer.restore(
    new Map([...drawn, ...parameters.map((tensor) => [tensor.name, tensor] as const)]),
  );
  for (const [step, expected] of steps.entries()) {
    const { losses } = await trainer.train(step, step + 1);
    assertClose(losses["train"]!, [expected.loss], `the loss of step ${step}`);
    const state = new Map((await trainer.state()).map(({ name, data }) => [name, data]));
    for (const [name, numbers] of Object.entries(expected.parameters)) {
      assertClose(state.get(name)!, numbers, `${name} after step ${step}`);
    }
    const [mean, variance] = expected.running;
    assertClose(state.get("batchNorm1/running mean")!, mean!, `the mean after step ${step}`);
    assertClose(state.get("batchNorm1/running variance")!, variance!, "the variance");
  }
  trainer.close();
});

test("the perturbation of the first step is PyTorch's, from the same direction", async () => {
  const drawn = stream(seed, "noise/virtual");
  const states = await reference({
    inputs: [
      { shape: [6, 4, 4, 1], data: Float32Array.from(train.pixels.slice(8 * 16, 14 * 16), unit) },
      {
        shape: [6, 4, 4, 1],
        data: Float32Array.from({ length: 96 }, (_, i) => normal(drawn, 0, i)),
      },
      ...parameters,
    ],
    emit([x, directions, ...values]) {
      const graph = x!.builder as Graph;
      const used = new Map(values.map((value, i): [string, Value] => [parameters[i]!.name, value]));
      const net = new Net(graph, new Parameters(), { mode: "passing", used });
      const forward = (x: Value) => emitLogits(net, x, layers, 3).logits;
      return emitVirtualLoss(graph, { forward, x: x!, directions: directions! }, virtual).r;
    },
  });
  // It comes from differences of probabilities, whose rounding each of the two has by itself: the same
  // formula in f64 is 1.1e-5 away from ours, and 0.8e-5 from PyTorch's.
  assertClose(states.get("output0")!, steps[0]!.r, "r", 3e-5);
});

function unit(byte: number): number {
  return byte / 255;
}
