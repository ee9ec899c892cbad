/** Batch normalisations folded into the layers before them, against PyTorch's fused layers. */
import golden from "./folding.json" with { type: "json" };
import { batchNorm, conv2d, conv2dTranspose, dense, foldBatchNorm } from "../../mod.ts";
import { assertClose } from "../ops/gradient.ts";
import { numbers } from "./formula.ts";

for (const { layer, shape, bias, epsilon, ...expected } of golden.cases) {
  const what = `${layer} [${shape}] ${bias ? "with" : "without"} bias`;
  Deno.test(`foldBatchNorm() agrees with PyTorch (${what})`, () => {
    const filters = shape.at(-1)!;
    const kernel: [number, number] = [shape[0]!, shape[1]!];
    const own = bias ? {} : { bias: false } as const;
    const first = layer === "dense"
      ? dense({ units: filters, ...own })
      : (layer === "conv2d" ? conv2d : conv2dTranspose)({ filters, kernel, ...own });
    const variance = numbers([filters], 500);
    const { tensors } = foldBatchNorm(
      [first, batchNorm({ epsilon })],
      new Map([
        [`${layer}1/weights`, numbers(shape, 0, 2)],
        ...bias ? [[`${layer}1/bias`, numbers([filters], 100)] as const] : [],
        ["batchNorm1/gamma", numbers([filters], 200, 3)],
        ["batchNorm1/beta", numbers([filters], 300)],
        ["batchNorm1/running mean", numbers([filters], 400)],
        ["batchNorm1/running variance", {
          ...variance,
          data: variance.data.map((x) => x + Math.fround(0.6)),
        }],
      ]),
    );
    assertClose(tensors.get(`${layer}1/weights`)!.data, expected.weights, "the weights");
    assertClose(tensors.get(`${layer}1/bias`)!.data, expected.biases, "the bias");
  });
}
