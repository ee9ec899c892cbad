import golden from "./conv2d.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { sum } from "../../core/ops/sum.ts";
import type { Padding } from "../../core/ops/window.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (const { x, kernel, filters, stride, padding, shape, ...expected } of golden.cases) {
  const what = `${kernel.join("x")}, stride ${stride}, padding ${padding}`;
  test(`conv2d() and its gradients agree with PyTorch (${what})`, async () => {
    const weights = [...kernel, x[3]!, filters];
    const states = await reference({
      inputs: [numbers(x, 0), numbers(weights, 100), numbers(shape, 200)],
      emit: ([x, w, dy]) => {
        const y = conv2d(x!, w!, { stride, padding: padding as Padding });
        return [y, ...gradients(y.builder as Graph, sum(multiply(y, dy!)), [x!, w!])];
      },
    });
    assertClose(states.get("output0")!, expected.y, "the output");
    assertClose(states.get("output1")!, expected.inputGradient, "the input's gradient");
    assertClose(states.get("output2")!, expected.weightGradient, "the weights' gradient");
  });
}
