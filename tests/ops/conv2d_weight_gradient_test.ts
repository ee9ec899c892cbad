import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { type Convolution, convolutions, grouped, products, shapes } from "./conv2d_formula.ts";
import { both, type Case, provesItsOrder, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

function backward(c: Convolution, numbers: Numbers): Case {
  const { x, weights, y } = shapes(c);
  return {
    inputs: [numbers.tensor(x), numbers.tensor(y)],
    emit: ([x, dy]) => conv2dWeightGradient(x!, dy!, { ...c, weights }),
  };
}

sameBits("conv2dWeightGradient() gives its reference's bits", convolutions(20_000), backward);

for (const [batch, filters, padding] of [[3, 4, "valid"], [5, 3, "same"], [7, 9, 1]] as const) {
  test(`conv2dWeightGradient() gives its reference's bits over several chunks (${batch} images, padding ${padding})`, async () => {
    const c: Convolution = {
      batch,
      height: 22,
      width: 23,
      kernelHeight: 2,
      kernelWidth: 3,
      channels: 2,
      filters,
      stride: 1,
      padding,
    };
    await both(backward(c, new Numbers(batch)));
  });
}

test("conv2dWeightGradient() adds pixels in ascending order, each product rounded", async () => {
  const c: Convolution = {
    batch: 3,
    height: 7,
    width: 6,
    kernelHeight: 3,
    kernelWidth: 2,
    channels: 5,
    filters: 3,
    stride: 1,
    padding: "same",
  };
  const tested = backward(c, new Numbers(2));
  const [x, dy] = tested.inputs;
  const length = shapes(c).weights.reduce((a, b) => a * b);
  await provesItsOrder(tested, grouped(products(c), 2, [1, 0], [x!.data, dy!.data], length));
});
