/** A whole training step of CLAIMS.md's reference net against PyTorch's. */
import golden from "./train_step.json" with { type: "json" };
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { adamOp } from "../../core/ops/adam.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { maxPool } from "../../core/ops/max_pool.ts";
import { mean } from "../../core/ops/mean.ts";
import { size, type Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax_cross_entropy.ts";
import { assertClose } from "../ops/gradient.ts";
import { reference, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

const names = Object.keys(golden.parameters) as (keyof typeof golden.parameters)[];

/** Weights in Glorot's range, layer by layer; small biases. */
const parameters = names.map((name, i) => {
  const { shape } = golden.parameters[name];
  if (name.endsWith("bias")) return numbers(shape, 37, 0.1);
  const fanIn = size(shape.slice(0, -1));
  const fanOut = size(shape.slice(0, -2)) * shape.at(-1)!;
  return numbers(shape, 100 * (i / 2), 2 * Math.sqrt(6 / (fanIn + fanOut)));
});

const pixels = numbers([4, 32, 32, 3], 0);
const images = { ...pixels, data: pixels.data.map((x) => x + 0.5) };

function logitsOf(x: Value, parameters: readonly Value[]): Value {
  const [w1, b1, w2, b2, w3, b3, w4, b4, w5, b5] = parameters as Value[] & { length: 10 };
  let h = maxPool(relu(add(conv2d(x, w1!), b1!)), { size: 2 });
  h = maxPool(relu(add(conv2d(h, w2!), b2!)), { size: 2 });
  h = relu(add(conv2d(h, w3!), b3!));
  h = relu(add(matmul(x.builder.reshape(h, [4, 1024]), w4!), b4!));
  return add(matmul(h, w5!), b5!);
}

test("a training step of the reference net agrees with PyTorch", async () => {
  const moments = parameters.map(({ shape }) => numbers(shape, 0, 0));
  const scalars = [0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-3 / (1 - 0.9), 1 / Math.sqrt(1 - 0.999)];
  const count = parameters.length;
  const states = await reference({
    inputs: [
      ...parameters,
      ...moments,
      ...moments,
      images,
      { shape: [4], data: new Uint32Array(golden.labels) },
      { shape: [7], data: new Float32Array([...scalars, 1e-7]) },
    ],
    emit: (inputs) => {
      const own = inputs.slice(0, count);
      const [x, labels, scalars] = inputs.slice(3 * count) as [Value, Value, Value];
      const logits = logitsOf(x, own);
      const loss = mean(softmaxCrossEntropy(logits, labels));
      const found = gradients(x.builder as Graph, loss, own);
      own.forEach((parameter, i) => {
        const [first, second] = [inputs[count + i]!, inputs[2 * count + i]!];
        x.builder.effect(adamOp, [parameter, found[i]!, first, second, scalars], {});
      });
      return [logits, loss, ...found];
    },
  });
  assertClose(states.get("output0")!, golden.logits, "the logits");
  assertClose(states.get("output1")!, [golden.loss], "the loss");
  names.forEach((name, i) => {
    const expected = golden.parameters[name];
    const gradient = [...states.get(`output${i + 2}`)!];
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    assertClose([norm], [expected.norm], `the norm of ${name}'s gradient`);
    const total = gradient.reduce((sum, g) => sum + g, 0);
    assertClose([total, norm], [expected.sum, expected.norm], `the sum of ${name}'s gradient`);
    const largest = Math.max(...gradient.map(Math.abs));
    const picked = expected.at.map((at) => gradient[at]!);
    assertClose([...picked, largest], [...expected.gradient, largest], `${name}'s gradient`);
    const [before, after] = [parameters[i]!.data, states.get(`input${i}`)!];
    const changes = expected.at.map((at) => after[at]! - before[at]!);
    // A parameter's own rounding, about 1e-8, is 1e-5 of the change; a tiny gradient adds to that.
    assertClose(changes, expected.change, `the change of ${name}`, 1e-4);
  });
});
