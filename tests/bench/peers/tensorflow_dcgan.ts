/**
 * The main pair of nets of the dcgan experiment in TensorFlow.js. G's first layer and D's last, a
 * transposed convolution of a 1x1 map and a convolution to one, are written as the matrix products
 * that they are.
 */
import * as tf from "@tensorflow/tfjs";
import type { Prepared } from "../contestant.ts";
import type { TrainingStep } from "../task.ts";
import { pixels } from "./numbers.ts";

const CODE = 64;
/** Weight of a batch's own moments in the running ones. */
const MOMENTUM = 0.1;

/** x [batch, height, width, channels]; the result and the batch's mean and variance. */
export function batchNorm(x: tf.Tensor4D, scale: tf.Tensor1D, shift: tf.Tensor1D) {
  const { mean, variance } = tf.moments(x, [0, 1, 2]) as Record<"mean" | "variance", tf.Tensor1D>;
  return { y: tf.batchNorm(x, mean, variance, shift, scale, 1e-5), mean, variance };
}

/** BatchNorm in training mode, with running moments. */
class Norm {
  readonly scale: tf.Variable<tf.Rank.R1>;
  readonly shift: tf.Variable<tf.Rank.R1>;
  readonly mean: tf.Variable<tf.Rank.R1>;
  readonly variance: tf.Variable<tf.Rank.R1>;

  constructor(channels: number) {
    this.scale = tf.variable(tf.ones([channels]));
    this.shift = tf.variable(tf.zeros([channels]));
    this.mean = tf.variable(tf.zeros([channels]));
    this.variance = tf.variable(tf.ones([channels]));
  }

  apply(x: tf.Tensor4D): tf.Tensor4D {
    const { y, mean, variance } = batchNorm(x, this.scale, this.shift);
    for (const [running, moment] of [[this.mean, mean], [this.variance, variance]] as const) {
      running.assign(running.mul(1 - MOMENTUM).add(moment.mul(MOMENTUM)));
    }
    return y;
  }
}

/** Normal(0, 0.02), as the filters of both nets. */
function weights<R extends tf.Rank>(...shape: tf.ShapeMap[R]): tf.Variable<R> {
  return tf.variable(tf.randomNormal<R>(shape, 0, 0.02));
}

/** A net: what its optimiser moves, what it keeps besides, and what it makes of its input. */
interface Net<I extends tf.Tensor, O extends tf.Tensor> {
  readonly trained: tf.Variable[];
  readonly norms: readonly Norm[];
  apply(x: I): O;
}

function generator(batch: number): Net<tf.Tensor2D, tf.Tensor4D> {
  const start = weights<tf.Rank.R2>(CODE, 7 * 7 * 64);
  const filters1 = weights<tf.Rank.R4>(4, 4, 32, 64);
  const filters2 = weights<tf.Rank.R4>(4, 4, 1, 32);
  const bias = tf.variable(tf.zeros([1]));
  const norms = [new Norm(64), new Norm(32)] as const;
  return {
    trained: [start, filters1, filters2, bias, ...norms.flatMap((n) => [n.scale, n.shift])],
    norms,
    apply(codes) {
      const map = tf.reshape(tf.matMul(codes, start), [batch, 7, 7, 64]) as tf.Tensor4D;
      let h = tf.relu(norms[0].apply(map));
      h = tf.relu(norms[1].apply(tf.conv2dTranspose(h, filters1, [batch, 14, 14, 32], 2, 1)));
      return tf.tanh(tf.add(tf.conv2dTranspose(h, filters2, [batch, 28, 28, 1], 2, 1), bias));
    },
  };
}

function discriminator(batch: number): Net<tf.Tensor4D, tf.Tensor2D> {
  const filters1 = weights<tf.Rank.R4>(4, 4, 1, 32);
  const filters2 = weights<tf.Rank.R4>(4, 4, 32, 64);
  const end = weights<tf.Rank.R2>(7 * 7 * 64, 1);
  const bias1 = tf.variable(tf.zeros([32])), bias2 = tf.variable(tf.zeros([1]));
  const norm = new Norm(64);
  return {
    trained: [filters1, filters2, end, bias1, bias2, norm.scale, norm.shift],
    norms: [norm],
    apply(images) {
      let h: tf.Tensor4D = tf.add(tf.conv2d(images, filters1, 2, 1), bias1);
      h = tf.conv2d(tf.leakyRelu(h, 0.2), filters2, 2, 1);
      h = tf.leakyRelu(norm.apply(h), 0.2);
      return tf.add(tf.matMul(tf.reshape(h, [batch, 7 * 7 * 64]) as tf.Tensor2D, end), bias2);
    },
  };
}

function entropy(label: number, logits: tf.Tensor2D): tf.Scalar {
  return tf.losses.sigmoidCrossEntropy(tf.fill(logits.shape, label), logits);
}

/** A step of D and one of G. */
export function pairStep({ batch }: TrainingStep): Prepared {
  const g = generator(batch), d = discriminator(batch);
  const adams = [g, d].map(() => tf.train.adam(2e-4, 0.5, 0.999, 1e-8));
  const real = tf.tidy(() => {
    return tf.sub(tf.mul(tf.tensor4d(pixels(batch * 28 * 28), [batch, 28, 28, 1]), 2), 1);
  }) as tf.Tensor4D;
  const fakes = () => g.apply(tf.randomNormal<tf.Rank.R2>([batch, CODE]));
  const lossOfD = () => {
    const fake = fakes();
    return tf.mul<tf.Scalar>(0.5, tf.add(entropy(1, d.apply(real)), entropy(0, d.apply(fake))));
  };
  const lossOfG = () => entropy(1, d.apply(fakes()));
  const step = () => {
    adams[1]!.minimize(lossOfD, false, d.trained);
    return adams[0]!.minimize(lossOfG, true, g.trained)!;
  };
  return {
    async run(times) {
      const start = performance.now();
      let last = step();
      for (let i = 1; i < times; i++) {
        last.dispose();
        last = step();
      }
      const [value] = await last.data();
      last.dispose();
      const seconds = (performance.now() - start) / 1000;
      if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
      return seconds;
    },
    close: () => {
      for (const adam of adams) adam.dispose();
      for (const { trained, norms } of [g, d]) {
        tf.dispose([...trained, ...norms.flatMap(({ mean, variance }) => [mean, variance])]);
      }
      real.dispose();
    },
  };
}
