/** TensorFlow.js on WebGPU. Its results are freed as its guide says, by `tidy` and `dispose`. */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
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
import { glorot, pixels } from "./numbers.ts";
import { batchNorm, pairStep } from "./tensorflow_dcgan.ts";
import { serve } from "./serve.ts";

/** A task whose results, the first of which is waited for, are computed anew each time. */
function kernel(inputs: tf.Tensor[], once: () => tf.Tensor | tf.Tensor[]): Prepared {
  return {
    async run(times) {
      const start = performance.now();
      let last = once();
      for (let i = 1; i < times; i++) {
        tf.dispose(last);
        last = once();
      }
      const waited = Array.isArray(last) ? last[0]! : last;
      const corner = tf.slice(waited, waited.shape.map(() => 0), waited.shape.map(() => 1));
      await corner.data();
      tf.dispose([last, corner]);
      return (performance.now() - start) / 1000;
    },
    close: () => tf.dispose(inputs),
  };
}

function product({ m, k, n }: Product): Prepared {
  const a = tf.tensor2d(pixels(m * k), [m, k]);
  const b = tf.tensor2d(pixels(k * n), [k, n]);
  return kernel([a, b], () => tf.matMul(a, b));
}

/** The gradients by the kernels that `tf.grad` would call, without the forward pass. */
function convolution({ pass, batch, channels, filters, height, width }: Convolution): Prepared {
  const inputShape: Shape4 = [batch, height, width, channels];
  const filterShape: Shape4 = [KERNEL, KERNEL, channels, filters];
  const noise = (shape: Shape4) => tf.tensor4d(pixels(tf.util.sizeFromShape(shape)), shape);
  const x = noise(inputShape);
  const filter = noise(filterShape);
  const dy = noise([batch, height - KERNEL + 1, width - KERNEL + 1, filters]);
  const move = { strides: 1, pad: "valid", dataFormat: "NHWC" };
  const run = (name: string, inputs: tf.NamedTensorMap, shape: tf.NamedAttrMap) =>
    tf.engine().runKernel(name, inputs, { ...move, ...shape }) as tf.Tensor;
  return kernel(
    [x, filter, dy],
    {
      "forward": () => tf.conv2d(x, filter, 1, "valid"),
      "input gradient": () => run(tf.Conv2DBackpropInput, { dy, filter }, { inputShape }),
      "weight gradient": () => run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape }),
    }[pass],
  );
}

/** A transposed convolution is a convolution's input gradient; its own gradients are a convolution's. */
function transposed(task: TransposedConvolution): Prepared {
  const { pass, batch, channels, filters, height, width, kernel: k, stride, padding } = task;
  const outputShape: Shape4 = [batch, ...transposedSize(task), filters];
  const filterShape: Shape4 = [k, k, filters, channels];
  const noise = (shape: Shape4) => tf.tensor4d(pixels(tf.util.sizeFromShape(shape)), shape);
  const x = noise([batch, height, width, channels]);
  const filter = noise(filterShape);
  const dy = noise(outputShape);
  const move = { strides: stride, pad: padding, dataFormat: "NHWC" };
  return kernel(
    [x, filter, dy],
    {
      "forward": () => tf.conv2dTranspose(x, filter, outputShape, stride, padding),
      "input gradient": () => tf.conv2d(dy, filter, stride, padding),
      "weight gradient": () =>
        tf.engine().runKernel(
          tf.Conv2DBackpropFilter,
          { x: dy, dy: x } as unknown as tf.NamedTensorMap,
          { ...move, filterShape },
        ) as tf.Tensor,
    }[pass],
  );
}

function norm({ batch, height, width, channels }: Norm): Prepared {
  const image: Shape4 = [batch, height, width, channels];
  const noise = (shape: number[]) => tf.tensor(pixels(tf.util.sizeFromShape(shape)), shape);
  const x = noise(image), dy = noise(image), scale = noise([channels]), shift = noise([channels]);
  const gradients = tf.grads((x, scale, shift) =>
    batchNorm(x as tf.Tensor4D, scale as tf.Tensor1D, shift as tf.Tensor1D).y
  );
  return kernel([x, dy, scale, shift], () => gradients([x, scale, shift], dy));
}

type Shape4 = [number, number, number, number];

function trainingStep({ batch }: TrainingStep): Prepared {
  const weights = (shape: number[], fanIn: number, fanOut: number) =>
    tf.variable(tf.tensor(glorot(tf.util.sizeFromShape(shape), fanIn, fanOut), shape));
  const zeros = (length: number) => tf.variable(tf.zeros([length]));
  const conv = [
    [weights([3, 3, 3, 32], 27, 288), zeros(32)],
    [weights([3, 3, 32, 64], 288, 576), zeros(64)],
    [weights([3, 3, 64, 64], 576, 576), zeros(64)],
  ] as const;
  const dense = [
    [weights([1024, 64], 1024, 64), zeros(64)],
    [weights([64, 10], 64, 10), zeros(10)],
  ] as const;
  const x = tf.tensor4d(pixels(batch * 32 * 32 * 3), [batch, 32, 32, 3]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const y = tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 10), "float32");
  const optimiser = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
  const loss = (): tf.Scalar => {
    let h: tf.Tensor4D = x;
    conv.forEach(([w, b], i) => {
      h = tf.relu(tf.add(tf.conv2d(h, w as tf.Tensor4D, 1, "valid"), b));
      if (i < 2) h = tf.maxPool(h, 2, 2, "valid");
    });
    const [[w1, b1], [w2, b2]] = dense;
    const hidden = tf.relu(tf.add(tf.matMul(tf.reshape(h, [batch, 1024]), w1), b1));
    const logits = tf.add(tf.matMul(hidden, w2), b2);
    return tf.losses.softmaxCrossEntropy(y, logits) as tf.Scalar;
  };
  return {
    async run(times) {
      const start = performance.now();
      let last = optimiser.minimize(loss, true)!;
      for (let i = 1; i < times; i++) {
        last.dispose();
        last = optimiser.minimize(loss, true)!;
      }
      const [value] = await last.data();
      last.dispose();
      const seconds = (performance.now() - start) / 1000;
      if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
      return seconds;
    },
    close: () => {
      optimiser.dispose();
      tf.dispose([x, y, ...conv.flat(), ...dense.flat()]);
    },
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
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!await tf.setBackend("webgpu")) throw new Error("the webgpu backend does not start");
  await tf.ready();
  return {
    version: tf.version_core,
    adapter: adapter!.info.description,
    prepare: (task) => Promise.resolve(prepare(task)),
  };
});
