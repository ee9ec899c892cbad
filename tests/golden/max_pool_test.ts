import golden from "./max_pool.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { maxPool } from "../../core/ops/max_pool.ts";
import { sum } from "../../core/ops/sum.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (const { x, size, stride, shape, y, gradient } of golden.cases) {
  test(`maxPool() and its gradient agree with PyTorch (size ${size}, stride ${stride})`, async () => {
    const states = await reference({
      inputs: [numbers(x, 50), numbers(shape, 200)],
      emit: ([x, dy]) => {
        const y = maxPool(x!, { size, stride });
        return [y, ...gradients(y.builder as Graph, sum(multiply(y, dy!)), [x!])];
      },
    });
    assertClose(states.get("output0")!, y, "the output");
    assertClose(states.get("output1")!, gradient, "the gradient");
  });
}
