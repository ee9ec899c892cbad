/** What a kind of optimiser is: one file each, and one line in `optimisers.ts`. */
import type { z } from "zod";
import type { Op } from "../ops/op.ts";

/** A kind of optimiser: an update in place over flat buffers, and the host numbers of each step. */
export interface OptimiserKind<Config extends { readonly optimiser: string }> {
  readonly schema: z.ZodType<Config>;
  /** Inputs: parameters, gradients, the moments in order, this step's scalars. */
  readonly op: Op<unknown>;
  /** Flat buffers kept beside the parameters, each as long as they are. */
  readonly moments: readonly string[];
  /** How many scalars a step has. */
  readonly scalarCount: number;
  /**
   * The scalars of steps `from` to `to - 1` (counted from 0), row by row; in f64 from + - * / and
   * the square root alone, so that every engine computes the same.
   */
  scalars(config: Config, from: number, to: number): Float32Array<ArrayBuffer>;
}
