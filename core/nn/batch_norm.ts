/** Batch normalisation (Ioffe and Szegedy 2015). */
import { z } from "zod";
import { batchNorm as batchNormOp } from "../ops/batch_norm.ts";
import { follow } from "../ops/follow.ts";
import { moments } from "../ops/moments.ts";
import { ShapeError, show, size } from "../ops/op.ts";
import { ones, zeros } from "./initialisers.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({
  layer: z.literal("batchNorm"),
  /** The share of the running moments that a training step keeps, as Keras names it. */
  momentum: z.number().min(0).lt(1, "a share below 1").default(0.9),
  /** Added to a variance before its root is taken. */
  epsilon: z.number().min(1e-12).default(1e-5),
});

/** A declared batch normalisation, defaults filled in. */
export type BatchNorm = z.output<typeof schema>;

/** A batch normalisation as it is declared: momentum 0.9 and epsilon 1e-5 if left out. */
export type BatchNormDeclaration = z.input<typeof schema>;

/**
 * The layer `batchNorm`: each channel (the last axis) less its mean, over its standard deviation,
 * times gamma (1 at first), plus beta (0 at first).
 *
 * In training the moments are the batch's, over all axes but the last, the variance the biased one.
 * The running moments (mean 0 and variance 1 at first) follow them: running becomes
 * momentum * running + (1 - momentum) * batch, with the batch's unbiased variance, as in PyTorch,
 * whose own `momentum` is 1 minus this one. In inference they are the moments.
 *
 * A batch of one image can be trained on after a convolution, where a channel has height * width
 * numbers, and not after a dense layer, where it has one.
 *
 * @throws {ShapeError} in training when a channel has one number only.
 */
export const batchNormLayer: LayerKind<BatchNorm> = {
  schema,
  apply(net, x, { momentum, epsilon }) {
    const channels = x.shape.at(-1)!;
    const count = size(x.shape) / channels;
    const gamma = net.parameter("gamma", [channels], ones);
    const beta = net.parameter("beta", [channels], zeros);
    const running = {
      mean: net.statistic("running mean", [channels], zeros),
      variance: net.statistic("running variance", [channels], ones),
    };
    const rows = x.builder.reshape(x, [count, channels]);
    const own = net.mode !== "inference";
    if (own && count === 1) {
      throw new ShapeError(
        `the input ${show(x.shape)} has one number a channel, whose variance says nothing; ` +
          "train with a batch of at least 2",
      );
    }
    const { mean, variance } = own ? moments(rows) : running;
    if (net.mode === "training") {
      const share = 1 - momentum;
      follow(mean, running.mean, { keep: momentum, share });
      follow(variance, running.variance, { keep: momentum, share: share * count / (count - 1) });
    }
    const y = batchNormOp(rows, { mean, variance, gamma, beta }, { epsilon, own });
    return x.builder.reshape(y, x.shape);
  },
};

/**
 * Declares a batch normalisation; see {@link batchNormLayer}.
 *
 * @example
 * ```ts
 * import { batchNorm } from "./batch_norm.ts";
 * console.assert(batchNorm().layer === "batchNorm");
 * console.assert(batchNorm({ momentum: 0.99 }).momentum === 0.99);
 * ```
 */
export function batchNorm(config: Omit<BatchNormDeclaration, "layer"> = {}): BatchNormDeclaration {
  return { layer: "batchNorm", ...config };
}
