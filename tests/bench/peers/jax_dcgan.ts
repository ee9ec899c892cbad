/**
 * The main pair of nets of the dcgan experiment in jax-js. Both steps are one `jit`. G's first layer
 * and D's last, a transposed convolution of a 1x1 map and a convolution to one, are written as the
 * matrix products that they are, which takes a quarter off the step.
 */
import {
  type Array as Tensor,
  blockUntilReady,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import type { Prepared } from "../contestant.ts";
import type { TrainingStep } from "../task.ts";
import {
  type Adam,
  corrections,
  descend,
  initialState,
  type State,
  type Weights,
} from "./jax_adam.ts";
import { pixels } from "./numbers.ts";

const ADAM: Adam = { rate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
const CODE = 64;
/** Weight of a batch's own moments in the running ones. */
const MOMENTUM = 0.1;

/** As images are: [batch, channels, height, width]. */
const PER_CHANNEL = [0, 2, 3];

/** x [batch, channels, height, width]; the result and the batch's mean and variance. */
export function batchNorm(x: Tensor, scale: Tensor, shift: Tensor): [Tensor, Tensor, Tensor] {
  const mean = np.mean(x.ref, PER_CHANNEL, { keepdims: true });
  const centred = x.sub(mean.ref);
  const variance = np.mean(np.square(centred.ref), PER_CHANNEL, { keepdims: true });
  const factor = scale.div(np.sqrt(variance.ref.add(1e-5)));
  return [centred.mul(factor).add(shift), mean, variance];
}

/** Filters [filters, channels, kernel, kernel], not flipped. */
export function convTranspose(x: Tensor, w: Tensor, stride: number, padding: number): Tensor {
  const pad: [number, number] = [padding, padding];
  return lax.convTranspose(x, w, [stride, stride], [pad, pad]);
}

/** A net's result, and the running moments after it. */
type Pass = [Tensor, Weights];

/** Passes `x` through the BatchNorm of this name in training mode. */
function norm(p: Weights, moments: Weights, name: string, x: Tensor): Tensor {
  const [y, ...batch] = batchNorm(x, p[`${name}Scale`]!, p[`${name}Shift`]!);
  ["Mean", "Variance"].forEach((moment, i) => {
    const running = moments[name + moment]!.mul(1 - MOMENTUM);
    moments[name + moment] = running.add(lax.stopGradient(batch[i]!).mul(MOMENTUM));
  });
  return y;
}

function generate(p: Weights, before: Weights, codes: Tensor): Pass {
  const moments = { ...before };
  let h = np.matmul(codes, p["start"]!).reshape([-1, 64, 7, 7]);
  h = nn.relu(norm(p, moments, "norm1", h));
  h = nn.relu(norm(p, moments, "norm2", convTranspose(h, p["filters1"]!, 2, 1)));
  return [np.tanh(convTranspose(h, p["filters2"]!, 2, 1).add(p["bias"]!)), moments];
}

function discriminate(p: Weights, before: Weights, images: Tensor): Pass {
  const moments = { ...before };
  const conv = (x: Tensor, w: Tensor) => lax.conv(x, w, [2, 2], [[1, 1], [1, 1]]);
  let h = nn.leakyRelu(conv(images, p["filters1"]!).add(p["bias1"]!), 0.2);
  h = nn.leakyRelu(norm(p, moments, "norm", conv(h, p["filters2"]!)), 0.2);
  return [np.matmul(h.reshape([-1, 64 * 7 * 7]), p["end"]!).add(p["bias2"]!), moments];
}

/** Binary cross-entropy where all are real; of the negated logits, where none is. */
function entropyOfReal(logits: Tensor): Tensor {
  return np.mean(np.logaddexp(logits.mul(-1), np.zeros([1])));
}

function lossOfD(p: Weights, moments: Weights, real: Tensor, fake: Tensor): Pass {
  const [ofReal, between] = discriminate(tree.ref(p), moments, real);
  const [ofFake, after] = discriminate(p, between, fake);
  return [entropyOfReal(ofReal).add(entropyOfReal(ofFake.mul(-1))).mul(0.5), after];
}

function lossOfG(
  p: Weights,
  moments: readonly [Weights, Weights],
  d: Weights,
  codes: Tensor,
): [Tensor, [Weights, Weights]] {
  const [fake, ofG] = generate(p, moments[0], codes);
  const [logits, ofD] = discriminate(d, moments[1], fake);
  return [entropyOfReal(logits), [ofG, ofD]];
}

/** Both nets, and their BatchNorms' running moments. */
type Pair = { g: State; d: State; moments: [Weights, Weights] };

const step = jit((pair: Pair, scales: [Tensor, Tensor], key: Tensor, real: Tensor) => {
  const batch = real.shape[0]!;
  const [first, second] = random.split(key, 2) as unknown as [Tensor, Tensor];
  const [fake, momentsOfG] = generate(
    tree.ref(pair.g.p),
    pair.moments[0],
    random.normal(first, [batch, CODE]),
  );
  const [[dLoss, momentsOfD], dGradients] = valueAndGrad(lossOfD, { hasAux: true })(
    tree.ref(pair.d.p),
    pair.moments[1],
    real,
    fake,
  ) as unknown as [Pass, Weights];
  const d = descend(ADAM, pair.d, dGradients, tree.ref(scales));
  const [[gLoss, moments], gGradients] = valueAndGrad(lossOfG, { hasAux: true })(
    tree.ref(pair.g.p),
    [momentsOfG, momentsOfD],
    tree.ref(d.p),
    random.normal(second, [batch, CODE]),
  ) as unknown as [[Tensor, [Weights, Weights]], Weights];
  const g = descend(ADAM, pair.g, gGradients, scales);
  return [dLoss.add(gLoss), { g, d, moments }] as [Tensor, Pair];
});

/** Normal(0, 0.02) filters, and BatchNorm's scales of 1 and shifts of 0, for these channels. */
function initialWeights(
  filters: Record<string, number[]>,
  biases: Record<string, number[]>,
  norms: Record<string, number>,
  seed: number,
): State {
  const keys = random.split(random.key(seed), Object.keys(filters).length);
  const p: Weights = {};
  Object.entries(filters).forEach(([name, shape], i) => {
    p[name] = random.normal(keys.ref.slice(i), shape).mul(0.02);
  });
  keys.dispose();
  for (const [name, shape] of Object.entries(biases)) p[name] = np.zeros(shape);
  for (const [name, channels] of Object.entries(norms)) {
    p[`${name}Scale`] = np.ones([1, channels, 1, 1]);
    p[`${name}Shift`] = np.zeros([1, channels, 1, 1]);
  }
  return initialState(p);
}

function initialMoments(norms: Record<string, number>): Weights {
  return Object.fromEntries(
    Object.entries(norms).flatMap(([name, channels]) => [
      [`${name}Mean`, np.zeros([1, channels, 1, 1])],
      [`${name}Variance`, np.ones([1, channels, 1, 1])],
    ]),
  );
}

function initialPair(): Pair {
  const normsOfG = { norm1: 64, norm2: 32 }, normsOfD = { norm: 64 };
  return {
    g: initialWeights(
      { start: [CODE, 64 * 7 * 7], filters1: [32, 64, 4, 4], filters2: [1, 32, 4, 4] },
      { bias: [1, 1, 1, 1] },
      normsOfG,
      0,
    ),
    d: initialWeights(
      { filters1: [32, 1, 4, 4], filters2: [64, 32, 4, 4], end: [64 * 7 * 7, 1] },
      { bias1: [1, 32, 1, 1], bias2: [1] },
      normsOfD,
      1,
    ),
    moments: [initialMoments(normsOfG), initialMoments(normsOfD)],
  };
}

/** A step of D and one of G. */
export function pairStep({ batch }: TrainingStep): Prepared {
  let pair = initialPair();
  const noise = pixels(batch * 28 * 28).map((pixel) => 2 * pixel - 1);
  const real = np.array(noise as Float32Array<ArrayBuffer>).reshape([batch, 1, 28, 28]);
  const scales = corrections(ADAM);
  let steps = 0;
  return {
    async run(times) {
      const start = performance.now();
      let last: Tensor | undefined;
      for (let i = 0; i < times; i++) {
        last?.dispose();
        const key = random.key(steps++);
        [last, pair] = step(pair, scales.next().value, key, real.ref) as [Tensor, Pair];
      }
      await blockUntilReady(pair);
      const [value] = await last!.data();
      const seconds = (performance.now() - start) / 1000;
      if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
      return seconds;
    },
    close: () => tree.dispose([pair, real]),
  };
}
