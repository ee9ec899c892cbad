import golden from "./upsample.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { sum } from "../../core/ops/sum.ts";
import { upsample } from "../../core/ops/upsample.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (const { x, factor, shape, y, gradient } of golden.cases) {
  test(`upsample() and its gradient agree with PyTorch (factor ${factor})`, async () => {
    const states = await reference({
      inputs: [numbers(x, 50), numbers(shape, 200)],
      emit: ([x, dy]) => {
        const y = upsample(x!, { factor });
        return [y, ...gradients(y.builder as Graph, sum(multiply(y, dy!)), [x!])];
      },
    });
    assertClose(states.get("output0")!, y, "the output");
    assertClose(states.get("output1")!, gradient, "the gradient");
  });
}
