/**
 * jax-js on WebGPU or WebAssembly, as its argument says. Every call of jax-js takes over its
 * arguments; `.ref` keeps one for later. The step is one `jit`; pooling is written as a maximum over
 * a reshaped array, which is faster there than `lax.reduceWindow`. A transposed convolution is its
 * `lax.convTranspose`, which multiplies the zeros between the pixels too.
 */
import {
  type Array as Tensor,
  blockUntilReady,
  defaultDevice,
  getWebGPUDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
  vjp,
} from "@jax-js/jax";
import config from "../deno.json" with { type: "json" };
import type { Prepared } from "../contestant.ts";
import {
  type Convolution,
  KERNEL,
  type Norm,
  type Product,
  type Task,
  type TrainingStep,
  type TransposedConvolution,
  transposedSize,
} from "../task.ts";
import {
  type Adam,
  corrections,
  descend,
  initialState,
  type State,
  type Weights,
} from "./jax_adam.ts";
import { batchNorm, convTranspose, pairStep } from "./jax_dcgan.ts";
import { glorot, pixels } from "./numbers.ts";
import { serve } from "./serve.ts";

const ADAM: Adam = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

function array(data: Float32Array, shape: number[]): Tensor {
  return np.array(data as Float32Array<ArrayBuffer>).reshape(shape);
}

/** Results that wait to be computed are kept until then; more of them would fill the memory. */
const MOST_KEPT = 64;

/** A task whose results are computed anew each time. */
function kernel(inputs: Tensor[], once: () => Tensor[]): Prepared {
  return {
    async run(times) {
      const start = performance.now();
      let left = times;
      // Hands the work to the queue and drops the result: nobody waits before the last one.
      if (defaultDevice() === "webgpu") {
        for (; left > 1; left--) for (const result of once()) result.gpuBufferSync();
      }
      while (left > 0) {
        const results = Array.from({ length: Math.min(left, MOST_KEPT) }, once);
        await blockUntilReady(results);
        tree.dispose(results);
        left -= results.length;
      }
      return (performance.now() - start) / 1000;
    },
    close: () => tree.dispose(inputs),
  };
}

function product({ m, k, n }: Product): Prepared {
  const a = array(pixels(m * k), [m, k]);
  const b = array(pixels(k * n), [k, n]);
  return kernel([a, b], () => [np.matmul(a.ref, b.ref)]);
}

function convolve(x: Tensor, filters: Tensor): Tensor {
  return lax.conv(x, filters, [1, 1], "VALID");
}

function convolution(task: Convolution): Prepared {
  const { pass, batch, channels, filters, height, width } = task;
  return linear(pass, convolve, {
    input: [batch, channels, height, width],
    weights: [filters, channels, KERNEL, KERNEL],
    output: [batch, filters, height - KERNEL + 1, width - KERNEL + 1],
  });
}

function transposed(task: TransposedConvolution): Prepared {
  const { pass, batch, channels, filters, height, width, kernel, stride, padding } = task;
  return linear(pass, (x, w) => convTranspose(x, w, stride, padding), {
    input: [batch, channels, height, width],
    weights: [filters, channels, kernel, kernel],
    output: [batch, filters, ...transposedSize(task)],
  });
}

function noise(shape: number[]): Tensor {
  return array(pixels(shape.reduce((a, b) => a * b)), shape);
}

/** In a `jit`, what the gradient does not need of the forward pass is left out. */
function linear(
  pass: Convolution["pass"],
  apply: (x: Tensor, w: Tensor) => Tensor,
  { input, weights, output }: Readonly<Record<"input" | "weights" | "output", number[]>>,
): Prepared {
  const [a, b, once] = {
    "forward": [input, weights, apply] as const,
    "input gradient": [weights, output, (w: Tensor, dy: Tensor) => {
      return gradient((x) => apply(x, w), input, dy);
    }] as const,
    "weight gradient": [input, output, (x: Tensor, dy: Tensor) => {
      return gradient((w) => apply(x, w), weights, dy);
    }] as const,
  }[pass];
  const inputs = [noise(a), noise(b)] as const;
  const compiled = jit(once);
  return kernel([...inputs], () => [compiled(inputs[0].ref, inputs[1].ref) as Tensor]);
}

/** jax-js has no BatchNorm: it is written with means, and its gradient derived. */
function norm({ batch, height, width, channels }: Norm): Prepared {
  const image = [batch, channels, height, width], row = [1, channels, 1, 1];
  const inputs = [image, row, row, image].map(noise) as [Tensor, Tensor, Tensor, Tensor];
  const compiled = jit((x: Tensor, scale: Tensor, shift: Tensor, dy: Tensor) => {
    const normalise = (...of: [Tensor, Tensor, Tensor]) => {
      const [y, mean, variance] = batchNorm(...of);
      return [y, [mean, variance]] as [Tensor, [Tensor, Tensor]];
    };
    const [y, pullBack, moments] = vjp(normalise, [x, scale, shift], { hasAux: true });
    const gradients = pullBack(dy);
    pullBack.dispose();
    return [y, ...moments, ...gradients];
  });
  const refs = () => inputs.map((input) => input.ref) as typeof inputs;
  return kernel(inputs, () => compiled(...refs()) as Tensor[]);
}

function gradient(linear: (at: Tensor) => Tensor, shape: number[], dy: Tensor): Tensor {
  const [value, pullBack] = vjp(linear, [np.zeros(shape)]);
  value.dispose();
  const [result] = pullBack(dy);
  pullBack.dispose();
  return result;
}

/** Images are [batch, channels, height, width], and filters [filters, channels, height, width]. */
function initialWeights(): Weights {
  return {
    filters1: array(glorot(32 * 3 * 9, 27, 288), [32, 3, 3, 3]),
    filters2: array(glorot(64 * 32 * 9, 288, 576), [64, 32, 3, 3]),
    filters3: array(glorot(64 * 64 * 9, 576, 576), [64, 64, 3, 3]),
    bias1: np.zeros([1, 32, 1, 1]),
    bias2: np.zeros([1, 64, 1, 1]),
    bias3: np.zeros([1, 64, 1, 1]),
    dense1: array(glorot(1024 * 64, 1024, 64), [1024, 64]),
    dense2: array(glorot(64 * 10, 64, 10), [64, 10]),
    denseBias1: np.zeros([64]),
    denseBias2: np.zeros([10]),
  };
}

function maxPool(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const h = Math.floor(height / 2), w = Math.floor(width / 2);
  const even = x.slice([], [], [0, 2 * h], [0, 2 * w]);
  return np.max(even.reshape([batch, channels, h, 2, w, 2]), [3, 5]);
}

function loss(p: Weights, x: Tensor, y: Tensor): Tensor {
  const batch = x.shape[0]!;
  const conv = (input: Tensor, filters: Tensor, bias: Tensor) =>
    nn.relu(lax.conv(input, filters, [1, 1], "VALID").add(bias));
  let h = maxPool(conv(x, p["filters1"]!, p["bias1"]!));
  h = maxPool(conv(h, p["filters2"]!, p["bias2"]!));
  h = conv(h, p["filters3"]!, p["bias3"]!).reshape([batch, 1024]);
  h = nn.relu(np.matmul(h, p["dense1"]!).add(p["denseBias1"]!));
  const logits = np.matmul(h, p["dense2"]!).add(p["denseBias2"]!);
  return nn.logSoftmax(logits, -1).mul(y).sum().mul(-1 / batch);
}

const step = jit((state: State, scales: [Tensor, Tensor], x: Tensor, y: Tensor) => {
  const [value, gradients] = valueAndGrad(loss)(tree.ref(state.p), x, y) as [Tensor, Weights];
  return [value, descend(ADAM, state, gradients, scales)] as [Tensor, State];
});

function trainingStep({ batch }: TrainingStep): Prepared {
  let state = initialState(initialWeights());
  const x = array(pixels(batch * 3 * 32 * 32), [batch, 3, 32, 32]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const y = nn.oneHot(np.array(labels), 10);
  const scales = corrections(ADAM);
  return {
    async run(times) {
      const start = performance.now();
      let last: Tensor | undefined;
      for (let i = 0; i < times; i++) {
        last?.dispose();
        [last, state] = step(state, scales.next().value, x.ref, y.ref) as [Tensor, State];
      }
      await blockUntilReady(state);
      const [value] = await last!.data();
      const seconds = (performance.now() - start) / 1000;
      if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
      return seconds;
    },
    close: () => tree.dispose([state, x, y]),
  };
}

function prepare(task: Task): Prepared {
  switch (task.kind) {
    case "product":
      return product(task);
    case "convolution":
      return convolution(task);
    case "transposed":
      return transposed(task);
    case "norm":
      return norm(task);
    case "step":
      return task.experiment === "dcgan" ? pairStep(task) : trainingStep(task);
  }
}

await serve(async () => {
  const device = Deno.args[0] === "wasm" ? "wasm" : "webgpu";
  if (!(await init(device)).includes(device)) throw new Error(`jax-js finds no ${device}`);
  defaultDevice(device);
  return {
    version: config.imports["@jax-js/jax"].split("@").at(-1)!,
    adapter: device === "wasm" ? "WebAssembly" : getWebGPUDevice()!.adapterInfo.description,
    prepare: (task) => Promise.resolve(prepare(task)),
  };
});
