import golden from "./activations.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { binaryCrossEntropy } from "../../core/ops/binary_cross_entropy.ts";
import { clamp } from "../../core/ops/clamp.ts";
import { leakyRelu } from "../../core/ops/leaky_relu.ts";
import { margin } from "../../core/ops/margin.ts";
import type { Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { selu } from "../../core/ops/selu.ts";
import { sigmoid } from "../../core/ops/sigmoid.ts";
import { softCrossEntropy } from "../../core/ops/soft_cross_entropy.ts";
import { softmax } from "../../core/ops/softmax.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax_cross_entropy.ts";
import { sum } from "../../core/ops/sum.ts";
import { tanh } from "../../core/ops/tanh.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import type { Tensor } from "../ops/numbers.ts";
import { numbers } from "./formula.ts";

function agrees(
  name: string,
  { y, gradient }: { readonly y: number[]; readonly gradient: number[] },
  x: Tensor,
  dy: Tensor,
  emit: (x: Value) => Value,
): void {
  test(`${name}() and its gradient agree with PyTorch`, async () => {
    const states = await reference({
      inputs: [x, dy],
      emit: ([x, dy]) => {
        const y = emit(x!);
        return [y, ...gradients(y.builder as Graph, sum(multiply(y, dy!)), [x!])];
      },
    });
    assertClose(states.get("output0")!, y, "the output");
    assertClose(states.get("output1")!, gradient, "the gradient");
  });
}

const elementwise = {
  clamp: (x: Value) => clamp(x, { from: -2.5, to: 1.25 }),
  leakyRelu: (x: Value) => leakyRelu(x, { slope: 0.2 }),
  relu,
  selu,
  sigmoid,
  tanh,
};
for (const name of ["clamp", "leakyRelu", "relu", "selu", "sigmoid", "tanh"] as const) {
  agrees(name, golden[name], numbers([60], 7, 12), numbers([60], 200), elementwise[name]);
}
const logits = numbers([6, 10], 3, 10);
agrees("softmax", golden.softmax, logits, numbers([6, 10], 200), softmax);
agrees("softmaxCrossEntropy", golden.crossEntropy, logits, numbers([6], 200), (x) => {
  const labels = x.builder.constant(new Uint32Array(golden.crossEntropy.labels), [6]);
  return softmaxCrossEntropy(x, labels);
});
agrees("softCrossEntropy", golden.softCrossEntropy, logits, numbers([6], 200), (x) => {
  const { data, shape } = numbers([6, 10], 50, 10);
  return softCrossEntropy(x, softmax(x.builder.constant(data, shape)));
});
agrees("margin", golden.margin, logits, numbers([6], 200), (x) => {
  const labels = x.builder.constant(new Uint32Array(golden.margin.labels), [6]);
  return margin(x, labels);
});
agrees(
  "binaryCrossEntropy",
  golden.binaryCrossEntropy,
  numbers([60], 7, 40),
  numbers([60], 200),
  (x) => {
    const targets = x.builder.constant(new Float32Array(golden.binaryCrossEntropy.targets), [60]);
    return binaryCrossEntropy(x, targets);
  },
);
