import golden from "./matmul.json" with { type: "json" };
import { matmul } from "../../core/ops/matmul.ts";
import { transpose } from "../../core/ops/transpose.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (const { m, k, n, y } of golden.cases) {
  test(`matmul() agrees with PyTorch in all transpositions (${m}x${k}x${n})`, async () => {
    const states = await reference({
      inputs: [numbers([m, k], 0), numbers([k, n], 300)],
      emit: ([a, b]) => [
        matmul(a!, b!),
        matmul(transpose(a!), b!, { transposeA: true }),
        matmul(a!, transpose(b!), { transposeB: true }),
        matmul(transpose(a!), transpose(b!), { transposeA: true, transposeB: true }),
      ],
    });
    for (let i = 0; i < 4; i++) assertClose(states.get(`output${i}`)!, y, `transposition ${i}`);
  });
}
