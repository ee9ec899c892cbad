import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { type Convolution, convolutions, grouped, products, shapes } from "./conv2d_formula.ts";
import { both, type Case, provesItsOrder, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

function backward(c: Convolution, numbers: Numbers): Case {
  const { x, weights, y } = shapes(c);
  return {
    inputs: [numbers.tensor(y), numbers.tensor(weights)],
    emit: ([dy, weights]) => conv2dInputGradient(dy!, weights!, { ...c, input: x }),
  };
}

sameBits("conv2dInputGradient() gives its reference's bits", convolutions(20_000), backward);

test("conv2dInputGradient() gives its reference's bits over several workgroups", async () => {
  const numbers = new Numbers(1);
  const base = { batch: 3, height: 19, width: 21, kernelHeight: 3, kernelWidth: 2 };
  await both(
    backward({ ...base, channels: 3, filters: 3, stride: 2, padding: "valid" }, numbers),
  );
  await both(
    backward({ ...base, channels: 72, filters: 2, stride: 1, padding: "same" }, numbers),
  );
});

test("conv2dInputGradient() adds rows, columns and filters in ascending order, each product rounded", async () => {
  const c: Convolution = {
    batch: 2,
    height: 5,
    width: 6,
    kernelHeight: 3,
    kernelWidth: 2,
    channels: 5,
    filters: 6,
    stride: 2,
    padding: 1,
  };
  const tested = backward(c, new Numbers(2));
  const [dy, weights] = tested.inputs;
  const byWeight = products(c).sort((a, b) => a[2] - b[2]);
  const length = shapes(c).x.reduce((a, b) => a * b);
  await provesItsOrder(tested, grouped(byWeight, 1, [0, 2], [dy!.data, weights!.data], length));
});
