/**
 * Training on adversarial images: a step's batch is attacked before the net learns from it. The
 * attack is unrolled in the step's program, against the weights as they are before the step and the
 * net as it infers: nothing is dropped, running moments are taken, and no gradient of the step's own
 * flows back through it. How far the images may be moved comes from a table of a row a step, since
 * it may grow.
 */
import { z } from "zod";
import type { Graph, State } from "../graph/graph.ts";
import type { Weights } from "../nn/initialisers.ts";
import { Net } from "../nn/net.ts";
import { gather } from "../ops/gather.ts";
import type { Value } from "../ops/op.ts";
import { type AttackLoss, emitAttackStep, emitRandomStart } from "./attack_step.ts";
import type { NetState } from "./net_state.ts";
import { emitStep, WINDOW } from "./window.ts";

const RANGE = "a share of the pixel range: above 0 and at most 1";
/** In units of the pixel range, 0..1. */
const size = z.number().gt(0, RANGE).max(1, RANGE);

/** An attack is unrolled in the step's program, and a record from a stranger could ask for any number. */
const MOST_STEPS = 100;

const CLEAN = "a share from 0 to below 1; with 1 nothing would be learnt from adversarial images";

const common = {
  /** How far a pixel may be moved: in the max norm. */
  epsilon: size,
  /** Share of the loss that is taken on the images as they are. */
  clean: z.number().min(0, CLEAN).lt(1, CLEAN).default(0),
  /** Steps over which epsilon and the step size grow linearly from 0. */
  ramp: z.int().min(1).optional(),
};

/** The schema of an attack in the max norm that a net is trained against. */
export const adversarySchema = z.discriminatedUnion("attack", [
  /**
   * One step along the sign of the gradient (Goodfellow et al. 2015): from the image itself, or from
   * a random point within epsilon of it (Wong et al. 2020).
   */
  z.strictObject({
    attack: z.literal("fgsm"),
    start: z.enum(["image", "random"]).default("image"),
    /** From a random start; epsilon if left out. */
    stepSize: size.optional(),
    ...common,
  }).refine(
    ({ start, stepSize }) => start === "random" || stepSize === undefined,
    "from the image itself the step is epsilon; drop stepSize, or let it start at random",
  ),
  /** Projected gradient: several such steps, each brought back within epsilon (Madry et al. 2018). */
  z.strictObject({
    attack: z.literal("pgd"),
    start: z.enum(["random", "image"]).default("random"),
    stepSize: size,
    steps: z.int().min(1).max(MOST_STEPS),
    ...common,
  }),
]);

/** Whom a net is trained against, defaults filled in. */
export type Adversary = z.output<typeof adversarySchema>;

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
  /** Where the weights of layers start that declare nothing themselves. */
  readonly weights?: Weights | undefined;
  readonly loss: AttackLoss;
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
  adversary: Adversary,
  state: NetState,
  { x: origin, labels, weights, loss, forward }: AttackedBatch,
): Value {
  return graph.scope("adversary", () => {
    const net = new Net(graph, state.parameters, { statistics: state.statistics, weights });
    const sizes = graph.reshape(gather(graph.leaf(SIZES, [WINDOW, 2]), cursor), [2]);
    const of = { origin, sizes, norm: "max" } as const;
    let x = origin;
    if (adversary.start === "random") {
      const noise = state.noise(graph, emitStep(graph, cursor), "adversary");
      x = emitRandomStart(graph, { ...of, ...noise });
    }
    for (let i = 0; i < attackPasses(adversary); i++) {
      const logits = (x: Value) => forward(net, x);
      x = emitAttackStep(graph, { ...of, forward: logits, x, labels, loss });
    }
    return x;
  });
}
