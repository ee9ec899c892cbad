/**
 * Virtual adversarial training (Miyato, Maeda, Koyama, Nakae and Ishii 2016; Miyato, Maeda, Koyama and
 * Ishii 2018): a net is to say the same of an image u as of u + r, where r is the change of a given
 * length that moves its answer the most. Nobody's label is needed for that, so it is asked of images
 * without one.
 *
 * How far an answer p = softmax(logits(u)) moves is the Kullback-Leibler divergence from p, which is 0
 * and flat at r = 0; what rules it near there is its second derivative H, and r lies along the largest
 * eigenvector of H. A power iteration finds it: a random direction d becomes H d, which is the
 * divergence's gradient at u + xi d over xi, and so on. The term of the loss is then the cross-entropy
 * of the answer at u + r with p, whose gradient is the divergence's: p and r count as constants.
 */
import { z } from "zod";
import { gradients } from "../graph/gradients.ts";
import type { Graph } from "../graph/graph.ts";
import { add } from "../ops/arithmetic.ts";
import { mean } from "../ops/mean.ts";
import type { Value } from "../ops/op.ts";
import { rescaleRows } from "../ops/rescale_rows.ts";
import { softCrossEntropy } from "../ops/soft_cross_entropy.ts";
import { softmax } from "../ops/softmax.ts";
import { sum } from "../ops/sum.ts";

const count = z.int().min(1);

/** They are unrolled in the step's program, and a record from a stranger could ask for any number. */
const MOST_ITERATIONS = 100;

/** Beyond it no change is small, and a number from a stranger could be none in f32. */
const LONGEST = 1_000;
/** Nearer, the answer moves by little more than its rounding. */
const NEAREST = 1e-4;

/** The schema of virtual adversarial training. Lengths are Euclidean, in units of the net's input. */
export const virtualSchema = z.strictObject({
  /** The length of r. */
  epsilon: z.number().positive().max(LONGEST),
  /**
   * How far the power iteration steps aside. Too near and the answer moves by its rounding only: in a
   * small net r was off by a fifth of its length at 1e-6, which is the papers', and by less than 1e-3
   * of it from 0.01 on; too far and it is no second derivative. 0.1 to 1 are good for images of some
   * hundred pixels k/255.
   */
  xi: z.number().min(NEAREST).max(LONGEST),
  /** Steps of the power iteration. */
  iterations: count.max(MOST_ITERATIONS).default(1),
  /** Of this term in the loss. */
  weight: z.number().min(0).max(LONGEST).default(1),
  /** Images per step that are shown without their labels. */
  batch: count.default(256),
});

/** Virtual adversarial training, defaults filled in. */
export type Virtual = z.output<typeof virtualSchema>;

/** What the term of a step is made of. */
export interface VirtualParts {
  /** Emits the net over images, up to its logits [images, classes]. */
  forward(x: Value): Value;
  /** The images u, [images, height, width, channels]. */
  readonly x: Value;
  /** Where the power iterations start, random and of the same shape; of any length. */
  readonly directions: Value;
}

/**
 * Emits the term before it is weighed, its mean over the images in nats, and r, each image's of the
 * length epsilon, or 0 where its answer moves nowhere.
 */
export function emitVirtualLoss(
  graph: Graph,
  { forward, x, directions }: VirtualParts,
  { epsilon, xi, iterations }: Omit<Virtual, "weight" | "batch">,
): { readonly loss: Value; readonly r: Value } {
  const scoped = (emit: () => Value) => graph.scope("virtual", emit);
  const along = (direction: Value, length: number) =>
    rescaleRows(direction, graph.constant(Float32Array.of(length), [1]), { atMost: false });
  // The layers stand outside of this scope, since their names are those of their parameters.
  const logits = forward(x);
  const answers = scoped(() => softmax(logits));
  let found = directions;
  for (let i = 0; i < iterations; i++) {
    const aside = scoped(() => add(x, along(found, xi)));
    const there = forward(aside);
    const moved = scoped(() => sum(softCrossEntropy(there, answers)));
    found = gradients(graph, moved, [aside])[0]!;
  }
  const r = scoped(() => along(found, epsilon));
  const there = forward(scoped(() => add(x, r)));
  return { loss: scoped(() => mean(softCrossEntropy(there, answers))), r };
}
