import golden from "./optimisers.json" with { type: "json" };
import { adamOp } from "../../core/ops/adam.ts";
import { rmspropOp } from "../../core/ops/rmsprop.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import type { Tensor } from "../ops/numbers.ts";
import { numbers } from "./formula.ts";

const vector = (...values: number[]): Tensor => ({
  shape: [values.length],
  data: new Float32Array(values),
});

test("sgd agrees with PyTorch over five steps", async () => {
  let weights = numbers([40], 0);
  for (const [i, expected] of golden.sgd.entries()) {
    const states = await reference({
      inputs: [weights, numbers([40], 100 * (i + 1), 0.1), vector(0.1)],
      emit: (flat) => flat[0]!.builder.effect(sgdOp, flat, {}),
    });
    weights = vector(...states.get("input0")!);
    assertClose(weights.data, expected, `step ${i + 1}`);
  }
});

test("adam agrees with PyTorch over five steps", async () => {
  let [weights, first, second] = [numbers([40], 0), numbers([40], 0, 0), numbers([40], 0, 0)];
  let [power1, power2] = [1, 1];
  for (const [i, expected] of golden.adam.entries()) {
    power1 *= 0.9;
    power2 *= 0.999;
    const scalars = [0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-2 / (1 - power1)];
    const states = await reference({
      inputs: [
        weights,
        numbers([40], 100 * (i + 1), 0.1),
        first,
        second,
        vector(...scalars, 1 / Math.sqrt(1 - power2), 1e-7),
      ],
      emit: (flat) => flat[0]!.builder.effect(adamOp, flat, {}),
    });
    weights = vector(...states.get("input0")!);
    first = vector(...states.get("input2")!);
    second = vector(...states.get("input3")!);
    assertClose(weights.data, expected, `step ${i + 1}`);
  }
});

test("rmsprop agrees with PyTorch over five steps", async () => {
  let [weights, squares] = [numbers([40], 0), numbers([40], 0, 0)];
  for (const [i, expected] of golden.rmsprop.entries()) {
    const gradient = numbers([40], 100 * (i + 1), 0.1);
    const states = await reference({
      inputs: [weights, gradient, squares, vector(0.9, 1 - 0.9, 1e-3, 1e-7)],
      emit: (flat) => flat[0]!.builder.effect(rmspropOp, flat, {}),
    });
    weights = vector(...states.get("input0")!);
    squares = vector(...states.get("input2")!);
    assertClose(weights.data, expected, `step ${i + 1}`);
  }
});
