/**
 * One step of an attack on a net, as ops of any program: an attacker's, over a net that is frozen, or
 * a training step's, which then trains on what comes out. The images move up the loss of each, within
 * a ball around where they came from and within the range of pixels, 0..1.
 *
 * The gradient is that of the sum over the batch, never of a mean: each image moves by its own loss
 * alone, and a mean would only make gradients smaller. Small they are already where a net is sure:
 * the cross-entropy's gradient at the logits is softmax - one-hot, and what is below 2^-51 of it on
 * the way back is +0 by the arithmetic contract. What remains is the softmax's own rounding: where
 * the label leads by 17 nats, its probability rounds to 1 and its logit no longer takes part in the
 * direction; from 35 nats on the others' probabilities are 0 too, and the image has no gradient and
 * stays where it is. Such a net looks robust without being so. The margin's gradient is 1 and -1
 * there as everywhere: only a net that withstands this loss too is robust.
 */
import { gradients } from "../graph/gradients.ts";
import type { Graph } from "../graph/graph.ts";
import type { Noise } from "../nn/net.ts";
import { add, multiply, scalar, scale, subtract } from "../ops/arithmetic.ts";
import { attackStep } from "../ops/attack_step.ts";
import { clamp } from "../ops/clamp.ts";
import { gather } from "../ops/gather.ts";
import { margin } from "../ops/margin.ts";
import type { Value } from "../ops/op.ts";
import { random } from "../ops/random.ts";
import { rescaleRows } from "../ops/rescale_rows.ts";
import { softmaxCrossEntropy } from "../ops/softmax_cross_entropy.ts";
import { sum } from "../ops/sum.ts";

/** Which distance from the origin the ball bounds: each pixel's own, or the Euclidean one. */
export type AttackNorm = "max" | "l2";

/** What an attack climbs; of the margin the negative. */
export type AttackLoss = "cross-entropy" | "margin";

/** What one step of an attack is made of. */
export interface AttackStep {
  /** Emits the net over images, up to its logits [batch, classes]; its weights are as they are. */
  forward(x: Value): Value;
  /** The images before the step, [batch, height, width, channels] or of any shape a net takes. */
  readonly x: Value;
  /** Where they came from, in 0..1: the ball's centre. */
  readonly origin: Value;
  /** u32 [batch]; a row whose label is no class does not move. */
  readonly labels: Value;
  /** f32 [2]: the ball's radius and the step's size; a negative one descends, towards the labels. */
  readonly sizes: Value;
  readonly norm: AttackNorm;
  readonly loss: AttackLoss;
}

/**
 * Emits the images after one step up the loss. In the max norm each pixel moves by the step's size;
 * in the Euclidean one the image moves by that size along its gradient, then back to the ball where it
 * left it, and each pixel into 0..1, which takes no pixel further from its origin.
 *
 * What comes out is data: no gradient flows back through a step.
 *
 * Within the ball it is up to rounding: in the max norm each pixel up to 2^-25, in the Euclidean one
 * an image of n pixels up to sqrt(n) * 2^-25 and the share of the radius that `rescaleRows` states.
 *
 * @throws {ShapeError} when the tensors do not fit together.
 */
export function emitAttackStep(graph: Graph, step: AttackStep): Value {
  const { x, origin, sizes, norm } = step;
  const slope = emitSlope(graph, step);
  return graph.scope("attack", () => {
    if (norm === "max") return attackStep(x, slope, origin, sizes);
    const [epsilon, size] = [part(graph, sizes, 0), part(graph, sizes, 1)];
    const moved = add(x, rescaleRows(slope, size, { atMost: false }));
    const within = rescaleRows(subtract(moved, origin), epsilon, { atMost: true });
    return clamp(add(origin, within), PIXELS);
  });
}

/**
 * Emits where an attack starts that draws its start: in the max norm each pixel is moved by a uniform
 * number within the radius, in the Euclidean one the image by the radius in a uniform direction; then
 * into 0..1. It is within the ball as after {@link emitAttackStep}, since rounding keeps order.
 *
 * Element i of the batch draws the stream's number i of that step.
 *
 * @throws {ShapeError} when the tensors do not fit together.
 */
export function emitRandomStart(
  graph: Graph,
  { origin, key, step, sizes, norm }:
    & Pick<AttackStep, "origin" | "sizes" | "norm">
    & Noise,
): Value {
  return graph.scope("attack start", () => {
    const { shape } = origin;
    const epsilon = part(graph, sizes, 0);
    const offset = norm === "max"
      ? multiply(
        subtract(scale(random(key, step, { kind: "uniform", shape }), 2), scalar(graph, 1)),
        epsilon,
      )
      : rescaleRows(random(key, step, { kind: "normal", shape }), epsilon, { atMost: false });
    return clamp(add(origin, offset), PIXELS);
  });
}

const PIXELS = { from: 0, to: 1 };

/** The gradient of the batch's summed loss with respect to the images. */
function emitSlope(graph: Graph, { forward, x, labels, loss }: AttackStep): Value {
  const logits = forward(x);
  const losses = loss === "margin"
    ? scale(margin(logits, labels), -1)
    : softmaxCrossEntropy(logits, labels);
  return gradients(graph, sum(losses), [x])[0]!;
}

/** One number out of several: f32 [1]. */
function part(graph: Graph, numbers: Value, index: number): Value {
  const rows = graph.reshape(numbers, [numbers.shape[0]!, 1]);
  return graph.reshape(gather(rows, graph.constant(Uint32Array.of(index), [1])), [1]);
}
