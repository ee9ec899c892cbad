/** TensorFlow.js on WebGPU. Its results are freed as its guide says, by `tidy` and `dispose`. */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import type { Prepared } from "../contestant.ts";
import { type Convolution, KERNEL, type Product, type Task, type TrainingStep } from "../task.ts";
import { glorot, pixels } from "./numbers.ts";
import { serve } from "./serve.ts";

/** A task of one tensor, computed anew each time. */
function kernel(inputs: tf.Tensor[], once: () => tf.Tensor): Prepared {
  return {
    async run(times) {
      const start = performance.now();
      let last = once();
      for (let i = 1; i < times; i++) {
        last.dispose();
        last = once();
      }
      const corner = tf.slice(last, last.shape.map(() => 0), last.shape.map(() => 1));
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
    case "step":
      return trainingStep(task);
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
