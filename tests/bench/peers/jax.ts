/**
 * jax-js on WebGPU or WebAssembly, as its argument says. Every call of jax-js takes over its
 * arguments; `.ref` keeps one for later. The step is one `jit`; pooling is written as a maximum over
 * a reshaped array, which is faster there than `lax.reduceWindow`.
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
import { type Convolution, KERNEL, type Product, type Task, type TrainingStep } from "../task.ts";
import { glorot, pixels } from "./numbers.ts";
import { serve } from "./serve.ts";

const BETA1 = 0.9, BETA2 = 0.999, RATE = 1e-3, EPSILON = 1e-7;

function array(data: Float32Array, shape: number[]): Tensor {
  return np.array(data as Float32Array<ArrayBuffer>).reshape(shape);
}

/** Results that wait to be computed are kept until then; more of them would fill the memory. */
const MOST_KEPT = 64;

/** A task of one array, computed anew each time. */
function kernel(inputs: Tensor[], once: () => Tensor): Prepared {
  return {
    async run(times) {
      const start = performance.now();
      let left = times;
      // Hands the work to the queue and drops the result: nobody waits before the last one.
      if (defaultDevice() === "webgpu") { for (; left > 1; left--) once().gpuBufferSync(); }
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
  return kernel([a, b], () => np.matmul(a.ref, b.ref));
}

function convolve(x: Tensor, filters: Tensor): Tensor {
  return lax.conv(x, filters, [1, 1], "VALID");
}

/** In a `jit`, what the gradient does not need of the forward pass is left out. */
function convolution({ pass, batch, channels, filters, height, width }: Convolution): Prepared {
  const input = [batch, channels, height, width];
  const weights = [filters, channels, KERNEL, KERNEL];
  const output = [batch, filters, height - KERNEL + 1, width - KERNEL + 1];
  const noise = (shape: number[]) => array(pixels(shape.reduce((a, b) => a * b)), shape);
  const [a, b, apply] = pass === "forward"
    ? [noise(input), noise(weights), convolve] as const
    : pass === "input gradient"
    ? [noise(weights), noise(output), (w: Tensor, dy: Tensor) => {
      return gradient((x) => convolve(x, w), input, dy);
    }] as const
    : [noise(input), noise(output), (x: Tensor, dy: Tensor) => {
      return gradient((w) => convolve(x, w), weights, dy);
    }] as const;
  const compiled = jit(apply);
  return kernel([a, b], () => compiled(a.ref, b.ref) as Tensor);
}

function gradient(linear: (at: Tensor) => Tensor, shape: number[], dy: Tensor): Tensor {
  const [value, pullBack] = vjp(linear, [np.zeros(shape)]);
  value.dispose();
  const [result] = pullBack(dy);
  pullBack.dispose();
  return result;
}

type Weights = Record<string, Tensor>;

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

/** Weights and Adam's moments. */
type State = { p: Weights; m: Weights; v: Weights };

const step = jit((state: State, scale1: Tensor, scale2: Tensor, x: Tensor, y: Tensor) => {
  const [value, gradients] = valueAndGrad(loss)(tree.ref(state.p), x, y) as [Tensor, Weights];
  const next: State = { p: {}, m: {}, v: {} };
  for (const [name, gradient] of Object.entries(gradients)) {
    const m = state.m[name]!.mul(BETA1).add(gradient.ref.mul(1 - BETA1));
    const v = state.v[name]!.mul(BETA2).add(np.square(gradient).mul(1 - BETA2));
    const move = m.ref.mul(scale1.ref).div(np.sqrt(v.ref.mul(scale2.ref)).add(EPSILON));
    next.p[name] = state.p[name]!.sub(move);
    next.m[name] = m;
    next.v[name] = v;
  }
  tree.dispose([scale1, scale2]);
  return [value, next] as [Tensor, State];
});

function trainingStep({ batch }: TrainingStep): Prepared {
  const zeros = (weights: Weights): Weights => tree.map((w: Tensor) => np.zeros(w.shape), weights);
  const p = initialWeights();
  let state: State = { p, m: zeros(p), v: zeros(p) };
  const x = array(pixels(batch * 3 * 32 * 32), [batch, 3, 32, 32]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const y = nn.oneHot(np.array(labels), 10);
  let power1 = 1, power2 = 1;
  return {
    async run(times) {
      const start = performance.now();
      let last: Tensor | undefined;
      for (let i = 0; i < times; i++) {
        last?.dispose();
        power1 *= BETA1;
        power2 *= BETA2;
        const scales = [np.array(RATE / (1 - power1)), np.array(1 / (1 - power2))] as const;
        [last, state] = step(state, ...scales, x.ref, y.ref) as [Tensor, State];
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
    case "step":
      return trainingStep(task);
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
