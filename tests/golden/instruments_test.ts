import assert from "node:assert/strict";
import golden from "./instruments.json" with { type: "json" };
import { histogram } from "../../core/ops/histogram.ts";
import { sumOfSquares } from "../../core/ops/sum_of_squares.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (const { length, scale, norm } of golden.norms) {
  test(`sumOfSquares() agrees with PyTorch's norm in f64 (${length} numbers up to ${scale})`, async () => {
    const states = await reference({
      inputs: [numbers([length], 0, scale)],
      emit: ([x]) => sumOfSquares(x!),
    });
    const [s, q] = states.get("output0")! as unknown as [number, number];
    const found = s * Math.sqrt(q);
    assert.ok(Math.abs(found / norm - 1) < 1e-6, `${found} instead of ${norm}`);
  });
}

for (const { length, scale, counts, ...attributes } of golden.histograms) {
  test(`histogram() agrees with PyTorch (${attributes.bins} bins)`, async () => {
    const states = await reference({
      inputs: [numbers([length], 0, scale)],
      emit: ([x]) => histogram(x!, attributes),
    });
    assert.deepEqual([...states.get("output0")!], counts);
  });
}
