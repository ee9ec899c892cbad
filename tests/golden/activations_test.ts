import golden from "./activations.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import type { Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sigmoid } from "../../core/ops/sigmoid.ts";
import { softmax } from "../../core/ops/softmax.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax_cross_entropy.ts";
import { sum } from "../../core/ops/sum.ts";
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

agrees("relu", golden.relu, numbers([60], 7, 12), numbers([60], 200), relu);
agrees("sigmoid", golden.sigmoid, numbers([60], 7, 12), numbers([60], 200), sigmoid);
const logits = numbers([6, 10], 3, 10);
agrees("softmax", golden.softmax, logits, numbers([6, 10], 200), softmax);
agrees("softmaxCrossEntropy", golden.crossEntropy, logits, numbers([6], 200), (x) => {
  const labels = x.builder.constant(new Uint32Array(golden.crossEntropy.labels), [6]);
  return softmaxCrossEntropy(x, labels);
});
