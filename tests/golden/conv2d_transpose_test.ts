import golden from "./conv2d_transpose.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { conv2dTranspose } from "../../core/ops/conv2d_transpose.ts";
import { sum } from "../../core/ops/sum.ts";
import type { Padding } from "../../core/ops/window.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (
  const { x, kernel, filters, stride, padding, outputPadding, shape, ...expected } of golden.cases
) {
  const what = `${kernel.join("x")}, stride ${stride}, padding ${padding}, ${outputPadding} more`;
  test(`conv2dTranspose() and its gradients agree with PyTorch (${what})`, async () => {
    const weights = [...kernel, x[3]!, filters];
    const states = await reference({
      inputs: [numbers(x, 0), numbers(weights, 100), numbers(shape, 200)],
      emit: ([x, w, dy]) => {
        const attributes = { stride, padding: padding as Padding, outputPadding };
        const y = conv2dTranspose(x!, w!, attributes);
        return [y, ...gradients(y.builder as Graph, sum(multiply(y, dy!)), [x!, w!])];
      },
    });
    assertClose(states.get("output0")!, expected.y, "the output");
    assertClose(states.get("output1")!, expected.inputGradient, "the input's gradient");
    assertClose(states.get("output2")!, expected.weightGradient, "the weights' gradient");
  });
}
