/** Steps of attacks on a small net against PyTorch's, from the pixels on. */
import golden from "./attacks.json" with { type: "json" };
import type { Graph } from "../../core/graph/graph.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { matmul } from "../../core/ops/matmul.ts";
import type { Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { rescaleRows } from "../../core/ops/rescale_rows.ts";
import { type AttackLoss, type AttackNorm, emitAttackStep } from "../../core/train/attack_step.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

const pixels = numbers([3, 6, 6, 2], 0);
const images = { ...pixels, data: pixels.data.map((x) => x + 0.5) };
const weights = [
  numbers([3, 3, 2, 4], 100, 0.8),
  numbers([4], 37, 0.1),
  numbers([64, 5], 300, 0.4),
  numbers([5], 40, 0.1),
];

for (const { norm, loss, epsilon, size, first, last } of golden.cases) {
  test(`steps of an attack agree with PyTorch (${norm} norm, ${loss}, size ${size})`, async () => {
    const states = await reference({
      inputs: [
        images,
        { shape: [3], data: Uint32Array.from(golden.labels) },
        { shape: [2], data: Float32Array.of(epsilon, size) },
        ...weights,
      ],
      emit([origin, labels, sizes, ...[w1, b1, w2, b2]]) {
        const forward = (x: Value) => {
          const h = relu(add(conv2d(x, w1!), b1!));
          return add(matmul(x.builder.reshape(h, [3, 64]), w2!), b2!);
        };
        const step = (x: Value) =>
          emitAttackStep(origin!.builder as Graph, {
            ...{ forward, x, origin: origin!, labels: labels!, sizes: sizes! },
            norm: norm as AttackNorm,
            loss: loss as AttackLoss,
          });
        const once = step(origin!);
        return [once, step(step(step(once)))];
      },
    });
    assertClose(states.get("output0")!, first, "the images after one step");
    assertClose(states.get("output1")!, last, "the images after four steps");
  });
}

test("rescaleRows() agrees with PyTorch, over all rows and over the longer ones", async () => {
  const { data } = numbers([4, 150], 11);
  const scales = [1e-12, 0.01, 1, 100].map(Math.fround);
  const x = { shape: [4, 150], data: data.map((value, i) => value * scales[Math.floor(i / 150)]!) };
  const { radius, exactly, atMost } = golden.rows;
  const states = await reference({
    inputs: [x, { shape: [1], data: Float32Array.of(radius) }],
    emit: ([x, radius]) => [false, true].map((atMost) => rescaleRows(x!, radius!, { atMost })),
  });
  assertClose(states.get("output0")!, exactly, "all rows");
  assertClose(states.get("output1")!, atMost, "the longer rows");
});
