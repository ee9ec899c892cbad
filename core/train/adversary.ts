/**
 * Training on adversarial images: a step's batch is attacked before the net learns from it. The
 * attack is unrolled in the step's program, against the weights as they are before the step and the
 * net as it infers: nothing is dropped, running moments are taken, and no gradient of the step's own
 * flows back through it. How far the images may be moved comes from a table of a row a step, since
 * it may grow.
 */
import type { Graph, State } from "../graph/graph.ts";
import { Net } from "../nn/net.ts";
import { gather } from "../ops/gather.ts";
import type { Value } from "../ops/op.ts";
import { emitAttackStep, emitRandomStart } from "./attack_step.ts";
import type { NetState } from "./net_state.ts";
import type { SupervisedConfig } from "./supervised.ts";
import { emitStep, WINDOW } from "./window.ts";

/** An attack in the max norm; sizes are in units of the pixel range, 0..1. */
export type Adversary =
  & {
    readonly epsilon: number;
    readonly start: "image" | "random";
    /** Share of the loss on the images as they are. */
    readonly clean: number;
    /** Steps over which sizes grow linearly from 0; they are what they are from the start if left out. */
    readonly ramp?: number | undefined;
  }
  & (
    /** One step; of epsilon if no size is given. */
    | { readonly attack: "fgsm"; readonly stepSize?: number | undefined }
    | { readonly attack: "pgd"; readonly stepSize: number; readonly steps: number }
  );

/** Epsilon and step size of each step of a window: the host writes them by {@link sizesOf}. */
export const SIZES: State = { name: "adversary's sizes", type: "f32", length: WINDOW * 2 };

/** What {@link SIZES} holds for steps `from` to `to - 1`. */
export function sizesOf(adversary: Adversary, from: number, to: number): Float32Array {
  const { epsilon, stepSize = epsilon, ramp } = adversary;
  return Float32Array.from({ length: 2 * (to - from) }, (_, i) => {
    const share = ramp === undefined ? 1 : Math.min(1, (from + (i >> 1)) / ramp);
    return share * (i % 2 === 0 ? epsilon : stepSize);
  });
}

/** Times that an adversary's images pass the net and back before the step learns from them. */
export function attackPasses(adversary: Adversary): number {
  return adversary.attack === "pgd" ? adversary.steps : 1;
}

/** What is attacked. */
export interface AttackedBatch {
  /** [batch, height, width, channels], pixels in 0..1. */
  readonly x: Value;
  readonly labels: Value;
  /** Emits the net over images, up to its logits. */
  forward(net: Net, x: Value): Value;
}

/**
 * Emits the adversarial images of a step's batch, up to rounding within epsilon of its own; a random
 * start is drawn by the stream "noise/adversary" and the step.
 *
 * @throws {ShapeError} naming the layer when the net does not fit.
 */
export function emitAdversarialImages(
  graph: Graph,
  cursor: Value,
  { weights, loss }: SupervisedConfig,
  adversary: Adversary,
  state: NetState,
  { x: origin, labels, forward }: AttackedBatch,
): Value {
  return graph.scope("adversary", () => {
    const net = new Net(graph, state.parameters, { statistics: state.statistics, weights });
    const sizes = graph.reshape(gather(graph.leaf(SIZES, [WINDOW, 2]), cursor), [2]);
    const of = { origin, sizes, norm: "max" } as const;
    const climbed = loss === "hinge" ? "margin" : "cross-entropy";
    let x = origin;
    if (adversary.start === "random") {
      const noise = state.noise(graph, emitStep(graph, cursor), "adversary");
      x = emitRandomStart(graph, { ...of, ...noise });
    }
    for (let i = 0; i < attackPasses(adversary); i++) {
      const logits = (x: Value) => forward(net, x);
      x = emitAttackStep(graph, { ...of, forward: logits, x, labels, loss: climbed });
    }
    return x;
  });
}
